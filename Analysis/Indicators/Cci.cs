namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Commodity channel index (Lambert 1980): (p − m)/(0.015·d), p = (high + low + close)/3, m its mean over the last
/// <c>period</c> candles and d the mean absolute deviation of those from m. 0 where all are the same.
/// </summary>
/// <remarks>
/// The mean moves with every candle, so the deviations from it are summed anew: the only indicator here whose candle costs
/// time in proportion to its period.
/// </remarks>
/// <param name="period">At least 1.</param>
public sealed class Cci(int period = 20)
{
    private readonly Sma mean = new(period);
    private readonly double[] prices = new double[period];
    private int next;

    /// <summary>Without unit, mostly within ±100; NaN until <c>period</c> candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close)
    {
        var price = (high + low + close) / 3;
        prices[next] = price;
        next = next + 1 == prices.Length ? 0 : next + 1;
        var middle = mean.Add(price);
        if (!double.IsNaN(middle))
        {
            var (deviation, same) = (0.0, true);
            foreach (var other in prices)
            {
                deviation += Math.Abs(other - middle);
                same &= other == price;
            }

            Value = same ? 0 : (price - middle) / (0.015 * deviation / prices.Length);
        }

        return Value;
    }
}
