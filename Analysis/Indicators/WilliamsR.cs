namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Williams %R (Williams 1979): how far the close is below the top of the range of the last <c>period</c> candles, in percent
/// of the range, from −100 (bottom) to 0 (top). In a range without width it is −50.
/// </summary>
/// <param name="period">Candles of the range, at least 1.</param>
public sealed class WilliamsR(int period = 14)
{
    private readonly PriceRange range = new(period);

    /// <summary>−100 to 0; NaN until <c>period</c> candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close)
    {
        range.Add(high, low);
        if (range.IsFull)
        {
            Value = range.PercentAt(close) - 100;
        }

        return Value;
    }
}
