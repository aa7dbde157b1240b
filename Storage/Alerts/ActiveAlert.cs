using CryptoAI.Grains.Interfaces.Alerts;

namespace CryptoAI.Storage.Alerts;

/// <summary>What the alert index needs to know of one watched alert; small, because a symbol may have a million.</summary>
/// <param name="Condition">Null for signal_generated alerts, which have neither condition nor value.</param>
/// <param name="TriggerValue">As in <see cref="AlertRequest.TriggerValue"/>.</param>
/// <param name="ReferencePrice">USD, from which a percentage without a window counts.</param>
/// <param name="LastChecked">Up to when the market has been looked at for it; null when it never was.</param>
/// <param name="Occurrence">Which arming is under watch.</param>
/// <param name="WindowMinutes">As in <see cref="AlertRequest.WindowMinutes"/>.</param>
/// <param name="CooldownSeconds">As in <see cref="AlertRequest.CooldownSeconds"/>.</param>
/// <param name="Indicator">As in <see cref="AlertRequest.Indicator"/>, with its output.</param>
public readonly record struct ActiveAlert(
    long Id,
    AlertType Type,
    AlertCondition? Condition,
    decimal? TriggerValue,
    decimal? ReferencePrice,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastChecked,
    int Occurrence = 1,
    int? WindowMinutes = null,
    int? CooldownSeconds = null,
    IndicatorValue? Indicator = null)
{
    /// <summary>The moment from which the market counts for it.</summary>
    public DateTimeOffset Since => LastChecked ?? CreatedAt;
}

/// <summary>An alert that the market has crossed.</summary>
/// <param name="Occurrence">The arming under watch when it did.</param>
/// <param name="Price">USD, of the trade or candle that crossed it.</param>
/// <param name="At">Time of that trade or candle, exchange clock.</param>
/// <param name="Symbol">The asset.</param>
/// <param name="RearmAt">From when it counts again, if it repeats.</param>
public readonly record struct AlertTrigger(long AlertId, int Occurrence, decimal Price, DateTimeOffset At, string Symbol, DateTimeOffset RearmAt);
