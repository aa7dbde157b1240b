namespace CryptoAI.Analysis.Indicators;

/// <summary>Rate of change in percent: 100·(x/x₍ₙ₎ − 1), x₍ₙ₎ being the value <c>period</c> values ago (Murphy 1999).</summary>
/// <param name="period">At least 1.</param>
public sealed class Roc(int period = 12)
{
    private readonly Delay earlier = new(period);

    /// <summary>Percent; NaN until <c>period</c> + 1 values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double value)
    {
        var before = earlier.Add(value);
        Value = 100 * (value - before) / before;
        return Value;
    }
}
