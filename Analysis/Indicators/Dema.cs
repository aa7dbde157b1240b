namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Double exponential moving average (Mulloy 1994): 2·EMA − EMA of the EMA. Each EMA is seeded with the simple mean of its
/// first <c>period</c> values.
/// </summary>
/// <param name="period">At least 1.</param>
public sealed class Dema(int period)
{
    private readonly Ema first = new(period);
    private readonly Ema second = new(period);

    /// <summary>In the unit of the values; NaN until 2·<c>period</c> − 1 values were added.</summary>
    public double Value => (2 * first.Value) - second.Value;

    public double Add(double value)
    {
        first.Add(value);
        if (!double.IsNaN(first.Value))
        {
            second.Add(first.Value);
        }

        return Value;
    }
}
