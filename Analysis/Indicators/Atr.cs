namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Average true range (Wilder 1978): the Wilder average of the true range. The first candle, which has none before it, counts
/// with high − low. In the unit of the prices.
/// </summary>
/// <param name="period">Candles averaged; Wilder's is 14.</param>
public sealed class Atr(int period = 14)
{
    private readonly Ema average = Ema.Wilder(period);
    private double previousClose = double.NaN;

    /// <summary>NaN until <c>period</c> candles were added.</summary>
    public double Value => average.Value;

    /// <summary>
    /// The greatest of high − low, |high − previous close| and |low − previous close|; high − low when the previous close is NaN.
    /// </summary>
    public static double TrueRange(double high, double low, double previousClose) =>
        double.IsNaN(previousClose) ? high - low : Math.Max(high, previousClose) - Math.Min(low, previousClose);

    public double Add(double high, double low, double close)
    {
        average.Add(TrueRange(high, low, previousClose));
        previousClose = close;
        return Value;
    }
}
