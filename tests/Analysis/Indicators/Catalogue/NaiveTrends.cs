namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>Bands, trends and statistics out of their definitions.</summary>
internal static class NaiveTrends
{
    public static Expected[]? Of(string name, double[] a, NaiveSeries s)
    {
        int N(int index) => (int)a[index];
        var n = a.Length > 0 ? N(0) : 0;
        var atr = name is "atr" or "natr" or "supertrend" or "keltner" ? s.Wilder(s.TrueRange(withFirst: true), name == "keltner" ? N(1) : n) : [];
        Expected Price(double[] values) => new(values, _ => 10 * s.Level);
        Expected Ratio(double[] values) => new(values, _ => 100);
        switch (name)
        {
            case "atr":
                return [Price(atr)];
            case "natr":
                return [Ratio(s.Combine(atr, s.Close, (range, close) => 100 * range / close))];
            case "bollinger":
                var (mean, deviation) = (s.Windows(s.Close, n, w => NaiveSeries.Spread(w).Mean), s.Deviation(s.Close, n));
                var (top, bottom) = (s.Combine(mean, deviation, (m, d) => m + (a[1] * d)), s.Combine(mean, deviation, (m, d) => m - (a[1] * d)));
                return
                [
                    Price(top), Price(mean), Price(bottom),
                    new(
                        s.Each(i => deviation[i] == 0 ? double.NaN : (s.Close[i] - mean[i] + (a[1] * deviation[i])) / (2 * a[1] * deviation[i])),
                        i => 100 * s.Level / (a[1] * deviation[i])),
                    Ratio(s.Combine(mean, deviation, (m, d) => 2 * a[1] * d / m)),
                ];
            case "keltner":
                var centre = s.Ema(s.Close, n);
                return
                [
                    Price(s.Combine(centre, atr, (m, d) => m + (a[2] * d))), Price(centre), Price(s.Combine(centre, atr, (m, d) => m - (a[2] * d))),
                ];
            case "donchian":
                return [Price(s.Highest(n)), Price(s.Middle(n)), Price(s.Lowest(n))];
            case "pivots":
                return Pivots(s, N(0), a[1] == 0 ? 1 : 7);
            case "adx":
                return DirectionalMovement(s, n);
            case "supertrend":
                return SuperTrend(s, atr, n, a[1]);
            case "psar":
                return ParabolicSar(s, a[0], a[1]);
            case "aroon":
                var up = s.Each(i => i < n ? double.NaN : 100.0 * (n - Since(s.High, i, n)) / n);
                var down = s.Each(i => i < n ? double.NaN : 100.0 * (n - Since([.. s.Low.Select(x => -x)], i, n)) / n);
                return [Ratio(up), Ratio(down), Ratio(s.Combine(up, down, (x, y) => x - y))];
            case "ichimoku":
                var leadingA = s.Combine(s.Middle(n), s.Middle(N(1)), (x, y) => (x + y) / 2);
                var leadingB = s.Middle(N(2));
                double[] Shifted(double[] values) => s.Each(i => i < N(3) ? double.NaN : values[i - N(3)]);
                return
                [
                    Price(s.Middle(n)), Price(s.Middle(N(1))), Price(Shifted(leadingA)), Price(Shifted(leadingB)), Price(leadingA), Price(leadingB),
                ];
            default:
                return NaiveStatistics.Of(name, n, s);
        }
    }

    private static int Since(double[] values, int i, int n) => Enumerable.Range(0, n + 1).MaxBy(age => (values[i - age], -age));

    private static Expected[] DirectionalMovement(NaiveSeries s, int n)
    {
        var rises = s.Change(s.High, (now, before) => now - before);
        var falls = s.Change(s.Low, (now, before) => before - now);
        var range = s.Wilder(s.TrueRange(withFirst: false), n);
        double[] Index(double[] one, double[] other) => s.Combine(
            s.Wilder(s.Combine(one, other, (x, y) => double.IsNaN(x) ? x : x > y ? Math.Max(x, 0) : 0), n),
            range,
            (movement, whole) => whole == 0 ? 0 : 100 * movement / whole);
        var (plus, minus) = (Index(rises, falls), Index(falls, rises));
        var strength = s.Combine(plus, minus, (x, y) => x + y == 0 ? 0 : 100 * Math.Abs(x - y) / (x + y));
        return [.. new[] { s.Wilder(strength, n), plus, minus }.Select(values => new Expected(values, _ => 1000))];
    }

