using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Analysis.Alerts;

public enum IndicatorComparison : byte
{
    /// <summary>At or above the value.</summary>
    Above,

    /// <summary>At or below it.</summary>
    Below,

    /// <summary>At or above it, and below it at the candle before.</summary>
    CrossesAbove,

    /// <summary>At or below it, and above it at the candle before.</summary>
    CrossesBelow,
}

/// <summary>One alert on an indicator.</summary>
/// <param name="Output">Place of the value among the indicator's outputs.</param>
public readonly record struct IndicatorLevel(long AlertId, int Output, IndicatorComparison Comparison, double Value);

/// <summary>
/// One indicator in the course of a series of closed candles, with all alerts on it. A value that is not known holds for none. Not safe for
/// concurrent use.
/// </summary>
/// <param name="spec">The indicator.</param>
public sealed class IndicatorWatch(IndicatorSpec spec)
{
    private readonly Dictionary<long, IndicatorLevel> alerts = [];
    private readonly double[] before = new double[spec.Entry.Outputs.Count];
    private RunningIndicator running = spec.Start();

    /// <summary>Alerts on it.</summary>
    public int Count => alerts.Count;

    /// <summary>Start of the last candle added, Unix milliseconds; null before the first.</summary>
    public long? LastOpen { get; private set; }

    public void Add(in IndicatorLevel alert) => alerts[alert.AlertId] = alert;

    public void Remove(long alertId) => alerts.Remove(alertId);

    /// <summary>Begins the series anew; the alerts stay.</summary>
    public void Restart()
    {
        running = spec.Start();
        LastOpen = null;
    }

    /// <summary>Adds the next candle, and tells for which alerts the comparison holds at its close.</summary>
    /// <param name="candle">Closed, and later than the one before.</param>
    /// <param name="holding">Receives their ids.</param>
    /// <param name="benchmark">The close of the benchmark's candle of the same time; NaN where there is none, or none is needed.</param>
    public void Add(in CandleInput candle, ICollection<long> holding, double benchmark = double.NaN)
    {
        running.Values.CopyTo(before);
        running.Add(candle, benchmark);
        LastOpen = candle.OpenTime;
        foreach (var alert in alerts.Values)
        {
            if (Holds(alert, before[alert.Output], running.Values[alert.Output]))
            {
                holding.Add(alert.AlertId);
            }
        }
    }

    private static bool Holds(in IndicatorLevel alert, double before, double now) => alert.Comparison switch
    {
        IndicatorComparison.Above => now >= alert.Value,
        IndicatorComparison.Below => now <= alert.Value,
        IndicatorComparison.CrossesAbove => before < alert.Value && now >= alert.Value,
        _ => before > alert.Value && now <= alert.Value,
    };
}
