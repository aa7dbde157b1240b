using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;

namespace CryptoAI.Grains.Timing;

/// <summary>The rules of one timeframe and how far they have come.</summary>
internal sealed class SignalSeries(Timeframe timeframe, double tickSize)
{
    private readonly SignalRules _rules = new(timeframe.Minutes(), tickSize);

    public DateTimeOffset? LastOpenTime { get; private set; }

    /// <summary>Takes the next closed candle; gives the plan of a rule that holds at its close.</summary>
    public SignalPlan? Add(Candle candle)
    {
        LastOpenTime = candle.OpenTime;
        var input = new CandleInput(
            candle.OpenTime.ToUnixTimeMilliseconds(),
            (double)candle.Open,
            (double)candle.High,
            (double)candle.Low,
            (double)candle.Close,
            (double)candle.BaseVolume);
        return _rules.TryEvaluate(input, candle.Indicators.ToValues(), out var plan) ? plan : null;
    }
}
