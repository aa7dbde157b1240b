namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Bollinger bands (Bollinger on Bollinger Bands, 2001): the mean of the last <c>period</c> values, and bands
/// <c>width</c> population standard deviations (divisor n) above and below it. In the unit of the values.
/// </summary>
public sealed class Bollinger(int period = 20, double width = 2)
{
    private readonly SlidingWindow<Moments> window = new(period);

    /// <summary>NaN, like everything here, until <c>period</c> values were added.</summary>
    public double Middle { get; private set; } = double.NaN;

    public double Deviation { get; private set; } = double.NaN;

    public double Upper => Middle + (width * Deviation);

    public double Lower => Middle - (width * Deviation);

    public void Add(double value)
    {
        window.Add(value);
        if (window.IsFull)
        {
            Middle = window.Value.Mean;
            Deviation = Math.Sqrt(window.Value.PopulationVariance);
        }
    }
}
