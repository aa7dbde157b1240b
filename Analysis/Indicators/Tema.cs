namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Triple exponential moving average (Mulloy 1994): 3·EMA − 3·EMA of the EMA + EMA of that. Each EMA is seeded with the simple
/// mean of its first <c>period</c> values.
/// </summary>
/// <param name="period">At least 1.</param>
public sealed class Tema(int period)
{
    private readonly Ema first = new(period);
    private readonly Ema second = new(period);
    private readonly Ema third = new(period);

    /// <summary>In the unit of the values; NaN until 3·<c>period</c> − 2 values were added.</summary>
    public double Value => (3 * (first.Value - second.Value)) + third.Value;

    public double Add(double value)
    {
        first.Add(value);
        if (!double.IsNaN(first.Value))
        {
            second.Add(first.Value);
        }

        if (!double.IsNaN(second.Value))
        {
            third.Add(second.Value);
        }

        return Value;
    }
}