    private static Expected[] SuperTrend(NaiveSeries s, double[] atr, int n, double width)
    {
        var (upper, lower, direction) = (s.Each(_ => double.NaN), s.Each(_ => double.NaN), s.Each(_ => double.NaN));
        for (var i = n - 1; i < s.Length; i++)
        {
            var middle = (s.High[i] + s.Low[i]) / 2;
            (upper[i], lower[i]) = (middle + (width * atr[i]), middle - (width * atr[i]));
            if (i == n - 1)
            {
                direction[i] = s.Close[i] > middle ? 1 : -1;
                continue;
            }

            var before = s.Close[i - 1];
            upper[i] = upper[i] < upper[i - 1] || before > upper[i - 1] ? upper[i] : upper[i - 1];
            lower[i] = lower[i] > lower[i - 1] || before < lower[i - 1] ? lower[i] : lower[i - 1];
            direction[i] = direction[i - 1] switch
            {
                1 when s.Close[i] < lower[i] => -1,
                -1 when s.Close[i] > upper[i] => 1,
                var same => same,
            };
        }

        return [new(s.Each(i => direction[i] == 1 ? lower[i] : upper[i]), _ => 10 * s.Level), new(direction, _ => 1)];
    }

    private static Expected[] ParabolicSar(NaiveSeries s, double step, double maximum)
    {
        var (stops, directions) = (s.Each(_ => double.NaN), s.Each(_ => double.NaN));
        var fall = s.Low[0] - s.Low[1];
        var isUp = !(fall > 0 && fall > s.High[1] - s.High[0]);
        var (stop, extreme, factor) = isUp ? (s.Low[0], s.High[1], step) : (s.High[0], s.Low[1], step);
        for (var i = 1; i < s.Length; i++)
        {
            if (isUp && s.Low[i] <= stop)
            {
                (isUp, stop, extreme, factor) = (false, Math.Max(extreme, Math.Max(s.High[i], s.High[i - 1])), s.Low[i], step);
                stops[i] = stop;
            }
            else if (!isUp && s.High[i] >= stop)
            {
                (isUp, stop, extreme, factor) = (true, Math.Min(extreme, Math.Min(s.Low[i], s.Low[i - 1])), s.High[i], step);
                stops[i] = stop;
            }
            else
            {
                stops[i] = stop;
                if (isUp ? s.High[i] > extreme : s.Low[i] < extreme)
                {
                    extreme = isUp ? s.High[i] : s.Low[i];
                    factor = Math.Min(maximum, factor + step);
                }
            }

            directions[i] = isUp ? 1 : -1;
            stop += factor * (extreme - stop);
            stop = isUp ? Math.Min(stop, Math.Min(s.Low[i], s.Low[i - 1])) : Math.Max(stop, Math.Max(s.High[i], s.High[i - 1]));
        }

        return [new(stops, _ => 10 * s.Level), new(directions, _ => 1)];
    }

    private static Expected[] Pivots(NaiveSeries s, int method, int days)
    {
        long Period(int i) => (long)Math.Floor((DateTimeOffset.FromUnixTimeMilliseconds(s.Times[i]) - new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalDays / days);
        bool Begins(int i) => i > 0 || DateTimeOffset.FromUnixTimeMilliseconds(s.Times[0]) is { TimeOfDay.Ticks: 0 } start && (days == 1 || start.DayOfWeek == DayOfWeek.Monday);
        var levels = Enumerable.Range(0, 7).Select(_ => s.Each(_ => double.NaN)).ToArray();
        for (var i = 0; i < s.Length; i++)
        {
            var before = Enumerable.Range(0, i).Where(j => Period(j) < Period(i)).GroupBy(Period).LastOrDefault()?.ToList();
            if (before is null || !Begins(before[0]))
            {
                continue;
            }

            var (h, l, c) = (before.Max(j => s.High[j]), before.Min(j => s.Low[j]), s.Close[before[^1]]);
            var p = (h + l + c) / 3;
            double[] distances = method == 1 ? [0.382, 0.618, 1] : [1.1 / 12, 1.1 / 6, 1.1 / 4];
            double[] found = method == 0
                ? [p, (2 * p) - l, p + h - l, (2 * p) + h - (2 * l), (2 * p) - h, p - h + l, (2 * p) + l - (2 * h)]
                : [p, .. distances.Select(d => (method == 1 ? p : c) + (d * (h - l))), .. distances.Select(d => (method == 1 ? p : c) - (d * (h - l)))];
            for (var k = 0; k < 7; k++)
            {
                levels[k][i] = found[k];
            }
        }

        return [.. levels.Select(values => new Expected(values, _ => 10 * s.Level))];
    }
}
