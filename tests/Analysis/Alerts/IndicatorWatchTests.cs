using CryptoAI.Analysis.Alerts;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Alerts;

public sealed class IndicatorWatchTests
{
    [Fact]
    public void Each_comparison_holds_at_the_closes_it_names()
    {
        // Means of two closes:        -  10  10  11  12  12  11  10   9
        double[] closes =            [10, 10, 10, 12, 12, 12, 10, 10, 8];
        Holding(IndicatorComparison.Above, 11, closes).ShouldBe([3, 4, 5, 6]);
        Holding(IndicatorComparison.Below, 10, closes).ShouldBe([1, 2, 7, 8]);
        Holding(IndicatorComparison.CrossesAbove, 11, closes).ShouldBe([3]);
        Holding(IndicatorComparison.CrossesAbove, 10, closes).ShouldBeEmpty(); // it was never known to be below
        Holding(IndicatorComparison.CrossesBelow, 10, closes).ShouldBe([7]);
        Holding(IndicatorComparison.CrossesBelow, 9.5, closes).ShouldBe([8]);
    }

    [Fact]
    public void Alerts_share_the_series_and_leave_it_apart()
    {
        var watch = Watch();
        watch.Add(new IndicatorLevel(1, 0, IndicatorComparison.Above, 5));
        watch.Add(new IndicatorLevel(2, 0, IndicatorComparison.Below, 5));
        Closes(watch, [1, 1]).ShouldBe([[], [2]]);
        watch.Remove(2);
        Closes(watch, [1, 9], from: 2).ShouldBe([[], [1]]);
        watch.LastOpen.ShouldBe(3 * 60_000);
        watch.Restart();
        watch.LastOpen.ShouldBeNull();
        Closes(watch, [9, 9], from: 9).ShouldBe([[], [1]]);
    }

    public static TheoryData<string> Names => [.. IndicatorCatalogue.Entries.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_value_of_every_indicator_can_be_watched(string name)
    {
        IndicatorCatalogue.TryParse(name == "avwap" ? "avwap(2024-01-01)" : name, out var spec, out var reason).ShouldBeTrue(reason);
        var watch = new IndicatorWatch(spec!);
        for (var output = 0; output < spec!.Entry.Outputs.Count; output++)
        {
            watch.Add(new IndicatorLevel(2 * output, output, IndicatorComparison.Above, -1e12));
            watch.Add(new IndicatorLevel((2 * output) + 1, output, IndicatorComparison.Above, 1e12));
        }

        var holding = new List<long>();
        foreach (var candle in CandleSeries.Random(new Random(4), 100, 3_600_000).Where(candle => candle.Volume > 0).Take(300))
        {
            holding.Clear();
            watch.Add(candle, holding, candle.Open);
        }

        holding.Order().ShouldBe(Enumerable.Range(0, spec.Entry.Outputs.Count).Select(output => 2L * output));
    }

    private static int[] Holding(IndicatorComparison comparison, double value, double[] closes)
    {
        var watch = Watch();
        watch.Add(new IndicatorLevel(7, 0, comparison, value));
        return [.. Closes(watch, closes).Index().Where(candle => candle.Item.Count > 0).Select(candle => candle.Index)];
    }

    private static List<List<long>> Closes(IndicatorWatch watch, double[] closes, int from = 0) =>
    [
        .. closes.Select((close, i) =>
        {
            var holding = new List<long>();
            watch.Add(new CandleInput((from + i) * 60_000L, close, close, close, close, 1), holding);
            return holding;
        }),
    ];

    private static IndicatorWatch Watch()
    {
        IndicatorCatalogue.TryParse("sma(2)", out var spec, out _).ShouldBeTrue();
        return new IndicatorWatch(spec!);
    }
}
