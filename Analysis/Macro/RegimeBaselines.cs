using System.Runtime.InteropServices;
using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Macro;

/// <summary>
/// Simple rules that a regime model has to stand beside. Each gives one label for each close, from closes up to it; null while there are too few.
/// </summary>
public static class RegimeBaselines
{
    private const int AverageDays = 200;
    private const double AverageBand = 0.05;
    private const int HighDays = 365;
    private const double BullFall = 0.20;
    private const double BearFall = 0.40;
    private const int VolatilityDays = 20;
    private const int LeastPast = 345;

    /// <summary>Bull more than 5 % above the 200-day average, bear more than 5 % below it, else sideways.</summary>
    public static Regime?[] AverageRule(ReadOnlySpan<double> closes)
    {
        var labels = new Regime?[closes.Length];
        var sum = 0.0;
        for (var day = 0; day < closes.Length; day++)
        {
            sum += closes[day];
            if (day >= AverageDays)
            {
                sum -= closes[day - AverageDays];
            }

            if (day >= AverageDays - 1)
            {
                var off = (closes[day] / (sum / AverageDays)) - 1;
                labels[day] = off > AverageBand ? Regime.Bull : off < -AverageBand ? Regime.Bear : Regime.Sideways;
            }
        }

        return labels;
    }

    /// <summary>Bull within 20 % of the highest close of 365 days, bear more than 40 % below it, else sideways.</summary>
    public static Regime?[] DrawdownRule(ReadOnlySpan<double> closes)
    {
        var labels = new Regime?[closes.Length];
        for (var day = HighDays - 1; day < closes.Length; day++)
        {
            var high = 0.0;
            foreach (var close in closes.Slice(day - HighDays + 1, HighDays))
            {
                high = Math.Max(high, close);
            }

            var fall = 1 - (closes[day] / high);
            labels[day] = fall <= BullFall ? Regime.Bull : fall > BearFall ? Regime.Bear : Regime.Sideways;
        }

        return labels;
    }

    /// <summary>
    /// Realised volatility of the last 20 days among all such values before that day: the highest third is called bear, the lowest sideways, the middle
    /// one bull.
    /// </summary>
    public static Regime?[] VolatilityTerciles(ReadOnlySpan<double> closes)
    {
        var labels = new Regime?[closes.Length];
        var past = new List<double>();
        var features = new RegimeFeatures(VolatilityDays);
        for (var day = 0; day < closes.Length; day++)
        {
            if (features.Add(closes[day]) is not { } observation)
            {
                continue;
            }

            // Kept in order, so that a tercile is a place.
            if (past.Count >= LeastPast)
            {
                var sorted = CollectionsMarshal.AsSpan(past);
                labels[day] = observation.LogVolatility > Quantiles.OfSorted(sorted, 2.0 / 3) ? Regime.Bear
                    : observation.LogVolatility < Quantiles.OfSorted(sorted, 1.0 / 3) ? Regime.Sideways
                    : Regime.Bull;
            }

            var place = past.BinarySearch(observation.LogVolatility);
            past.Insert(place < 0 ? ~place : place, observation.LogVolatility);
        }

        return labels;
    }
}
