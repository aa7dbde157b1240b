using System.Diagnostics;
using CryptoAI.Analysis.Alerts;

namespace CryptoAI.Bench.Alerts;

/// <summary>
/// What one trade that fires nothing costs in the alert index of a symbol that has 1 k, 100 k or 1 M alerts: ratios to 1 k,
/// sizes taking turns in every round, medians over the rounds. The limit is 2.
/// </summary>
/// <remarks>
/// Besides the plain case, three that a warm tight loop would hide: the processor's caches emptied between the trades,
/// several symbols of the size taking turns, and alerts coming and going meanwhile.
/// </remarks>
public static class AlertBench
{
    private const double Limit = 2.0;
    private const int Rounds = 15;
    private const int Symbols = 8;
    private const long MidPrice = 6_500_000;
    private const long Gap = 20_000;
    private const long Spread = 3_000_000;

    private static readonly int[] Sizes = [1_000, 100_000, 1_000_000];
    private static readonly List<AlertLevel> Fired = [];

    // Larger than any cache it must push the index out of.
    private static readonly long[] Ballast = new long[8 * 1024 * 1024];

    /// <summary>Prints the table; 0 when every ratio is within the limit, 1 if not.</summary>
    public static int Run()
    {
        Console.WriteLine($"alerts: cost of a trade that fires nothing, ratio to 1 k alerts (limit {Limit:F1}); medians of {Rounds} rounds, sizes in turn");
        var prices = Walk(1 << 20);
        var symbols = Array.ConvertAll(Sizes, size => Enumerable.Range(0, Symbols).Select(seed => Filled(size, seed)).ToArray());
        var indexes = Array.ConvertAll(symbols, s => s[0]);
        var withinLimit = true;
        withinLimit &= Print("one symbol, warm", Measure(i => Warm(indexes[i], prices)));
        withinLimit &= Print("caches emptied before each trade (only the trade is timed, the clock's own cost in it)", Measure(i => Cold(indexes[i], prices)));
        withinLimit &= Print($"{Symbols} symbols of this size in turn", Measure(i => InTurn(symbols[i], prices)));
        withinLimit &= Print("an alert added and one removed every 1,000 trades (those not timed)", Measure(i => Changing(indexes[i], prices)));
        Console.WriteLine("  for information:");
        Describe(Sizes[0]);
        foreach (var size in Sizes)
        {
            Console.WriteLine($"    {Describe(size)}");
        }

        if (Fired.Count > 0)
        {
            throw new InvalidOperationException($"{Fired.Count} alerts fired where none should.");
        }

        Console.WriteLine(withinLimit ? "  within the limit" : "  BEYOND THE LIMIT");
        return withinLimit ? 0 : 1;
    }

    /// <summary>Half the alerts below the walk's range and half above, of all three directions.</summary>
    private static AlertIndex Filled(int size, int seed)
    {
        var index = new AlertIndex(MidPrice);
        index.AddRange(Alerts(size, seed));
        return index;
    }

    private static AlertLevel[] Alerts(int size, int seed)
    {
        var random = new Random(seed);
        var alerts = new AlertLevel[size];
        for (var i = 0; i < size; i++)
        {
            var away = Gap + random.NextInt64(Spread);
            var above = random.Next(2) == 0;
            var touch = random.Next(3) == 0;
            alerts[i] = new AlertLevel(
                i, above ? MidPrice + away : MidPrice - away, touch ? AlertDirection.Touch : above ? AlertDirection.Up : AlertDirection.Down);
        }

        return alerts;
    }

    /// <summary>A random walk that turns back at the nearest levels.</summary>
    private static long[] Walk(int length)
    {
        var random = new Random(42);
        var prices = new long[length];
        var price = MidPrice;
        for (var i = 0; i < length; i++)
        {
            price += random.Next(-300, 301);
            price = Math.Clamp(price, MidPrice - Gap + 1, MidPrice + Gap - 1);
            prices[i] = price;
        }

        return prices;
    }

