using System.Diagnostics;
using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Macro;

namespace CryptoAI.Bench.Macro;

/// <summary>
/// What follows the regimes of daily bitcoin: labels are filtered, parameters come from the past. Beside three baselines, with both controls. Exit code 1 when a
/// control fails; that the model knows nothing more than its baselines is a result and no failure.
/// </summary>
public static class RegimeBench
{
    private const int Horizon = 20;
    private const int Moves = 1_000;
    private const int Bear = (int)Regime.Bear;
    private const int Sideways = (int)Regime.Sideways;

    // The design was chosen on days before this one; what follows it was looked at once.
    private static readonly DateOnly Held = new(2023, 1, 1);
    private static readonly BlockBootstrap Bootstrap = new(Block: 60, Resamples: 2_000, Seed: 20180101);

    public static int Run()
    {
        Console.WriteLine($"regime: daily BTC, next {Horizon} days, 95 % intervals by circular block bootstrap (block {Bootstrap.Block} days, {Bootstrap.Resamples} resamples, seed {Bootstrap.Seed})");
        var points = RecordedSeries.Candles("binance_spot_BTCUSDT_1d_to_2025-06.csv.gz", "BTC");
        double[] closes = [.. points.Select(static point => point.Close)];
        DateOnly[] days = [.. points.Select(static point => point.Day)];

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var walk = new RegimeWalk();
        RegimeDay?[] told = [.. points.Select(point => walk.Add(point.Day, point.Close))];
        Console.WriteLine($"  {told.Length} days in {watch.Elapsed.TotalSeconds:F1} s, {walk.Estimations.Count} estimations of which {walk.Estimations.Count(static estimation => !estimation.IsTaken)} not taken, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / 1e6:F0} MB allocated (by the estimations)");
        Console.WriteLine($"  labels from {told.First(static day => day is not null)!.Day:yyyy-MM-dd}; the same walk again gives the same labels and probabilities, bit for bit: {IsSame(told, points.Select(point => (point.Day, point.Close)))}");
        PrintModel(walk);

        // All rules are judged on the days that all of them label.
        var first = Array.FindIndex(told, static day => day is not null);
        var model = told.Select(static day => day?.Label).ToArray();
        (string Name, Regime?[] Labels)[] rules =
        [
            ("hidden Markov model", model),
            ("200-day average ±5 %", RegimeBaselines.AverageRule(closes)),
            ("drawdown 20/40 %", RegimeBaselines.DrawdownRule(closes)),
            ("volatility terciles", RegimeBaselines.VolatilityTerciles(closes)),
        ];
        foreach (var (_, labels) in rules)
        {
            Array.Fill(labels, null, 0, Math.Max(first, Array.FindIndex(labels, static label => label is not null)));
        }

        var (volatility, returns) = LabelOutcomes.Following(closes, Horizon);
        foreach (var (title, from, to) in (ReadOnlySpan<(string, DateOnly, DateOnly)>)
            [("all days", days[first], days[^1]), ("design, to 2022", days[first], Held.AddDays(-1)), ("held out, from 2023", Held, days[^1])])
        {
            PrintTable($"{title} ({from:yyyy-MM-dd} to {to:yyyy-MM-dd})", rules, days, volatility, returns, from, to);
        }

        PrintTurns(rules, closes, first);
        PrintIncrement(model, rules[^1].Labels, volatility);
        return Controls(points.Select(static point => point.Day).ToArray(), closes, model, volatility, first) ? 0 : 1;
    }

    private static bool IsSame(RegimeDay?[] told, IEnumerable<(DateOnly Day, double Close)> points)
    {
        var again = new RegimeWalk();
        return points.Select(point => again.Add(point.Day, point.Close)).SequenceEqual(told);
    }

    private static void PrintModel(RegimeWalk walk)
    {
        Console.WriteLine("  states (mean daily return, daily volatility, mean stay in days) of the estimations of each January:");
        foreach (var estimation in walk.Estimations.Where(estimation => estimation.Day.Month == 1 || estimation == walk.Estimations[0]))
        {
            var states = Enumerable.Range(0, RegimeModel.States).Select(state =>
                $"{(Regime)state} {estimation.Parameters.MeanOf(state)[0] * 100:+0.00;-0.00} % {Math.Exp(estimation.Parameters.MeanOf(state)[1]) * 100:F1} % {1 / (1 - estimation.Parameters.Transition[state * 4]):F0} d");
            Console.WriteLine($"    {estimation.Day:yyyy-MM-dd}{(estimation.IsTaken ? "" : " not taken")}: {string.Join(" | ", states)}");
        }
    }

    private static void PrintTable(
        string title, (string Name, Regime?[] Labels)[] rules, DateOnly[] days, double[] volatility, double[] returns, DateOnly from, DateOnly to)
    {
        Console.WriteLine();
        Console.WriteLine($"  {title}");
        Console.WriteLine($"  {"",-22}{"label",-10}{"days",6}  {"volatility a year",-26}{"return of 20 days",-28}");
        foreach (var (name, all) in rules)
        {
            var labels = all.Select((label, i) => label is { } known && days[i] >= from && days[i] <= to ? (int)known : -1).ToArray();
            var volatilities = LabelOutcomes.Means(labels, volatility, RegimeModel.States, Bootstrap);
            var means = LabelOutcomes.Means(labels, returns, RegimeModel.States, Bootstrap);
            for (var label = 0; label < RegimeModel.States; label++)
            {
                Console.WriteLine($"  {(label == 0 ? name : ""),-22}{(Regime)label,-10}{labels.Count(own => own == label),6}  {Percent(volatilities[label]),-26}{Percent(means[label]),-28}");
            }

            var difference = LabelOutcomes.Difference(labels, volatility, Bear, Sideways, Bootstrap);
            var years = labels.Count(static label => label >= 0) / 365.25;
            var flips = Enumerable.Range(1, labels.Length - 1).Count(i => labels[i] >= 0 && labels[i - 1] >= 0 && labels[i] != labels[i - 1]);
            Console.WriteLine(
                $"  {"",-22}bear − sideways volatility {Percent(difference)}: {Verdict(volatilities[Bear], volatilities[Sideways], difference)}; {flips / years:F1} flips a year");
        }
    }

