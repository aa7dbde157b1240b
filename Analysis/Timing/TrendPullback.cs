using CryptoAI.Analysis.Indicators;

namespace CryptoAI.Analysis.Timing;

/// <summary>
/// Enters a trend after a pause in it: long when close and EMA50 are above SMA200, ADX is at least 20 and +DI above −DI, one
/// of the last 3 candles had its low at or below EMA20 and one of them an RSI below 50, and the candle now closes above
/// EMA20 and above the high of the candle before. Short is the mirror image.
/// </summary>
internal sealed class TrendPullback
{
    public const string Name = "trend_pullback";
    public const double MinAdx = 20;
    public const int PullbackCandles = 3;

    private readonly SlidingWindow<Highest> highs = new(PullbackCandles);
    private readonly SlidingWindow<Lowest> lows = new(PullbackCandles);
    private double previousHigh = double.NaN;
    private double previousLow = double.NaN;

    // Of the last three candles, newest in the lowest bit.
    private int touchedFromAbove;
    private int touchedFromBelow;
    private int rsiBelow50;
    private int rsiAbove50;

    /// <summary>Takes the next candle in and says whether the rule holds at its close.</summary>
    public RuleMatch? Next(in CandleInput candle, in IndicatorValues values)
    {
        highs.Add(candle.High);
        lows.Add(candle.Low);
        Shift(ref touchedFromAbove, candle.Low <= values.Ema20);
        Shift(ref touchedFromBelow, candle.High >= values.Ema20);
        Shift(ref rsiBelow50, values.Rsi14 < 50);
        Shift(ref rsiAbove50, values.Rsi14 > 50);
        var (high, low) = (previousHigh, previousLow);
        (previousHigh, previousLow) = (candle.High, candle.Low);
        if (!(values.Adx14 >= MinAdx))
        {
            return null;
        }

        if (touchedFromAbove != 0 && rsiBelow50 != 0 && values.PlusDi14 > values.MinusDi14
            && candle.Close > values.Sma200 && values.Ema50 > values.Sma200 && candle.Close > values.Ema20 && candle.Close > high)
        {
            return Match(PositionSide.Long, candle, values, lows.Value.Price, high);
        }

        if (touchedFromBelow != 0 && rsiAbove50 != 0 && values.MinusDi14 > values.PlusDi14
            && candle.Close < values.Sma200 && values.Ema50 < values.Sma200 && candle.Close < values.Ema20 && candle.Close < low)
        {
            return Match(PositionSide.Short, candle, values, highs.Value.Price, low);
        }

        return null;
    }

    private static RuleMatch Match(PositionSide side, in CandleInput candle, in IndicatorValues values, double swing, double crossed)
    {
        var (with, against) = side == PositionSide.Long ? (values.PlusDi14, values.MinusDi14) : (values.MinusDi14, values.PlusDi14);
        var confidence = RuleMatch.Score(
            (values.Adx14 - MinAdx) / 30,
            (with - against) / 30,
            Math.Abs(values.Ema50 - values.Sma200) / (5 * values.Atr14));
        return new RuleMatch(Name, side, swing, confidence,
        [
            new("close_beyond_candle_before", candle.Close, crossed),
            new("close_beyond_ema20", candle.Close, values.Ema20),
            new("close_beyond_sma200", candle.Close, values.Sma200),
            new("ema50_beyond_sma200", values.Ema50, values.Sma200),
            new("adx14", values.Adx14, MinAdx),
            new(side == PositionSide.Long ? "plus_di14" : "minus_di14", with, against),
            new("swing", swing, values.Ema20),
        ]);
    }

    private static void Shift(ref int flags, bool newest) =>
        flags = ((flags << 1) | (newest ? 1 : 0)) & ((1 << PullbackCandles) - 1);
}
