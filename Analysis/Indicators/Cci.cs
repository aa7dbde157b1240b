namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Commodity channel index (Lambert 1980): (p − m)/(0.015·d), p = (high + low + close)/3, m its mean over the last
/// <c>period</c> candles and d the mean absolute deviation of those from m. 0 where all are the same.
/// </summary>
/// <remarks>
/// The mean moves with every candle, and with it all deviations from it. Their sum is that of the values above it less that of the values below,
/// which a sorted window finds in time that grows with the logarithm of the period.
/// </remarks>
/// <param name="period">At least 1.</param>
public sealed class Cci(int period = 20)
{
    private readonly SortedWindow prices = new(period);
    private double previous = double.NaN;
    private int same;

    /// <summary>Without unit, mostly within ±100; NaN until <c>period</c> candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close)
    {
        var price = (high + low + close) / 3;
        prices.Add(price);
        same = price == previous ? Math.Min(same + 1, period) : 1;
        previous = price;
        if (prices.Count == period)
        {
            var middle = prices.Total / period;
            Value = same == period || price == middle ? 0 : (price - middle) / (0.015 * Deviations(price, middle) / period);
        }

        return Value;
    }

    private double Deviations(double price, double middle)
    {
        var (count, sum) = prices.Below(middle);
        var deviations = ((count * middle) - sum) + (prices.Total - sum - ((period - count) * middle));

        // As much lies above the mean as below it, so this holds but for rounding, and nothing is divided by zero.
        return Math.Max(deviations, 2 * Math.Abs(price - middle));
    }
}
