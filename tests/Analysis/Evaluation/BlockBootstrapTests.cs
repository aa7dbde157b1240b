using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Tests.Analysis.Evaluation;

public sealed class BlockBootstrapTests
{
    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_seed_another()
    {
        var values = Autoregressive(500, 0.5, seed: 3);
        var first = new BlockBootstrap(20, Resamples: 200, Seed: 7).Of(values.Length, times => Mean(values, times));
        new BlockBootstrap(20, Resamples: 200, Seed: 7).Of(values.Length, times => Mean(values, times)).ShouldBe(first);
        new BlockBootstrap(20, Resamples: 200, Seed: 8).Of(values.Length, times => Mean(values, times)).ShouldNotBe(first);
        first.Estimate.ShouldBe(values.Average(), 1e-12);
        first.Lower.ShouldBeLessThan(first.Estimate);
        first.Upper.ShouldBeGreaterThan(first.Estimate);
    }

    [Fact]
    public void Intervals_of_the_mean_of_a_dependent_series_hold_the_truth_about_as_often_as_they_say()
    {
        int Covered(int block) => Enumerable.Range(0, 200).Count(run =>
        {
            var values = Autoregressive(400, 0.7, (ulong)(1000 + run));
            return new BlockBootstrap(block, Resamples: 200, Seed: (ulong)run).Of(values.Length, times => Mean(values, times)).Includes(0);
        });

        // Blocks shorter than the dependence give intervals that are far too narrow.
        Covered(block: 25).ShouldBeGreaterThan(170);
        Covered(block: 1).ShouldBeLessThan(140);
    }

    [Fact]
    public void Blocks_are_consecutive_times_and_go_round_the_end()
    {
        var times = new int[103];
        var random = new SeededRandom(5);
        new BlockBootstrap(10).Resample(times, ref random);
        for (var i = 0; i < times.Length; i++)
        {
            times[i].ShouldBeInRange(0, 102);
            if (i % 10 != 0)
            {
                times[i].ShouldBe((times[i - 1] + 1) % 103);
            }
        }
    }

    [Fact]
    public void A_figure_that_is_undefined_in_most_resamples_has_no_interval()
    {
        var bootstrap = new BlockBootstrap(1, Resamples: 100);
        var interval = bootstrap.Of(50, times => times.Contains(0) && times.Contains(1) ? 1 : double.NaN);
        interval.Estimate.ShouldBe(1);
        double.IsNaN(interval.Lower).ShouldBeTrue();
        interval.Includes(1).ShouldBeFalse();
        bootstrap.Of(0, times => 1).ShouldBe(Interval.Unknown);
    }

    [Fact]
    public void Quantiles_interpolate_and_leave_out_what_is_unknown()
    {
        Quantiles.Of([4, double.NaN, 1, 3, 2], 0.5).ShouldBe(2.5);
        Quantiles.Of([4, 1, 3, 2], 0).ShouldBe(1);
        Quantiles.Of([4, 1, 3, 2], 1).ShouldBe(4);
        Quantiles.Of([4, 1, 3, 2], 0.1).ShouldBe(1.3, 1e-12);
        double.IsNaN(Quantiles.Of([double.NaN], 0.5)).ShouldBeTrue();
    }

    [Fact]
    public void Rank_correlation_agrees_with_worked_examples()
    {
        // IQ and hours of television of ten people: the usual worked example of Spearman's coefficient, -29/165.
        RankCorrelation.Spearman(
            [106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]).ShouldBe(-29.0 / 165, 1e-12);
        RankCorrelation.Ranks([3, 1, 3, 2]).ShouldBe([3.5, 1, 3.5, 2]);
        RankCorrelation.Spearman([1, 2, 3, double.NaN, 4], [1, 4, 9, 0, 16]).ShouldBe(1);
        double.IsNaN(RankCorrelation.Spearman([1, 1, 1], [1, 2, 3])).ShouldBeTrue();
        double.IsNaN(RankCorrelation.Spearman([1, 2], [1, 2])).ShouldBeTrue();
    }

    [Fact]
    public void Random_numbers_are_those_of_the_published_generator()
    {
        // First outputs of SplitMix64 from the state 1234567.
        var random = new SeededRandom(1234567);
        random.NextBits().ShouldBe(6457827717110365317UL);
        random.NextBits().ShouldBe(3203168211198807973UL);
        var uniform = new SeededRandom(1);
        Enumerable.Range(0, 10_000).Average(_ => uniform.NextDouble()).ShouldBe(0.5, 0.02);
        var normal = new SeededRandom(2);
        double[] drawn = [.. Enumerable.Range(0, 10_000).Select(_ => normal.NextNormal())];
        drawn.Average().ShouldBe(0, 0.03);
        drawn.Average(x => x * x).ShouldBe(1, 0.05);
        int[] items = [.. Enumerable.Range(0, 50)];
        var shuffle = new SeededRandom(3);
        shuffle.Shuffle(items.AsSpan());
        items.ShouldNotBe(Enumerable.Range(0, 50));
        items.Order().ShouldBe(Enumerable.Range(0, 50));
    }

    private static double[] Autoregressive(int length, double weight, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new double[length];
        var value = random.NextNormal() / Math.Sqrt(1 - (weight * weight));
        for (var i = 0; i < length; i++)
        {
            value = (weight * value) + random.NextNormal();
            values[i] = value;
        }

        return values;
    }

    private static double Mean(double[] values, ReadOnlySpan<int> times)
    {
        var sum = 0.0;
        foreach (var time in times)
        {
            sum += values[time];
        }

        return sum / times.Length;
    }
}
