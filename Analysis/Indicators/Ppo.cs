namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Percentage price oscillator (Appel): the MACD in percent of the slow EMA, 100·(fast − slow)/slow, with an EMA of it as the
/// signal line and the difference of the two.
/// </summary>
public sealed class Ppo(int fastPeriod = 12, int slowPeriod = 26, int signalPeriod = 9)
{
    private readonly Ema fast = new(fastPeriod);
    private readonly Ema slow = new(slowPeriod);
    private readonly Ema signal = new(signalPeriod);

    /// <summary>Percent; NaN until <c>slowPeriod</c> values were added.</summary>
    public double Line { get; private set; } = double.NaN;

    /// <summary>Percent; NaN until <c>slowPeriod</c> + <c>signalPeriod</c> − 1 values were added.</summary>
    public double Signal => signal.Value;

    /// <summary><see cref="Line"/> − <see cref="Signal"/>.</summary>
    public double Histogram => Line - Signal;

    public void Add(double value)
    {
        var quick = fast.Add(value);
        Line = 100 * (quick - slow.Add(value)) / slow.Value;
        if (!double.IsNaN(Line))
        {
            signal.Add(Line);
        }
    }
}
