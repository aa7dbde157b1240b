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
        return _rules.TryEvaluate(candle.ToInput(), candle.Indicators.ToValues(), out var plan) ? plan : null;
    }
}
