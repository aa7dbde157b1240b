namespace CryptoAI.Grains.Interfaces.Alerts;

/// <summary>Holds one asset's active alerts in an ordered index and fires those a price crosses. Key: the asset, BTC.</summary>
[Alias("IAlertGrain")]
public interface IAlertGrain : IGrainWithStringKey
{
    /// <summary>Stores an alert and starts watching; committed when it returns.</summary>
    [Alias("Create")]
    Task<Alert> CreateAsync(AlertRequest request);

    /// <summary>Stops watching an alert of this user. False when there is no such active alert.</summary>
    [Alias("Cancel")]
    Task<bool> CancelAsync(long userId, long alertId);

    [Alias("GetStatus")]
    Task<AlertIndexStatus> GetStatusAsync();
}

/// <summary>signal_alerts.alert_type.</summary>
public enum AlertType : byte
{
    PriceTarget,
    SignalGenerated,
    VolumeSpike,
}

/// <summary>
/// signal_alerts.condition. Above fires at or above the value, Below at or below it, Equals when the price touches it,
/// PercentageChange when the price has moved by the signed percentage from the price at creation.
/// </summary>
public enum AlertCondition : byte
{
    Above,
    Below,
    Equals,
    PercentageChange,
}

/// <summary>
/// What a user asks for. <paramref name="TriggerValue"/> is USD for price targets, a signed percentage for
/// PercentageChange, and for VolumeSpike the multiple of the average 1m volume of the last 20 minutes.
/// </summary>
[GenerateSerializer, Immutable, Alias("alert-request")]
public sealed record AlertRequest(
    [property: Id(0)] long UserId,
    [property: Id(1)] AlertType Type,
    [property: Id(2)] AlertCondition Condition,
    [property: Id(3)] decimal TriggerValue,
    [property: Id(4)] string? Message,
    [property: Id(5)] string NotificationMethod,
    [property: Id(6)] DateTimeOffset? ExpiresAt);

[GenerateSerializer, Immutable, Alias("alert")]
public sealed record Alert(
    [property: Id(0)] long Id,
    [property: Id(1)] string Symbol,
    [property: Id(2)] AlertRequest Request,
    [property: Id(3)] decimal? ReferencePrice,
    [property: Id(4)] bool IsTriggered,
    [property: Id(5)] DateTimeOffset? TriggeredAt,
    [property: Id(6)] DateTimeOffset CreatedAt);

/// <param name="Watching">Alerts in the index.</param>
/// <param name="PendingTriggers">Crossed, not yet committed (the database is away).</param>
[GenerateSerializer, Immutable, Alias("alert-index-status")]
public sealed record AlertIndexStatus(
    [property: Id(0)] string Symbol,
    [property: Id(1)] int Watching,
    [property: Id(2)] int PendingTriggers,
    [property: Id(3)] long Triggered,
    [property: Id(4)] DateTimeOffset? LastChecked);
