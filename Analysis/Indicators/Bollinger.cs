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

    /// <summary>%B: where the last value stands between the lower band (0) and the upper one (1); NaN where they are the same.</summary>
    public double PercentB { get; private set; } = double.NaN;

    /// <summary>BandWidth: the distance of the bands over <see cref="Middle"/>.</summary>
    public double BandWidth => 2 * width * Deviation / Middle;

    public void Add(double value)
    {
        window.Add(value);
        if (window.IsFull)
        {
            Middle = window.Value.Mean;
            Deviation = Math.Sqrt(window.Value.PopulationVariance);
            PercentB = Deviation > 0 ? 0.5 + ((value - Middle) / (2 * width * Deviation)) : double.NaN;
        }
    }
}
