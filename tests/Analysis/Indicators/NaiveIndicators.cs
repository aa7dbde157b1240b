using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Indicators;

/// <summary>
/// Every indicator computed from the candles themselves at each index, by its definition and without running state: windows
/// are summed anew, exponential averages are written out as weighted sums.
/// </summary>
/// <param name="candles">The whole series, or its end if what came before can no longer weigh.</param>
/// <param name="candlesBefore">Candles of the series that are not in the list.</param>
internal sealed class NaiveIndicators(IReadOnlyList<CandleInput> candles, long candlesBefore = 0)
{
    private const long Day = 86_400_000;
    private readonly double[] closes = [.. candles.Select(c => c.Close)];
    private readonly Dictionary<int, double> macdLines = [];
    private readonly Dictionary<int, double> directionalIndexes = [];

    /// <summary>Values at an index; OBV is left out where the list is not the whole series.</summary>
    public IndicatorValues At(int i)
    {
        var (middle, deviation) = MeanAndDeviation(i, 20);
        var macd = MacdLine(i);
        var signal = Exponential(MacdLine, i, first: 25, period: 9, alpha: 2.0 / 10);
        return new IndicatorValues
        {
            Sma20 = MeanAndDeviation(i, 20).Mean,
            Sma50 = MeanAndDeviation(i, 50).Mean,
            Sma200 = MeanAndDeviation(i, 200).Mean,
            Ema12 = Ema(i, 12),
            Ema20 = Ema(i, 20),
            Ema26 = Ema(i, 26),
            Ema50 = Ema(i, 50),
            Ema100 = Ema(i, 100),
            Rsi14 = Rsi(i),
            Macd = macd,
            MacdSignal = signal,
            MacdHistogram = macd - signal,
            BollingerUpper = middle + (2 * deviation),
            BollingerMiddle = middle,
            BollingerLower = middle - (2 * deviation),
            Atr14 = Exponential(TrueRange, i, first: 0, 14, 1.0 / 14),
            Adx14 = Exponential(Dx, i, first: 14, 14, 1.0 / 14),
            PlusDi14 = Di(i, PlusDm),
            MinusDi14 = Di(i, MinusDm),
            Vwap = Vwap(i),
            Obv = candlesBefore == 0 ? Obv(i) : double.NaN,
        };
    }

    private (double Mean, double Deviation) MeanAndDeviation(int i, int period)
    {
        if (i + 1 < period)
        {
            return (double.NaN, double.NaN);
        }

        // Differences from the newest value, and the mean's own rounding taken out: exact at any price level.
        var window = closes.AsSpan(i + 1 - period, period);
        var offset = 0.0;
        foreach (var value in window)
        {
            offset += value - closes[i];
        }

        var mean = closes[i] + (offset / period);
        var (squares, rest) = (0.0, 0.0);
        foreach (var value in window)
        {
            squares += (value - mean) * (value - mean);
            rest += value - mean;
        }

        return (mean, Math.Sqrt(Math.Max(0, squares - (rest * rest / period)) / period));
    }

    private double Ema(int i, int period) => Exponential(j => closes[j], i, 0, period, 2.0 / (period + 1));

    private double MacdLine(int i) => Once(macdLines, i, j => Ema(j, 12) - Ema(j, 26));

    private double Rsi(int i)
    {
        var gain = Exponential(j => Math.Max(closes[j] - closes[j - 1], 0), i, 1, 14, 1.0 / 14);
        var loss = Exponential(j => Math.Max(closes[j - 1] - closes[j], 0), i, 1, 14, 1.0 / 14);
        return gain == 0 && loss == 0 ? 50 : 100 - (100 / (1 + (gain / loss)));
    }

    private double TrueRange(int i)
    {
        var (high, low) = (candles[i].High, candles[i].Low);
        return i == 0
            ? high - low
            : Math.Max(high - low, Math.Max(Math.Abs(high - closes[i - 1]), Math.Abs(low - closes[i - 1])));
    }

    private double PlusDm(int i)
    {
        var (rise, fall) = (candles[i].High - candles[i - 1].High, candles[i - 1].Low - candles[i].Low);
        return rise > fall ? Math.Max(rise, 0) : 0;
    }

    private double MinusDm(int i)
    {
        var (rise, fall) = (candles[i].High - candles[i - 1].High, candles[i - 1].Low - candles[i].Low);
        return fall > rise ? Math.Max(fall, 0) : 0;
    }

    private double Di(int i, Func<int, double> movement)
    {
        var range = Exponential(TrueRange, i, 1, 14, 1.0 / 14);
        return range == 0 ? 0 : 100 * Exponential(movement, i, 1, 14, 1.0 / 14) / range;
    }

    private double Dx(int i) => Once(directionalIndexes, i, j =>
    {
        var (plus, minus) = (Di(j, PlusDm), Di(j, MinusDm));
        return plus + minus == 0 ? 0 : 100 * Math.Abs(plus - minus) / (plus + minus);
    });

    private double Vwap(int i)
    {
        var day = candles[i].OpenTime / Day;
        var first = i;
        while (first > 0 && candles[first - 1].OpenTime / Day == day)
        {
            first--;
        }

        var today = candles.Skip(first).Take(i + 1 - first).ToList();
        var volume = today.Sum(c => c.Volume);
        var known = first > 0 || candles[0].OpenTime % Day == 0;
        return known && volume > 0 ? today.Sum(c => (c.High + c.Low + c.Close) * c.Volume) / 3 / volume : double.NaN;
    }

    private double Obv(int i)
    {
        var total = 0m;
        for (var j = 1; j <= i; j++)
        {
            total += Math.Sign(closes[j] - closes[j - 1]) * (decimal)candles[j].Volume;
        }

        return (double)total;
    }

    private static double Once(Dictionary<int, double> known, int i, Func<int, double> compute)
    {
        if (!known.TryGetValue(i, out var value))
        {
            known[i] = value = compute(i);
        }

        return value;
    }

    /// <summary>
    /// The exponential average at i of a series that starts at <paramref name="first"/>: Σ α(1−α)^k·x(i−k), and what is left
    /// of the seed, the mean of the first <paramref name="period"/> values.
    /// </summary>
    private double Exponential(Func<int, double> series, int i, int first, int period, double alpha)
    {
        if (i + candlesBefore < first + period - 1)
        {
            return double.NaN;
        }

        var (sum, weight) = (0.0, 1.0);
        var seedEnd = first + period - 1;
        for (var j = i; j > seedEnd || candlesBefore > 0; j--)
        {
            sum += alpha * weight * series(j);
            weight *= 1 - alpha;
            if (weight < 1e-25)
            {
                return sum / (1 - weight);
            }
        }

        var seed = 0.0;
        for (var j = first; j <= seedEnd; j++)
        {
            seed += series(j);
        }

        return sum + (weight * seed / period);
    }
}
