using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Timing;

/// <summary>The rules of docs/SIGNALS.md by their words, looking back over the whole series at every candle.</summary>
internal sealed class NaiveRules(IReadOnlyList<CandleInput> candles, IReadOnlyList<IndicatorValues> values)
{
    public bool Pullback(int i, PositionSide side)
    {
        if (i < 2)
        {
            return false;
        }

        var (c, v) = (candles[i], values[i]);
        var last3 = Enumerable.Range(i - 2, 3);
        return side == PositionSide.Long
            ? c.Close > v.Sma200 && v.Ema50 > v.Sma200 && v.Adx14 >= 20 && v.PlusDi14 > v.MinusDi14
                && last3.Any(j => candles[j].Low <= values[j].Ema20) && last3.Any(j => values[j].Rsi14 < 50)
                && c.Close > v.Ema20 && c.Close > candles[i - 1].High
            : c.Close < v.Sma200 && v.Ema50 < v.Sma200 && v.Adx14 >= 20 && v.MinusDi14 > v.PlusDi14
                && last3.Any(j => candles[j].High >= values[j].Ema20) && last3.Any(j => values[j].Rsi14 > 50)
                && c.Close < v.Ema20 && c.Close < candles[i - 1].Low;
    }

    public bool Breakout(int i, PositionSide side)
    {
        // The first bandwidth is of candle 20, the hundredth of candle 119.
        if (i < 119)
        {
            return false;
        }

        var channel = candles.Skip(i - 20).Take(20).ToList();
        var average = channel.Average(c => c.Volume);
        var bandwidths = Enumerable.Range(i - 100, 100).Select(Bandwidth).ToList();
        var outside = side == PositionSide.Long
            ? candles[i].Close > channel.Max(c => c.High)
            : candles[i].Close < channel.Min(c => c.Low);
        return outside && average > 0 && candles[i].Volume >= 1.5 * average
            && bandwidths.Count(b => b < bandwidths[^1]) < 50
            && values[i].Adx14 > values[i - 1].Adx14;
    }

    public double BreakoutRisk(int i) => 1.5 * values[i].Atr14;

    public double PullbackRisk(int i, PositionSide side)
    {
        var last3 = candles.Skip(i - 2).Take(3);
        var swing = side == PositionSide.Long ? candles[i].Close - last3.Min(c => c.Low) : last3.Max(c => c.High) - candles[i].Close;
        return Math.Max(1.5 * values[i].Atr14, swing + (0.1 * values[i].Atr14));
    }

    private double Bandwidth(int i) => (values[i].BollingerUpper - values[i].BollingerLower) / values[i].BollingerMiddle;
}
