using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Alerts;

/// <summary>
/// Holds one asset's active alerts in an ordered index and fires those a price crosses. Key: the asset, BTC. Refuses with
/// <see cref="Operations.RefusedException"/>.
/// </summary>
[Alias("IAlertGrain")]
public interface IAlertGrain : IGrainWithStringKey
{
    /// <summary>Stores an alert and starts watching; committed when it returns.</summary>
    [Alias("Create")]
    Task<Alert> CreateAsync(Actor actor, AlertRequest request);

    /// <summary>
    /// Replaces what an active alert asks for; its type stays. It is watched anew from now on: what the market crossed before counts for
    /// nothing, and a percentage counts from the price now.
    /// </summary>
    [Alias("Change")]
    Task<Alert> ChangeAsync(Actor actor, long alertId, AlertRequest request);

    /// <summary>Stops watching an alert of this user. False when it was not active any more; it never fires after that.</summary>
    [Alias("Cancel")]
    Task<bool> CancelAsync(Actor actor, long alertId);

    /// <summary>Tells that a signal of this asset was issued. Whoever is not told finds it within a minute.</summary>
    [Alias("SignalIssued")]
    Task SignalIssuedAsync(Signal signal);

    /// <summary>
    /// Tells that stops or targets of positions in this asset were stored: they are watched at once. Whoever is not told finds them within a
    /// minute.
    /// </summary>
    /// <param name="ended">Ids of those that were ended.</param>
    [Alias("LevelsChanged")]
    Task LevelsChangedAsync(long[] ended);

    [Alias("GetStatus")]
    Task<AlertIndexStatus> GetStatusAsync();
}

/// <summary>signal_alerts.alert_type.</summary>
public enum AlertType : byte
{
    PriceTarget,

    /// <summary>Fires when the asset's timing grain issues a signal.</summary>
    SignalGenerated,
    VolumeSpike,

    /// <summary>Fires when a candle closes with an indicator as the condition says.</summary>
    Indicator,
}

/// <summary>
/// signal_alerts.condition. Above fires at or above the value, Below at or below it, Equals when the price comes within a tick of
/// it or passes it, PercentageChange when the price has moved by the signed percentage: from the price at creation, or within
/// a window from its lowest (or highest) price.
/// </summary>
public enum AlertCondition : byte
{
    Above,
    Below,
    Equals,
    PercentageChange,

    /// <summary>Of an indicator: at or above the value, and below it at the candle before.</summary>
    CrossesAbove,

    /// <summary>Of an indicator: at or below the value, and above it at the candle before.</summary>
    CrossesBelow,
}

/// <summary>What an indicator alert looks at: closed candles only.</summary>
/// <param name="Text">An indicator of the catalogue: rsi(14).</param>
/// <param name="Output">One of its values; null where it has but one.</param>
[GenerateSerializer, Immutable, Alias("indicator-value")]
public sealed record IndicatorValue(
    [property: Id(0)] string Text,
    [property: Id(1)] string? Output,
    [property: Id(2)] Timeframe Timeframe);

/// <summary>Where a person is told: signal_alerts.channels.</summary>
public enum AlertChannel : byte
{
    Email,
    Push,
    Sms,
}

/// <summary>What became of an alert.</summary>
public enum AlertStatus : byte
{
    /// <summary>Watched, or waiting for its cool-down to end.</summary>
    Active,

    /// <summary>Fired, and was to fire once.</summary>
    Triggered,
    Expired,
    Cancelled,
}

/// <summary>What a user asks for.</summary>
/// <param name="Condition">Null for SignalGenerated; Above for VolumeSpike; Above, Below, CrossesAbove or CrossesBelow for Indicator.</param>
/// <param name="TriggerValue">
/// USD for price targets, a signed percentage for PercentageChange, the multiple of the average 1m volume of the last
/// 20 minutes for VolumeSpike, what the indicator is compared with, null for SignalGenerated.
/// </param>
/// <param name="WindowMinutes">Of a PercentageChange: 5, 15, 30, 60, 240, 720 or 1440; null: from creation.</param>
/// <param name="CooldownSeconds">
/// Null: it fires once. Else it is armed again so long after it fired, and fires again when its condition holds then or comes
/// true later; a percentage without a window counts from the price that fired it.
/// </param>
/// <param name="Message">The user's own words.</param>
/// <param name="Channels">At least one, each once.</param>
/// <param name="Indicator">Of an Indicator alert; null for any other.</param>
[GenerateSerializer, Immutable, Alias("alert-request")]
public sealed record AlertRequest(
    [property: Id(0)] AlertType Type,
    [property: Id(1)] AlertCondition? Condition,
    [property: Id(2)] decimal? TriggerValue,
    [property: Id(3)] int? WindowMinutes,
    [property: Id(4)] int? CooldownSeconds,
    [property: Id(5)] string? Message,
    [property: Id(6)] AlertChannel[] Channels,
    [property: Id(7)] DateTimeOffset? ExpiresAt,
    [property: Id(8)] IndicatorValue? Indicator = null);

/// <param name="ReferencePrice">USD, from which a percentage without a window counts.</param>
/// <param name="TriggeredAt">When it fired last.</param>
/// <param name="LastChecked">Up to when the market has been looked at for it; in a cool-down its end.</param>
[GenerateSerializer, Immutable, Alias("alert")]
public sealed record Alert(
    [property: Id(0)] long Id,
    [property: Id(1)] long UserId,
    [property: Id(2)] string Symbol,
    [property: Id(3)] AlertRequest Request,
    [property: Id(4)] decimal? ReferencePrice,
    [property: Id(5)] AlertStatus Status,
    [property: Id(6)] DateTimeOffset? TriggeredAt,
    [property: Id(7)] DateTimeOffset? LastChecked,
    [property: Id(8)] DateTimeOffset CreatedAt);

/// <param name="Watching">Alerts in the index.</param>
/// <param name="PendingTriggers">Crossed, not yet committed (the database is away).</param>
[GenerateSerializer, Immutable, Alias("alert-index-status")]
public sealed record AlertIndexStatus(
    [property: Id(0)] string Symbol,
    [property: Id(1)] int Watching,
    [property: Id(2)] int PendingTriggers,
    [property: Id(3)] long Triggered,
    [property: Id(4)] DateTimeOffset? LastChecked);