    private static string Verdict(Interval bear, Interval sideways, Interval difference) =>
        double.IsNaN(difference.Estimate) ? "NOTHING can be said: a label never came"
        : bear.IsAbove(sideways) ? "bear ABOVE sideways, intervals SEPARATED"
        : difference.Lower > 0 ? "bear above sideways by the difference, but the intervals OVERLAP"
        : "NOT so: no difference can be told";

    private static string Percent(Interval interval) => double.IsNaN(interval.Estimate) ? "     –" : $"{interval.Estimate * 100,6:F1} % [{interval.Lower * 100:F1}, {interval.Upper * 100:F1}]";

    private static void PrintTurns((string Name, Regime?[] Labels)[] rules, double[] closes, int first)
    {
        var points = TurningPoints.Find(closes, 0.2).Where(point => point.Day >= first).ToList();
        Console.WriteLine();
        Console.WriteLine($"  {points.Count} turning points of 20 %, themselves confirmed after a median of {Quantiles.Of([.. points.Select(static point => (double)(point.ConfirmedOn - point.Day))], 0.5):F0} days");
        foreach (var (name, labels) in rules)
        {
            var lag = TurningPoints.Lag(points, labels);
            var peaks = TurningPoints.Lag([.. points.Select(static point => point)], Only(labels, Regime.Bear));
            var troughs = TurningPoints.Lag([.. points.Select(static point => point)], Only(labels, Regime.Bull));
            Console.WriteLine($"  {name,-22}followed {lag.Followed} of {lag.Points} before the next (bear after {peaks.Followed} peaks, bull after {troughs.Followed} troughs), median lag {lag.MedianLag:F0} days");
        }
    }

    private static Regime?[] Only(Regime?[] labels, Regime kept) => [.. labels.Select(label => label is null || label == kept ? label : Regime.Sideways)];

    /// <summary>Whether the model's label says anything on days that the volatility terciles call the same.</summary>
    private static void PrintIncrement(Regime?[] model, Regime?[] terciles, double[] volatility)
    {
        Console.WriteLine();
        Console.WriteLine("  within the same volatility tercile, the model's bear less its sideways:");
        foreach (var (regime, name) in (ReadOnlySpan<(Regime, string)>)[(Regime.Sideways, "low"), (Regime.Bull, "middle"), (Regime.Bear, "high")])
        {
            var labels = model.Select((label, i) => terciles[i] == regime && label is { } known ? (int)known : -1).ToArray();
            var (bear, sideways) = (labels.Count(static label => label == Bear), labels.Count(static label => label == Sideways));
            var difference = LabelOutcomes.Difference(labels, volatility, Bear, Sideways, Bootstrap);
            Console.WriteLine($"    {name,-8}{(bear < Horizon || sideways < Horizon ? $"{bear} bear and {sideways} sideways days: too few" : Percent(difference) + $" ({bear} and {sideways} days)")}");
        }
    }

    private static bool Controls(DateOnly[] days, double[] closes, Regime?[] model, double[] volatility, int first)
    {
        Console.WriteLine();
        int[] labels = [.. model.Select(static label => label is { } known ? (int)known : -1)];
        var real = LabelOutcomes.Difference(labels, volatility, Bear, Sideways, Bootstrap).Estimate;
        var moved = LabelOutcomes.MovedDifferences(labels, volatility, Bear, Sideways, 3 * Horizon, Moves, seed: 7);
        var above = moved.Count(difference => difference >= real);
        Console.WriteLine(
            $"  control, labels of other days ({Moves} moves): mean difference {moved.Average() * 100:F1} %, 95 % within [{Quantiles.OfSorted(moved, 0.025) * 100:F1}, {Quantiles.OfSorted(moved, 0.975) * 100:F1}]; {above} are as high as the real {real * 100:F1} %");
        var hasNoSkill = Quantiles.OfSorted(moved, 0.025) < 0 && Quantiles.OfSorted(moved, 0.975) > 0;

        int[] cuts = [first + 200, (first + closes.Length) / 2, closes.Length - 100];
        var leak = Causality.FirstLeak(closes, series => Label(days, series), cuts);
        var leaked = Causality.FirstLeak(closes, Leaked, cuts);
        Console.WriteLine($"  control, the future changed at {cuts.Length} places: the model's labels before it {(leak is null ? "stay the same" : $"CHANGE on {days[leak.Value]:yyyy-MM-dd}")}");
        Console.WriteLine($"  control, labels leaked on purpose (from the next {Horizon} days): {(leaked is { } day ? $"found out on {days[day]:yyyy-MM-dd}" : "NOT FOUND OUT")}");
        var passed = hasNoSkill && leak is null && leaked is not null;
        Console.WriteLine(passed ? "  controls passed" : "  A CONTROL FAILED");
        return passed;
    }

    private static Regime?[] Label(DateOnly[] days, double[] closes)
    {
        var walk = new RegimeWalk();
        return [.. closes.Select((close, i) => walk.Add(days[i], close)?.Label)];
    }

    private static Regime?[] Leaked(double[] closes)
    {
        var (volatility, _) = LabelOutcomes.Following(closes, Horizon);
        return [.. volatility.Select(static value => double.IsNaN(value) ? (Regime?)null : value > 0.6 ? Regime.Bear : Regime.Sideways)];
    }
}
