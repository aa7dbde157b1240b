namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Stochastic RSI (Chande and Kroll 1994): where the RSI stands in its own range of the last <c>period</c> values, in percent,
/// smoothed by a simple mean (%K), and the simple mean of that (%D).
/// </summary>
/// <param name="rsiPeriod">Wilder's period of the RSI, at least 1.</param>
/// <param name="period">RSI values of the range, at least 1.</param>
public sealed class StochRsi(int rsiPeriod = 14, int period = 14, int smoothing = 3, int signalPeriod = 3)
{
    /// <summary>An RSI range narrower than this is rounding, not movement, and has its middle, 50.</summary>
    private const double NoRange = 1e-9;

    private readonly Rsi rsi = new(rsiPeriod);
    private readonly PriceRange range = new(period);
    private readonly Sma smooth = new(smoothing);
    private readonly Sma signal = new(signalPeriod);

    /// <summary>%K, 0 to 100; NaN until <c>rsiPeriod</c> + <c>period</c> + <c>smoothing</c> − 1 closes were added.</summary>
    public double K => smooth.Value;

    /// <summary>%D, 0 to 100; NaN until <c>signalPeriod</c> − 1 more were added.</summary>
    public double D => signal.Value;

    public void Add(double close)
    {
        var strength = rsi.Add(close);
        if (double.IsNaN(strength))
        {
            return;
        }

        range.Add(strength, strength);
        if (range.IsFull && !double.IsNaN(smooth.Add(range.Top - range.Bottom < NoRange ? 50 : range.PercentAt(strength))))
        {
            signal.Add(K);
        }
    }
}
