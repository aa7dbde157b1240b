namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// On-balance volume (Granville 1963): the running total of volume, added when the close rose, subtracted when it fell. It
/// starts at 0 with the first candle, so only its changes mean something.
/// </summary>
public sealed class Obv
{
    private CompensatedSum total;
    private double previousClose = double.NaN;

    /// <summary>In the unit of the volume; NaN before the first candle.</summary>
    public double Value => double.IsNaN(previousClose) ? double.NaN : total.Value;

    public double Add(double close, double volume)
    {
        if (close > previousClose)
        {
            total.Add(volume);
        }
        else if (close < previousClose)
        {
            total.Add(-volume);
        }

        previousClose = close;
        return Value;
    }
}
