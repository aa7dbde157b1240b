using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Storage.Alerts;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// Prices of alerts as integers of eight decimals, the finest the system knows, so that the index never has to change its
/// scale. Prices beyond 92 billion become the end of the range: none gets there.
/// </summary>
internal static class AlertLevels
{
    public const int Scale = 8;

    private const decimal Unit = 100_000_000m;
    private const decimal Highest = long.MaxValue / 100_000_000L;

    public static long ToLevel(decimal price) => price >= Highest ? long.MaxValue : price <= 0 ? 0 : (long)(price * Unit);

    /// <summary>A trade's price at its batch's scale.</summary>
    public static long ToLevel(long price, int scale)
    {
        var level = (Int128)price * Scaled.PowerOfTen(Scale - scale);
        return level > long.MaxValue ? long.MaxValue : (long)level;
    }

    public static decimal ToPrice(long level) => Scaled.ToDecimal(level, Scale);

    /// <summary>
    /// Where an alert's price lies and from which side it is reached; false for alerts that do not watch the price, and for a
    /// percentage without the price it counts from.
    /// </summary>
    public static bool TryPlace(in ActiveAlert alert, decimal? reference, out AlertLevel level)
    {
        level = default;
        if (alert.Type != AlertType.PriceTarget || alert.TriggerValue is not { } value)
        {
            return false;
        }

        switch (alert.Condition)
        {
            case AlertCondition.Above:
                level = new AlertLevel(alert.Id, ToLevel(value), AlertDirection.Up);
                return true;
            case AlertCondition.Below:
                level = new AlertLevel(alert.Id, ToLevel(value), AlertDirection.Down);
                return true;
            case AlertCondition.Equals:
                level = new AlertLevel(alert.Id, ToLevel(value), AlertDirection.Touch);
                return true;
            case AlertCondition.PercentageChange when reference is { } from:
                level = new AlertLevel(alert.Id, ToLevel(from * (1 + (value / 100))), value > 0 ? AlertDirection.Up : AlertDirection.Down);
                return true;
            default:
                return false;
        }
    }
}
