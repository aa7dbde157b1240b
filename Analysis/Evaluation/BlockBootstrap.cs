namespace CryptoAI.Analysis.Evaluation;

/// <summary>A figure computed from the times that a resample drew, each as often as it was drawn; NaN where it is undefined.</summary>
/// <param name="times">Places in the sample, 0 to its length less one.</param>
public delegate double Statistic(ReadOnlySpan<int> times);

/// <summary>
/// Confidence intervals for figures of a time series by the circular block bootstrap (Politis and Romano 1992): blocks of consecutive times
/// are drawn with replacement, the end joined to the beginning, until the sample's length is reached, so that what depends on its
/// neighbours stays with them. The interval is the percentile interval. The same seed gives the same interval, bit for bit.
/// </summary>
/// <param name="Block">Times in a block: at least as long as the dependence, for overlapping windows of h days at least h.</param>
/// <param name="Resamples">How many resamples are drawn.</param>
/// <param name="Seed">Of the random numbers.</param>
/// <param name="Confidence">Share of the distribution inside the interval, above 0 and below 1.</param>
public sealed record BlockBootstrap(int Block, int Resamples = 2_000, ulong Seed = 1, double Confidence = 0.95)
{
    /// <summary>
    /// The figure over the whole sample and its interval. Resamples in which it is undefined are left out; when those are more than half, the interval is
    /// unknown.
    /// </summary>
    /// <param name="length">Times in the sample.</param>
    /// <param name="statistic">Is given resampled times; first all times in order.</param>
    public Interval Of(int length, Statistic statistic) => Of(length, 1, (times, results) => results[0] = statistic(times))[0];

    /// <summary>Several figures of the same resamples, so that they can be compared; see <see cref="Of(int, Statistic)"/>.</summary>
    /// <param name="length">Times in the sample.</param>
    /// <param name="figures">How many figures there are.</param>
    /// <param name="statistics">Is given resampled times and writes the figures.</param>
    public Interval[] Of(int length, int figures, Action<ReadOnlySpan<int>, Span<double>> statistics)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Block);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Resamples);
        var intervals = new Interval[figures];
        Array.Fill(intervals, Interval.Unknown);
        if (length == 0)
        {
            return intervals;
        }

        var times = new int[length];
        for (var i = 0; i < length; i++)
        {
            times[i] = i;
        }

        var estimates = new double[figures];
        statistics(times, estimates);
        var random = new SeededRandom(Seed);
        var drawn = new double[figures][];
        for (var figure = 0; figure < figures; figure++)
        {
            drawn[figure] = new double[Resamples];
        }

        var results = new double[figures];
        for (var resample = 0; resample < Resamples; resample++)
        {
            Resample(times, ref random);
            statistics(times, results);
            for (var figure = 0; figure < figures; figure++)
            {
                drawn[figure][resample] = results[figure];
            }
        }

        for (var figure = 0; figure < figures; figure++)
        {
            intervals[figure] = Percentile(estimates[figure], drawn[figure]);
        }

        return intervals;
    }

    /// <summary>Fills a span with blocks of places in a sample of the span's length.</summary>
    public void Resample(Span<int> times, ref SeededRandom random)
    {
        var block = Math.Min(Block, times.Length);
        for (var i = 0; i < times.Length;)
        {
            var place = random.NextIndex(times.Length);
            for (var j = 0; j < block && i < times.Length; j++, i++)
            {
                times[i] = place;
                place = place + 1 == times.Length ? 0 : place + 1;
            }
        }
    }

    private Interval Percentile(double estimate, double[] drawn)
    {
        // NaN sorts before every number.
        Array.Sort(drawn);
        var undefined = drawn.AsSpan().LastIndexOf(double.NaN) + 1;
        if (double.IsNaN(estimate) || undefined * 2 > drawn.Length)
        {
            return Interval.Unknown with { Estimate = estimate };
        }

        var known = drawn.AsSpan(undefined);
        var tail = (1 - Confidence) / 2;
        return new Interval(estimate, Quantiles.OfSorted(known, tail), Quantiles.OfSorted(known, 1 - tail));
    }
}
