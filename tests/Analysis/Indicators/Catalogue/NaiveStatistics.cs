namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Volatility and other statistics out of their definitions.</summary>
internal static class NaiveStatistics
{
    public static Expected[]? Of(string name, int n, NaiveSeries s)
    {
        Expected Small(double[] values) => new(values, _ => 1);
        switch (name)
        {
            case "volatility":
                return [Small(s.Deviation(s.Change(s.Close, (now, before) => Math.Log(now / before)), n, sample: true))];
            case "parkinson":
                return [Small([.. s.Mean(s.Each(i => Math.Pow(Math.Log(s.High[i] / s.Low[i]), 2)), n).Select(x => Math.Sqrt(x / 4 / Math.Log(2)))])];
            case "garmanklass":
                return [Small([.. s.Mean(s.Each(i => Term(s, i)), n).Select(Math.Sqrt)])];
            case "yangzhang":
                return [Small(YangZhang(s, n))];
            case "zscore":
                var (mean, deviation) = (s.Windows(s.Close, n, w => NaiveSeries.Spread(w).Mean), s.Deviation(s.Close, n));
                return
                [
                    new(
                        s.Each(i => deviation[i] == 0 ? 0 : (s.Close[i] - mean[i]) / deviation[i]),
                        i => deviation[i] == 0 ? 1 : 100 * s.Level / deviation[i])
                ];
            case "hurst":
                return [new(s.Each(i => i + 1 < n ? double.NaN : Hurst(s.Close[(i + 1 - n)..(i + 1)])), _ => 100)];
            case "beta" or "correlation":
                return [new(s.Each(i => Comovement(s, i, n, name == "beta")), _ => 1000)];
            default:
                return null;
        }
    }

    private static double Term(NaiveSeries s, int i) =>
        (Math.Pow(Math.Log(s.High[i] / s.Low[i]), 2) / 2) - (((2 * Math.Log(2)) - 1) * Math.Pow(Math.Log(s.Close[i] / s.Open[i]), 2));

    private static double[] YangZhang(NaiveSeries s, int n)
    {
        var jumps = s.Each(i => i == 0 ? double.NaN : Math.Log(s.Open[i]) - Math.Log(s.Close[i - 1]));
        var bodies = s.Each(i => i == 0 ? double.NaN : Math.Log(s.Close[i]) - Math.Log(s.Open[i]));
        var ranges = s.Each(i =>
        {
            var (up, down, body) = (Math.Log(s.High[i] / s.Open[i]), Math.Log(s.Low[i] / s.Open[i]), Math.Log(s.Close[i] / s.Open[i]));
            return i == 0 ? double.NaN : (up * (up - body)) + (down * (down - body));
        });
        var (jump, body, range) = (s.Deviation(jumps, n, sample: true), s.Deviation(bodies, n, sample: true), s.Mean(ranges, n));
        var k = 0.34 / (1.34 + ((n + 1.0) / (n - 1)));
        return s.Each(i => Math.Sqrt((jump[i] * jump[i]) + (k * body[i] * body[i]) + ((1 - k) * range[i])));
    }

    private static double Hurst(double[] closes)
    {
        var points = new List<(double X, double Y)>();
        for (var lag = 1; lag <= closes.Length / 4; lag *= 2)
        {
            var changes = Enumerable.Range(lag, closes.Length - lag).Select(i => Math.Log(closes[i]) - Math.Log(closes[i - lag])).ToList();
            points.Add((Math.Log(lag), Math.Log(changes.Sum(change => change * change) / changes.Count)));
        }

        if (points.Any(point => double.IsInfinity(point.Y)))
        {
            return double.NaN;
        }

        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX)) / 2;
    }

    private static double Comovement(NaiveSeries s, int i, int n, bool isBeta)
    {
        var both = Enumerable.Range(0, i + 1).Where(j => !double.IsNaN(s.Benchmark[j])).ToList();
        if (double.IsNaN(s.Benchmark[i]) || both.Count <= n)
        {
            return double.NaN;
        }

        var last = both[^(n + 1)..];
        var own = last.Skip(1).Select((j, k) => (s.Close[j] - s.Close[last[k]]) / s.Close[last[k]]).ToList();
        var other = last.Skip(1).Select((j, k) => (s.Benchmark[j] - s.Benchmark[last[k]]) / s.Benchmark[last[k]]).ToList();
        var (meanX, meanY) = (own.Average(), other.Average());
        var product = own.Zip(other, (x, y) => (x - meanX) * (y - meanY)).Sum();
        var (x2, y2) = (own.Sum(x => (x - meanX) * (x - meanX)), other.Sum(y => (y - meanY) * (y - meanY)));
        return isBeta ? (y2 == 0 ? double.NaN : product / y2) : x2 == 0 || y2 == 0 ? double.NaN : product / Math.Sqrt(x2 * y2);
    }
}
