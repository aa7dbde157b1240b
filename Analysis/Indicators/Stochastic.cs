namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Stochastic oscillator (Lane): where the close stands in the range of the last <c>period</c> candles, in percent, smoothed by
/// a simple mean (%K; smoothing 1 is the fast one), and the simple mean of that (%D). In a range without width it is 50.
/// </summary>
/// <param name="period">Candles of the range, at least 1.</param>
/// <param name="smoothing">Values averaged for %K, at least 1.</param>
/// <param name="signalPeriod">Values of %K averaged for %D, at least 1.</param>
public sealed class Stochastic(int period = 14, int smoothing = 3, int signalPeriod = 3)
{
    private readonly PriceRange range = new(period);
    private readonly Sma smooth = new(smoothing);
    private readonly Sma signal = new(signalPeriod);

    /// <summary>%K, 0 to 100; NaN until <c>period</c> + <c>smoothing</c> − 1 candles were added.</summary>
    public double K => smooth.Value;

    /// <summary>%D, 0 to 100; NaN until <c>signalPeriod</c> − 1 more were added.</summary>
    public double D => signal.Value;

    public void Add(double high, double low, double close)
    {
        range.Add(high, low);
        if (range.IsFull && !double.IsNaN(smooth.Add(range.PercentAt(close))))
        {
            signal.Add(K);
        }
    }
}
