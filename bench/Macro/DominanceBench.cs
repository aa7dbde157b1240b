using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;

namespace CryptoAI.Bench.Macro;

/// <summary>Bitcoin's share from our own sums beside the published one, 2021. Exit code 1 when the mean absolute difference of the whole sum is a point or more.</summary>
public static class DominanceBench
{
    private const double Limit = 1;

    public static int Run()
    {
        Console.WriteLine($"dominance: daily 2021, bitcoin's share of recorded capitalisations beside the published series; limit of the mean absolute difference {Limit:F0} point");
        var published = RecordedSeries.Daily("btc_dominance_daily_to_2025-06.csv.gz", 1);
        var totals = RecordedSeries.Daily("coingecko_total_cap_daily_2021.csv.gz", 1);
        var coins = RecordedSeries.Daily("coingecko_total_cap_daily_2021.csv.gz", 2);
        var caps = RecordedSeries.Rows("coingecko_top60_daily_2021.csv.gz").GroupBy(static row => RecordedSeries.Day(row[0])).ToDictionary(
            static day => day.Key,
            static day => day.Select(static row => (Symbol: row[2] switch { "bitcoin" => "BTC", "ethereum" => "ETH", var other => other }, Cap: RecordedSeries.Number(row[4]))).ToArray());
        var top = caps.ToDictionary(static day => day.Key, static day => Dominance.Of(day.Value)!.Value);
        var whole = caps.Where(day => totals.ContainsKey(day.Key)).ToDictionary(
            static day => day.Key, day => Dominance.Of([.. day.Value, ("the rest", totals[day.Key] - day.Value.Sum(static cap => cap.Cap))])!.Value);
        var both = top.Keys.Where(published.ContainsKey).Order().ToArray();
        Console.WriteLine($"  {both.Length} days in common; the published series lacks {top.Count - both.Length}; coins in the sum {coins[both[0]]:F0} to {coins[both[^1]]:F0}");
        var off = Off(both, day => top[day].Btc, published);
        Console.WriteLine($"  top 60 of each day     mean absolute difference {off.Estimate:F2} points [{off.Lower:F2}, {off.Upper:F2}]; mean {both.Average(day => top[day].Btc - published[day]):+0.00;-0.00}");
        var known = both.Where(whole.ContainsKey).ToArray();
        var complete = Off(known, day => whole[day].Btc, published);
        Console.WriteLine($"  all coins of the source mean absolute difference {complete.Estimate:F2} points [{complete.Lower:F2}, {complete.Upper:F2}]; mean {known.Average(day => whole[day].Btc - published[day]):+0.00;-0.00}");
        Console.WriteLine($"  the coins beyond the top 60 hold {known.Average(day => 100 * (1 - (top[day].TotalCap / whole[day].TotalCap))):F2} % of the whole sum, which raises bitcoin's share by {known.Average(day => top[day].Btc - whole[day].Btc):F2} points when they are left out");
        foreach (var month in known.GroupBy(static day => day.Month))
        {
            Console.WriteLine($"    2021-{month.Key:00} published {month.Average(day => published[day]):F1}, top 60 {month.Average(day => top[day].Btc):F1}, all {month.Average(day => whole[day].Btc):F1}, ether {month.Average(day => whole[day].Eth):F1}, alts {month.Average(day => whole[day].Alts):F1}");
        }

        Console.WriteLine(complete.Estimate < Limit ? "  within the limit" : "  BEYOND THE LIMIT");
        return complete.Estimate < Limit ? 0 : 1;
    }

    private static Interval Off(DateOnly[] days, Func<DateOnly, double> ours, IReadOnlyDictionary<DateOnly, double> published)
    {
        double[] off = [.. days.Select(day => Math.Abs(ours(day) - published[day]))];
        return new BlockBootstrap(30, Seed: 2021).Of(off.Length, times =>
        {
            var sum = 0.0;
            foreach (var time in times)
            {
                sum += off[time];
            }

            return sum / times.Length;
        });
    }
}
