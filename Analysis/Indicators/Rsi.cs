namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Relative strength index (Wilder 1978): 100·G/(G + L), where G and L are Wilder averages of the gains and the losses from
/// close to close. A series that did not move at all is at 50.
/// </summary>
/// <param name="period">Changes averaged; Wilder's is 14.</param>
public sealed class Rsi(int period = 14)
{
    private readonly Ema gains = Ema.Wilder(period);
    private readonly Ema losses = Ema.Wilder(period);
    private double previousClose = double.NaN;

    /// <summary>From 0 to 100; NaN until <c>period</c> + 1 closes were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double close)
    {
        if (!double.IsNaN(previousClose))
        {
            var change = close - previousClose;
            var gain = gains.Add(Math.Max(change, 0));
            var loss = losses.Add(Math.Max(-change, 0));
            Value = gain + loss == 0 ? 50 : 100 * gain / (gain + loss);
        }

        previousClose = close;
        return Value;
    }
}
