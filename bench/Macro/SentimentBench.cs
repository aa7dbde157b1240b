using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;

namespace CryptoAI.Bench.Macro;

/// <summary>Our sentiment beside the published fear and greed index: rank correlation, and where the two part.</summary>
public static class SentimentBench
{
    private static readonly string[] Assets = ["BTC", "ETH", "BNB", "ADA", "XRP", "SOL", "UNI", "TRX", "NEAR", "PEPE"];
    private static readonly BlockBootstrap Bootstrap = new(Block: 60, Resamples: 2_000, Seed: 20180201);

    public static int Run()
    {
        Console.WriteLine($"sentiment: ours beside the published fear & greed index, daily; 95 % intervals by circular block bootstrap (block {Bootstrap.Block} days)");
        var series = Assets.ToDictionary(static asset => asset, static asset => RecordedSeries.Candles($"binance_spot_{asset}USDT_1d_to_2025-06.csv.gz", asset));
        var btc = series["BTC"];
        DateOnly[] days = [.. btc.Select(static point => point.Day)];
        double[] Align(IReadOnlyDictionary<DateOnly, double> values, int stale = 4) => [.. days.Select(day => Latest(values, day, stale))];

        // Theirs of a day comes out at its start: it belongs to the close of the day before.
        var index = RecordedSeries.Daily("fear_greed_alternative_me_daily_to_2025-06.csv.gz", 1);
        double[] published = [.. days.Select(day => Latest(index, day.AddDays(1), stale: 0))];
        var all = new SentimentSeries(
            [.. btc.Select(static point => point.Close)],
            [.. btc.Select(static point => point.Volume)],
            Breadth.Above([.. series.Values.Select(points => Align(points.ToDictionary(static point => point.Day, static point => point.Close), stale: 0))], btc.Count),
            Align(RecordedSeries.Daily("btc_dominance_daily_to_2025-06.csv.gz", 1)),
            Align(RecordedSeries.Daily("stablecoin_supply_daily_to_2025-06.csv.gz", 1)));
        var readings = Sentiment.Read(all);
        double[] ours = [.. readings.Select(static reading => reading.Index)];
        var both = Enumerable.Range(0, days.Length).Where(day => !double.IsNaN(ours[day]) && !double.IsNaN(published[day])).ToArray();
        Console.WriteLine($"  {both.Length} days, {days[both[0]]:yyyy-MM-dd} to {days[both[^1]]:yyyy-MM-dd}; of them {both.Count(day => readings[day].Missing.Any())} with a part missing: {string.Join(", ", both.SelectMany(day => readings[day].Missing).GroupBy(static name => name).Select(static group => $"{group.Key} {group.Count()}"))}");
        Console.WriteLine($"  rank correlation of levels      {Text(Correlation(both, ours, published))}");
        Console.WriteLine($"  rank correlation of 7-day moves {Text(Correlation(both, Moves(ours), Moves(published)))}");
        foreach (var year in both.GroupBy(day => days[day].Year))
        {
            Console.WriteLine($"    {year.Key}: {RankCorrelation.Spearman(Pick(ours, [.. year]), Pick(published, [.. year])),6:F2}  mean of ours {Pick(ours, [.. year]).Average():F0}, of the published {Pick(published, [.. year]).Average():F0}");
        }

        Console.WriteLine("  each part alone against the published index:");
        foreach (var part in readings[0].Parts.Select(static part => part.Name).Select(static (name, i) => (name, i)))
        {
            var scores = readings.Select(reading => reading.Parts[part.i].Score).ToArray();
            Console.WriteLine($"    {part.name,-12}{Text(Correlation(both, scores, published))}");
        }

        PrintDepartures(days, both, ours, published, readings);
        return 0;
    }

    private static void PrintDepartures(DateOnly[] days, int[] both, double[] ours, double[] published, SentimentReading[] readings)
    {
        Console.WriteLine("  months that part most (mean of ours less the published, and the parts that pull there, against the published level):");
        var months = both.GroupBy(day => (days[day].Year, days[day].Month)).Where(static month => month.Count() >= 20)
            .Select(month => (month.Key, Days: month.ToArray(), Off: month.Average(day => ours[day] - published[day])))
            .OrderByDescending(static month => Math.Abs(month.Off)).Take(8);
        foreach (var (key, own, off) in months)
        {
            var pulls = readings[0].Parts
                .Select((part, i) => (part.Name, Pull: own.Average(day => double.IsNaN(readings[day].Parts[i].Score) ? 0 : part.Weight * (readings[day].Parts[i].Score - published[day]))))
                .OrderByDescending(pull => pull.Pull * Math.Sign(off)).Take(2);
            Console.WriteLine($"    {key.Year}-{key.Month:00} {off,6:+0;-0} points (ours {own.Average(day => ours[day]):F0}, published {own.Average(day => published[day]):F0}): {string.Join(", ", pulls.Select(static pull => $"{pull.Name} {pull.Pull:+0;-0}"))}");
        }
    }

    private static Interval Correlation(int[] both, double[] ours, double[] published)
    {
        var known = both.Where(day => !double.IsNaN(ours[day]) && !double.IsNaN(published[day])).ToArray();
        var (x, y) = (Pick(ours, known), Pick(published, known));
        double[] left = new double[known.Length], right = new double[known.Length];
        return Bootstrap.Of(known.Length, times =>
        {
            for (var i = 0; i < times.Length; i++)
            {
                (left[i], right[i]) = (x[times[i]], y[times[i]]);
            }

            return RankCorrelation.Spearman(left, right);
        });
    }

    private static double[] Moves(double[] values) => [.. values.Select((value, day) => day < 7 ? double.NaN : value - values[day - 7])];

    private static double[] Pick(double[] values, int[] days) => [.. days.Select(day => values[day])];

    private static string Text(Interval interval) => $"{interval.Estimate,6:F2} [{interval.Lower:F2}, {interval.Upper:F2}]";

    /// <summary>The value of a day, or of one of the few before it.</summary>
    private static double Latest(IReadOnlyDictionary<DateOnly, double> values, DateOnly day, int stale)
    {
        for (var back = 0; back <= stale; back++)
        {
            if (values.TryGetValue(day.AddDays(-back), out var value))
            {
                return value;
            }
        }

        return double.NaN;
    }
}
