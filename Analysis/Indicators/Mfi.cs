namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Money flow index (Quong and Soudack 1989): 100·U/(U + D), where U and D sum typical price·volume of the last <c>period</c>
/// candles whose typical price (high + low + close)/3 rose or fell. Where nothing flowed it is 50.
/// </summary>
/// <param name="period">Changes summed, at least 1.</param>
public sealed class Mfi(int period = 14)
{
    private readonly SlidingWindow<Sum> rising = new(period);
    private readonly SlidingWindow<Sum> falling = new(period);
    private double previous = double.NaN;

    /// <summary>0 to 100; NaN until <c>period</c> + 1 candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close, double volume)
    {
        var price = (high + low + close) / 3;
        if (!double.IsNaN(previous))
        {
            rising.Add(price > previous ? price * volume : 0);
            falling.Add(price < previous ? price * volume : 0);
            if (rising.IsFull)
            {
                var flow = rising.Value.Total + falling.Value.Total;
                Value = flow == 0 ? 50 : 100 * rising.Value.Total / flow;
            }
        }

        previous = price;
        return Value;
    }
}
