namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Keltner channels in Raschke's form: an EMA of the closes, and bands <c>width</c> average true ranges (Wilder's) above and
/// below it. Keltner's own of 1960 had a simple mean of typical prices and of ranges.
/// </summary>
public sealed class Keltner(int period = 20, int rangePeriod = 10, double width = 2)
{
    private readonly Ema average = new(period);
    private readonly Atr range = new(rangePeriod);

    /// <summary>NaN, until <c>period</c> candles were added.</summary>
    public double Middle => average.Value;

    /// <summary>NaN, like <see cref="Lower"/>, until the longer of both periods was added.</summary>
    public double Upper => Middle + (width * range.Value);

    public double Lower => Middle - (width * range.Value);

    public void Add(double high, double low, double close)
    {
        average.Add(close);
        range.Add(high, low, close);
    }
}
