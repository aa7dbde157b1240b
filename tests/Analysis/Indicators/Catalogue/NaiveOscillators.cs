namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Averages, oscillators and volume indicators out of their definitions.</summary>
internal static class NaiveOscillators
{
    public static Expected[]? Of(string name, double[] a, NaiveSeries s)
    {
        int N(int index) => (int)a[index];
        Expected Price(double[] values) => new(values, _ => 10 * s.Level);
        Expected Percent(double[] values) => new(values, _ => 100);
        var n = a.Length > 0 && a[0] < 10_000 ? N(0) : 0;
        switch (name)
        {
            case "sma":
                return [Price(s.Mean(s.Close, n))];
            case "ema":
                return [Price(s.Ema(s.Close, n))];
            case "wma":
                return [Price(Weighted(s, s.Close, n))];
            case "hma":
                var raw = s.Combine(Weighted(s, s.Close, n / 2), Weighted(s, s.Close, n), (half, whole) => (2 * half) - whole);
                return [Price(Weighted(s, raw, (int)Math.Floor(Math.Sqrt(n))))];
            case "dema":
                var once = s.Ema(s.Close, n);
                return [Price(s.Combine(once, s.Ema(once, n), (x, y) => (2 * x) - y))];
            case "tema":
                var (first, second) = (s.Ema(s.Close, n), s.Ema(s.Ema(s.Close, n), n));
                return [Price(s.Combine(s.Combine(first, second, (x, y) => 3 * (x - y)), s.Ema(second, n), (x, y) => x + y))];
            case "kama":
                return [Price(Kama(s, n, 2 / (a[1] + 1), 2 / (a[2] + 1)))];
            case "rsi":
                return [Percent(s.Rsi(n))];
            case "stochrsi":
                var rsi = s.Rsi(n);
                var (high, low) = (s.Windows(rsi, N(1), w => w.Max()), s.Windows(rsi, N(1), w => w.Min()));
                return Smoothed(s, s.Place(rsi, high, low, 1e-9), N(2), N(3), i => 1e5 / Narrowest(high, low, i, N(2) + N(3)));
            case "stochastic":
                return Smoothed(s, s.Place(s.Close, s.Highest(n), s.Lowest(n), 0), N(1), N(2), _ => 100);
            case "williamsr":
                return [Percent([.. s.Place(s.Close, s.Highest(n), s.Lowest(n), 0).Select(place => place - 100)])];
            case "macd":
                return Convergence(s, s.Combine(s.Ema(s.Close, n), s.Ema(s.Close, N(1)), (fast, slow) => fast - slow), N(2), 10 * s.Level);
            case "ppo":
                return Convergence(s, s.Combine(s.Ema(s.Close, n), s.Ema(s.Close, N(1)), (fast, slow) => 100 * ((fast / slow) - 1)), N(2), 1000);
            case "roc":
                return [Percent(s.Each(i => i < n ? double.NaN : 100 * ((s.Close[i] / s.Close[i - n]) - 1)))];
            case "cci":
                var deviations = s.Windows(s.Typical, n, w => w.Sum(x => Math.Abs(x - NaiveSeries.Spread(w).Mean)) / n);
                return
                [
                    new(
                        s.Each(i => deviations[i] == 0 ? 0 : (s.Typical[i] - s.Mean(s.Typical, n)[i]) / (0.015 * deviations[i])),
                        i => deviations[i] == 0 ? 1 : 100 * s.Level / deviations[i])
                ];
            case "mfi":
                return [Percent(MoneyFlowIndex(s, n))];
            case "obv":
                return [Volume(s, Total(s, i => i == 0 ? 0 : Math.Sign(s.Close[i] - s.Close[i - 1]) * s.Volume[i]))];
            case "ad":
                return [Volume(s, Total(s, i => Flow(s, i)))];
            case "cmf":
                var flows = s.Windows(s.Each(i => Flow(s, i)), n, w => w.Sum());
                return [new(s.Combine(flows, s.Windows(s.Volume, n, w => w.Sum()), (flow, volume) => volume == 0 ? 0 : flow / volume), _ => 10)];
            case "vwap":
                var days = s.Each(i => s.Times[i] / 86_400_000);
                var isWhole = s.Times[0] % 86_400_000 == 0;
                return [Price(s.Each(i => isWhole || days[i] > days[0] ? Vwap(s, Array.IndexOf(days, days[i]), i) : double.NaN))];
            case "avwap":
                return [Price(s.Each(i => s.Times[i] < a[0] ? double.NaN : Vwap(s, Array.FindIndex(s.Times, t => t >= a[0]), i)))];
            default:
                return null;
        }
    }