    /// <summary>Median nanoseconds per trade for each size; the sizes' order changes from round to round.</summary>
    private static double[] Measure(Func<int, double> nanoseconds)
    {
        var samples = Array.ConvertAll(Sizes, _ => new List<double>());
        for (var round = -2; round < Rounds; round++)
        {
            for (var k = 0; k < Sizes.Length; k++)
            {
                var i = (k + round + 2) % Sizes.Length;
                var sample = nanoseconds(i);
                if (round >= 0)
                {
                    samples[i].Add(sample);
                }
            }
        }

        return Array.ConvertAll(samples, s => s.Order().ElementAt(s.Count / 2));
    }

    private static double Warm(AlertIndex index, long[] prices)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var price in prices)
        {
            index.Cross(price, Fired);
        }

        return PerTrade(start, prices.Length);
    }

    private static double Cold(AlertIndex index, long[] prices)
    {
        const int trades = 60;
        var ticks = 0L;
        for (var i = 0; i < trades; i++)
        {
            // One pass over 64 MB; then the very first touch of the index is timed.
            for (var k = 0; k < Ballast.Length; k += 8)
            {
                Ballast[k]++;
            }

            var price = prices[i];
            var start = Stopwatch.GetTimestamp();
            index.Cross(price, Fired);
            ticks += Stopwatch.GetTimestamp() - start;
        }

        return ticks * 1e9 / Stopwatch.Frequency / trades;
    }

    private static double InTurn(AlertIndex[] symbols, long[] prices)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < prices.Length / Symbols; i++)
        {
            foreach (var index in symbols)
            {
                index.Cross(prices[i], Fired);
            }
        }

        return PerTrade(start, prices.Length / Symbols * Symbols);
    }

    private static double Changing(AlertIndex index, long[] prices)
    {
        long changes = 0;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < prices.Length; i++)
        {
            if (i % 1_000 == 0)
            {
                var before = Stopwatch.GetTimestamp();
                index.Add(new AlertLevel(-1 - i, MidPrice + Spread, AlertDirection.Up));
                index.Remove(-1 - i);
                changes += Stopwatch.GetTimestamp() - before;
            }

            index.Cross(prices[i], Fired);
        }

        return PerTrade(start + changes, prices.Length);
    }

    private static double PerTrade(long start, int trades) =>
        (Stopwatch.GetTimestamp() - start) * 1e9 / Stopwatch.Frequency / trades;

    private static bool Print(string name, double[] nanoseconds)
    {
        var ratios = Array.ConvertAll(nanoseconds, n => n / nanoseconds[0]);
        var cells = Sizes.Select((size, i) => $"{Name(size)} {nanoseconds[i],7:F2} ns = {ratios[i]:F2}");
        Console.WriteLine($"  {name}");
        Console.WriteLine($"    {string.Join("   ", cells)}   {(ratios.Max() <= Limit ? "ok" : "OVER")}");
        return ratios.Max() <= Limit;
    }

    private static string Describe(int size)
    {
        var alerts = Alerts(size, seed: 7);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        var index = new AlertIndex(MidPrice);
        index.AddRange(alerts);
        var load = Stopwatch.GetElapsedTime(start);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)size;

        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10_000; i++)
        {
            index.Add(new AlertLevel(-1 - i, MidPrice + Gap + (i * 271L % Spread), AlertDirection.Up));
        }

        var add = PerTrade(start, 10_000);
        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10_000; i++)
        {
            index.Remove(-1 - i);
        }

        var remove = PerTrade(start, 10_000);
        var fired = new List<AlertLevel>(size);
        start = Stopwatch.GetTimestamp();
        for (var price = MidPrice; fired.Count < Math.Min(size / 4, 10_000); price += 100)
        {
            index.Cross(price, fired);
        }

        var fire = PerTrade(start, fired.Count);
        return $"{Name(size),-5} load {load.TotalMilliseconds,6:F1} ms, {bytes,5:F1} B each; add {add,6:F0} ns, remove {remove,6:F0} ns, fire {fire,6:F0} ns each";
    }

    private static string Name(int size) => size >= 1_000_000 ? $"{size / 1_000_000} M" : $"{size / 1_000} k";
}
