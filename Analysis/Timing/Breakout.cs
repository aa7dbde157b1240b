using CryptoAI.Analysis.Indicators;

namespace CryptoAI.Analysis.Timing;

/// <summary>
/// Follows a price out of a quiet range: long when the close is above the highest high of the 20 candles before (Donchian's
/// channel), on at least 1.5 times their average volume, with ADX rising, after a squeeze: the Bollinger bandwidth of the
/// candle before, (upper − lower)/middle, was within the lower half of its own last 100 values. Short below the lowest low.
/// </summary>
internal sealed class Breakout
{
    public const string Name = "breakout";
    public const int ChannelCandles = 20;
    public const int SqueezeCandles = 100;
    public const double MinVolumeRatio = 1.5;

    private readonly SlidingWindow<Highest> highs = new(ChannelCandles);
    private readonly SlidingWindow<Lowest> lows = new(ChannelCandles);
    private readonly Sma volumes = new(ChannelCandles);
    private readonly double[] bandwidths = new double[SqueezeCandles];
    private long bandwidthCount;
    private double previousAdx = double.NaN;

    /// <summary>Takes the next candle in and says whether the rule holds at its close.</summary>
    public RuleMatch? Next(in CandleInput candle, in IndicatorValues values)
    {
        var match = Evaluate(candle, values);
        highs.Add(candle.High);
        lows.Add(candle.Low);
        volumes.Add(candle.Volume);
        previousAdx = values.Adx14;
        var bandwidth = (values.BollingerUpper - values.BollingerLower) / values.BollingerMiddle;
        if (!double.IsNaN(bandwidth))
        {
            bandwidths[bandwidthCount++ % SqueezeCandles] = bandwidth;
        }

        return match;
    }

    /// <summary>Everything kept here is still of the candles before.</summary>
    private RuleMatch? Evaluate(in CandleInput candle, in IndicatorValues values)
    {
        if (bandwidthCount < SqueezeCandles || !(values.Adx14 > previousAdx)
            || !(volumes.Value > 0) || !(candle.Volume >= MinVolumeRatio * volumes.Value))
        {
            return null;
        }

        if (candle.Close > highs.Value.Price)
        {
            return Match(PositionSide.Long, candle, values, highs.Value.Price);
        }

        return candle.Close < lows.Value.Price ? Match(PositionSide.Short, candle, values, lows.Value.Price) : null;
    }

    private RuleMatch? Match(PositionSide side, in CandleInput candle, in IndicatorValues values, double channel)
    {
        // Only a candle that broke out comes here, so the hundred values are looked through seldom.
        var newest = bandwidths[(bandwidthCount - 1) % SqueezeCandles];
        var narrower = 0;
        foreach (var bandwidth in bandwidths)
        {
            narrower += bandwidth < newest ? 1 : 0;
        }

        if (narrower >= SqueezeCandles / 2)
        {
            return null;
        }

        var ratio = candle.Volume / volumes.Value;
        var confidence = RuleMatch.Score(
            (ratio - MinVolumeRatio) / 3,
            1 - (narrower / (SqueezeCandles / 2.0)),
            Math.Abs(candle.Close - channel) / values.Atr14);
        return new RuleMatch(Name, side, double.NaN, confidence,
        [
            new("close_beyond_channel", candle.Close, channel),
            new("volume_ratio", ratio, MinVolumeRatio),
            new("bandwidth_rank_percent", narrower, SqueezeCandles / 2),
            new("adx14", values.Adx14, previousAdx),
        ]);
    }
}
