namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// How many population standard deviations (divisor n, as in Bollinger's bands) a value is from the mean of the last
/// <c>period</c> values, itself among them. 0 where all are the same.
/// </summary>
/// <param name="period">At least 2.</param>
public sealed class ZScore(int period = 20)
{
    private readonly SlidingWindow<Moments> window = new(period);

    /// <summary>NaN until <c>period</c> values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double value)
    {
        window.Add(value);
        if (window.IsFull)
        {
            var deviation = Math.Sqrt(window.Value.PopulationVariance);
            Value = deviation == 0 ? 0 : (value - window.Value.Mean) / deviation;
        }

        return Value;
    }
}
