using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
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

    /// <summary>How far the price must move within which window; false for alerts of another kind.</summary>
    public static bool TryMove(in ActiveAlert alert, out PriceMove move)
    {
        move = default;
        if (alert is not { Type: AlertType.PriceTarget, Condition: AlertCondition.PercentageChange, WindowMinutes: { } window, TriggerValue: { } value })
        {
            return false;
        }

        move = new PriceMove(alert.Id, window, (long)Math.Round(Math.Clamp(value, -100, 1_000_000) * (PriceMoves.Unit / 100)));
        return move.Move != 0;
    }

    public static long MinuteOf(Candle minute) => minute.OpenTime.ToUnixTimeSeconds() / 60;

    /// <summary>
    /// Where an alert's price lies and from which side it is reached; false for alerts that do not watch the price or look back over
    /// a window, and for a percentage without the price it counts from.
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
            case AlertCondition.PercentageChange when alert.WindowMinutes is null && reference is { } from:
                level = new AlertLevel(alert.Id, ToLevel(from * (1 + (value / 100))), value > 0 ? AlertDirection.Up : AlertDirection.Down);
                return true;
            default:
                return false;
        }
    }
}
