using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>
/// A whole series with what definitions are made of, computed anew at every index and without running state; NaN before there is a value.
/// </summary>
internal sealed class NaiveSeries(IReadOnlyList<CandleInput> candles, double[] benchmark)
{
    public int Length => candles.Count;

    public double[] Benchmark => benchmark;

    public long[] Times { get; } = [.. candles.Select(c => c.OpenTime)];

    public double[] Open { get; } = [.. candles.Select(c => c.Open)];

    public double[] High { get; } = [.. candles.Select(c => c.High)];

    public double[] Low { get; } = [.. candles.Select(c => c.Low)];

    public double[] Close { get; } = [.. candles.Select(c => c.Close)];

    public double[] Volume { get; } = [.. candles.Select(c => c.Volume)];

    public double[] Typical { get; } = [.. candles.Select(c => (c.High + c.Low + c.Close) / 3)];

    /// <summary>The largest price: what rounding errors of sums of prices are measured by.</summary>
    public double Level { get; } = candles.Max(c => c.High);

    public double[] Each(Func<int, double> value) => [.. Enumerable.Range(0, Length).Select(value)];

    /// <summary>A function of the last n values at every index that has so many known ones.</summary>
    public double[] Windows(double[] values, int n, Func<double[], double> of) =>
        Each(i => i + 1 < n || values[(i + 1 - n)..(i + 1)].Any(double.IsNaN) ? double.NaN : of(values[(i + 1 - n)..(i + 1)]));

    public double[] Mean(double[] values, int n) => Windows(values, n, window => window.Sum() / n);

    public double[] Highest(int n) => Windows(High, n, window => window.Max());

    public double[] Lowest(int n) => Windows(Low, n, window => window.Min());

    public double[] Middle(int n) => Combine(Highest(n), Lowest(n), (top, bottom) => (top + bottom) / 2);

    public double[] Combine(double[] a, double[] b, Func<double, double, double> of) => Each(i => of(a[i], b[i]));

    public double[] Change(double[] values, Func<double, double, double> of) => Each(i => i == 0 ? double.NaN : of(values[i], values[i - 1]));

    /// <summary>Mean and deviations from it, exact at any level: differences from the last value are summed.</summary>
    public static (double Mean, double Squares) Spread(double[] window)
    {
        var last = window[^1];
        var mean = window.Sum(x => x - last) / window.Length;
        var rest = window.Sum(x => x - last - mean) / window.Length;
        return (last + mean, window.Sum(x => (x - last - mean - rest) * (x - last - mean - rest)));
    }

    public double[] Deviation(double[] values, int n, bool sample = false) =>
        Windows(values, n, window => Math.Sqrt(Spread(window).Squares / (sample ? n - 1 : n)));

    public double[] Ema(double[] values, int n) => Exponential(values, n, 2.0 / (n + 1));

    public double[] Wilder(double[] values, int n) => Exponential(values, n, 1.0 / n);

    public double[] TrueRange(bool withFirst) => Each(i => i == 0
        ? withFirst ? High[0] - Low[0] : double.NaN
        : new[] { High[i] - Low[i], Math.Abs(High[i] - Close[i - 1]), Math.Abs(Low[i] - Close[i - 1]) }.Max());

    public double[] Rsi(int n)
    {
        var gains = Wilder(Change(Close, (now, before) => Math.Max(now - before, 0)), n);
        var losses = Wilder(Change(Close, (now, before) => Math.Max(before - now, 0)), n);
        return Combine(gains, losses, (gain, loss) => gain == 0 && loss == 0 ? 50 : 100 - (100 / (1 + (gain / loss))));
    }

    /// <summary>Where values stand in the range of the last n; 50 in one that is narrower than a width.</summary>
    public double[] Place(double[] values, double[] tops, double[] bottoms, double noWidth) => Each(i =>
        double.IsNaN(tops[i]) ? double.NaN : tops[i] - bottoms[i] <= noWidth ? 50 : 100 * (values[i] - bottoms[i]) / (tops[i] - bottoms[i]));

    /// <summary>The exponential average as a weighted sum of all values since its seed, the mean of the first n.</summary>
    private double[] Exponential(double[] values, int n, double alpha)
    {
        var first = Array.FindIndex(values, x => !double.IsNaN(x));
        var seedEnd = first + n - 1;
        return Each(i =>
        {
            if (first < 0 || i < seedEnd)
            {
                return double.NaN;
            }

            var sum = Math.Pow(1 - alpha, i - seedEnd) * values[first..(seedEnd + 1)].Sum() / n;
            for (var (j, weight) = (i, alpha); j > seedEnd; (j, weight) = (j - 1, weight * (1 - alpha)))
            {
                sum += weight * values[j];
            }

            return sum;
        });
    }
}

/// <summary>Expected values of one output, and what their rounding errors are measured by at each index.</summary>
internal sealed record Expected(double[] Values, Func<int, double> Scale);
