namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// SuperTrend (Seban): bands <c>width</c> average true ranges (Wilder's) above and below the candle's middle (high + low)/2. The
/// lower band only rises and the upper one only falls, until the close before was beyond it. The line is the lower band in an
/// upward trend, which ends with a close below it, and the upper one in a downward trend, which ends with a close above it.
/// The first trend is upward if its candle closes above its middle.
/// </summary>
public sealed class SuperTrend(int period = 10, double width = 3)
{
    private readonly Atr range = new(period);
    private double upper = double.NaN;
    private double lower = double.NaN;
    private double previousClose;

    /// <summary>In the unit of the prices; NaN until <c>period</c> candles were added.</summary>
    public double Line => Direction > 0 ? lower : upper;

    /// <summary>1 in an upward trend, −1 in a downward one; NaN until <c>period</c> candles were added.</summary>
    public double Direction { get; private set; } = double.NaN;

    public void Add(double high, double low, double close)
    {
        var distance = width * range.Add(high, low, close);
        if (double.IsNaN(distance))
        {
            return;
        }

        var middle = 0.5 * (high + low);
        if (double.IsNaN(Direction))
        {
            upper = middle + distance;
            lower = middle - distance;
            Direction = close > middle ? 1 : -1;
        }
        else
        {
            upper = previousClose > upper ? middle + distance : Math.Min(upper, middle + distance);
            lower = previousClose < lower ? middle - distance : Math.Max(lower, middle - distance);
            Direction = Direction > 0 ? (close < lower ? -1 : 1) : close > upper ? 1 : -1;
        }

        previousClose = close;
    }
}
