using CryptoAI.Analysis.Series;

namespace CryptoAI.Analysis.Sectors;

/// <summary>Prices of an asset at a whole hour and a day, a week and a month before it, USD; NaN where they are not known.</summary>
public readonly record struct HourlyPrices(double Now, double DayAgo, double WeekAgo, double MonthAgo)
{
    public static HourlyPrices Unknown { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN);

    internal double Ago(int days) => days switch
    {
        SectorPerformance.Day => DayAgo,
        SectorPerformance.Week => WeekAgo,
        SectorPerformance.Month => MonthAgo,
        _ => double.NaN,
    };
}

/// <summary>An asset as a sector sees it.</summary>
/// <param name="Symbol">Its name.</param>
/// <param name="Share">How much of it counts for the sector, above 0 up to 1.</param>
/// <param name="Days">Its whole days in order.</param>
/// <param name="Hourly">Prices since the last whole day's end and before.</param>
public sealed record SectorCoin(string Symbol, double Share, IReadOnlyList<DailyPoint> Days, HourlyPrices Hourly);

/// <summary>An asset that is left out of a figure.</summary>
/// <param name="Reason">Why, in words.</param>
public sealed record LeftOutCoin(string Symbol, string Reason);
