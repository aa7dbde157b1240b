namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Weighted moving average with weights that rise by one from the oldest value (1) to the newest (<c>period</c>): Σ i·xᵢ / Σ i
/// (Kaufman, Trading Systems and Methods).
/// </summary>
/// <param name="period">Values averaged, at least 1.</param>
public sealed class Wma(int period)
{
    private readonly SlidingWindow<RisingWeights> window = new(period);

    /// <summary>In the unit of the values; NaN until <c>period</c> values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double value)
    {
        window.Add(value);
        if (window.IsFull)
        {
            Value = window.Value.Weighted / (0.5 * period * (period + 1));
        }

        return Value;
    }
}
