using CryptoAI.Grains.Interfaces.Alerts;

namespace CryptoAI.Storage.Alerts;

/// <summary>What the alert index needs to know of one watched alert; small, because a symbol may have a million.</summary>
/// <param name="Condition">Null for signal_generated alerts, which have neither condition nor value.</param>
/// <param name="TriggerValue">As in <see cref="AlertRequest.TriggerValue"/>.</param>
/// <param name="ReferencePrice">USD at creation.</param>
/// <param name="LastChecked">Up to when the market has been looked at for it; null when it never was.</param>
public readonly record struct ActiveAlert(
    long Id,
    long UserId,
    AlertType Type,
    AlertCondition? Condition,
    decimal? TriggerValue,
    decimal? ReferencePrice,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastChecked,
    DateTimeOffset? ExpiresAt);

/// <summary>An alert that the market has crossed.</summary>
/// <param name="Price">USD, of the trade or candle that crossed it.</param>
/// <param name="At">Time of that trade or candle, exchange clock.</param>
/// <param name="Symbol">The asset.</param>
public readonly record struct AlertTrigger(long AlertId, decimal Price, DateTimeOffset At, string Symbol);
