using System.Globalization;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Timing;

/// <summary>Candles to test with: random ones out of a seed, and recorded ones.</summary>
internal static class CandleSeries
{
    public const long Minute = 60_000;

    /// <summary>Midnight, 2024-01-01 UTC.</summary>
    public const long Start = 1_704_067_200_000;

    /// <summary>
    /// A walk from a price level that changes its temper every few dozen candles: calm, trending, wild, jumping, and standing
    /// perfectly still with no volume. Endless.
    /// </summary>
    public static IEnumerable<CandleInput> Random(Random random, double level, long lengthMs, long start = Start)
    {
        var close = level;
        var (volatility, drift, quiet, left) = (0.001, 0.0, false, 0);
        for (var time = start; ; time += lengthMs)
        {
            if (left-- == 0)
            {
                left = random.Next(5, 80);
                quiet = random.Next(8) == 0;
                volatility = Math.Pow(10, -4 + (2.5 * random.NextDouble()));
                drift = random.Next(2) == 0 ? 0 : volatility * (random.NextDouble() - 0.5);

                // Far from the level, walk back: a test of millions of candles must not run out of the range of prices.
                drift -= 0.02 * volatility * Math.Log(close / level);
            }

            if (quiet)
            {
                yield return new CandleInput(time, close, close, close, close, 0);
                continue;
            }

            var open = close;
            close *= Math.Exp(drift + (volatility * Gaussian(random)));
            var high = Math.Max(open, close) * (1 + (volatility * random.NextDouble()));
            var low = Math.Min(open, close) * (1 - (volatility * random.NextDouble()));
            var volume = random.Next(10) == 0 ? 0 : Math.Exp(3 * Gaussian(random)) * 1000 / level;
            yield return new CandleInput(time, open, high, low, close, volume);
        }
    }

    /// <summary>The candles of a recorded file.</summary>
    public static IEnumerable<CandleInput> Recorded(string fileName)
    {
        using var reader = RecordedData.Open(fileName);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            yield return new CandleInput(
                DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
                Number(fields[1]), Number(fields[2]), Number(fields[3]), Number(fields[4]), Number(fields[5]));
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
