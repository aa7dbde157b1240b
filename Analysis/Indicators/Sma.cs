namespace CryptoAI.Analysis.Indicators;

/// <summary>Simple moving average: the mean of the last <c>period</c> values.</summary>
/// <param name="period">Values averaged, at least 1.</param>
public sealed class Sma(int period)
{
    private readonly SlidingWindow<Sum> window = new(period);

    /// <summary>In the unit of the values; NaN until <c>period</c> values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double value)
    {
        window.Add(value);
        if (window.IsFull)
        {
            Value = window.Value.Total / period;
        }

        return Value;
    }
}
