namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Accumulation/distribution line (Chaikin): the running total of volume·((close − low) − (high − close))/(high − low).
/// It starts at 0 before the first candle, so only its changes mean something.
/// </summary>
public sealed class AccumulationDistribution
{
    private CompensatedSum total;

    /// <summary>In the unit of the volume.</summary>
    public double Value => total.Value;

    /// <summary>Volume times the close's place in the candle, −1 at the low to 1 at the high; 0 for a candle without range.</summary>
    public static double Flow(double high, double low, double close, double volume) =>
        high > low ? volume * ((close - low) - (high - close)) / (high - low) : 0;

    public double Add(double high, double low, double close, double volume)
    {
        total.Add(Flow(high, low, close, volume));
        return Value;
    }
}

/// <summary>
/// Chaikin money flow (Chaikin): the accumulation/distribution of the last <c>period</c> candles over their volume.
/// 0 where there was no volume.
/// </summary>
/// <param name="period">At least 1.</param>
public sealed class Cmf(int period = 20)
{
    private readonly SlidingWindow<Sum> flows = new(period);
    private readonly SlidingWindow<Sum> volumes = new(period);

    /// <summary>−1 to 1; NaN until <c>period</c> candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close, double volume)
    {
        flows.Add(AccumulationDistribution.Flow(high, low, close, volume));
        volumes.Add(volume);
        if (volumes.IsFull)
        {
            Value = volumes.Value.Total == 0 ? 0 : flows.Value.Total / volumes.Value.Total;
        }

        return Value;
    }
}
