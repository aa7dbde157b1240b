namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Moving average convergence/divergence (Appel 1979): the fast EMA less the slow one, an EMA of that as the signal line, and
/// the difference of the two (Aspray's histogram). In the unit of the values.
/// </summary>
public sealed class Macd(int fastPeriod = 12, int slowPeriod = 26, int signalPeriod = 9)
{
    private readonly Ema fast = new(fastPeriod);
    private readonly Ema slow = new(slowPeriod);
    private readonly Ema signal = new(signalPeriod);

    /// <summary>NaN until <c>slowPeriod</c> values were added.</summary>
    public double Line { get; private set; } = double.NaN;

    /// <summary>NaN until <c>slowPeriod</c> + <c>signalPeriod</c> − 1 values were added.</summary>
    public double Signal => signal.Value;

    /// <summary><see cref="Line"/> − <see cref="Signal"/>.</summary>
    public double Histogram => Line - Signal;

    public void Add(double value)
    {
        Line = fast.Add(value) - slow.Add(value);
        if (!double.IsNaN(Line))
        {
            signal.Add(Line);
        }
    }
}