    private static double[] Weighted(NaiveSeries s, double[] values, int n) =>
        s.Windows(values, n, w => w.Select((x, i) => x * (i + 1)).Sum() / Enumerable.Range(1, n).Sum());

    private static double[] Kama(NaiveSeries s, int n, double fast, double slow)
    {
        var values = s.Each(_ => double.NaN);
        for (var i = n; i < s.Length; i++)
        {
            var way = Math.Abs(s.Close[i] - s.Close[i - n]);
            var path = Enumerable.Range(i - n + 1, n).Sum(j => Math.Abs(s.Close[j] - s.Close[j - 1]));
            var constant = Math.Pow(((path == 0 ? 0 : way / path) * (fast - slow)) + slow, 2);
            var before = i == n ? s.Close[n - 1] : values[i - 1];
            values[i] = (constant * s.Close[i]) + ((1 - constant) * before);
        }

        return values;
    }

    private static Expected[] Smoothed(NaiveSeries s, double[] raw, int smoothing, int signal, Func<int, double> scale)
    {
        var k = s.Mean(raw, smoothing);
        return [new(k, scale), new(s.Mean(k, signal), scale)];
    }

    private static double Narrowest(double[] tops, double[] bottoms, int i, int n) => Enumerable.Range(Math.Max(0, i - n), Math.Min(n, i) + 1)
        .Select(j => tops[j] - bottoms[j]).Where(width => width > 1e-9).Append(100).Min();

    private static Expected[] Convergence(NaiveSeries s, double[] line, int signalPeriod, double scale)
    {
        var signal = s.Ema(line, signalPeriod);
        return [new(line, _ => scale), new(signal, _ => scale), new(s.Combine(line, signal, (x, y) => x - y), _ => scale)];
    }

    private static double[] MoneyFlowIndex(NaiveSeries s, int n) => s.Each(i =>
    {
        if (i < n)
        {
            return double.NaN;
        }

        var (up, down) = (0.0, 0.0);
        for (var j = i - n + 1; j <= i; j++)
        {
            up += s.Typical[j] > s.Typical[j - 1] ? s.Typical[j] * s.Volume[j] : 0;
            down += s.Typical[j] < s.Typical[j - 1] ? s.Typical[j] * s.Volume[j] : 0;
        }

        return up + down == 0 ? 50 : down == 0 ? 100 : 100 - (100 / (1 + (up / down)));
    });

    private static double Flow(NaiveSeries s, int i) => s.High[i] == s.Low[i]
        ? 0
        : s.Volume[i] * ((2 * s.Close[i]) - s.High[i] - s.Low[i]) / (s.High[i] - s.Low[i]);

    private static double[] Total(NaiveSeries s, Func<int, double> flow) => s.Each(i => (double)Enumerable.Range(0, i + 1).Sum(j => (decimal)flow(j)));

    // The place of a close within a narrow candle carries the rounding of the prices.
    private static Expected Volume(NaiveSeries s, double[] values) => new(values, i => 1e4 * s.Volume[..(i + 1)].Sum());

    private static double Vwap(NaiveSeries s, int first, int last)
    {
        var range = Enumerable.Range(first, last - first + 1).ToList();
        var volume = range.Sum(i => s.Volume[i]);
        return volume > 0 ? range.Sum(i => s.Typical[i] * s.Volume[i]) / volume : double.NaN;
    }
}
