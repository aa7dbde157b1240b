namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Exponential moving average, v ← v + α·(x − v), seeded with the simple mean of the first <c>period</c> values.
/// α is 2/(period + 1), or 1/period for <see cref="Wilder"/>'s.
/// </summary>
public sealed class Ema
{
    private readonly int period;
    private readonly double alpha;
    private double seed;
    private int seeded;

    /// <param name="period">At least 1.</param>
    public Ema(int period)
        : this(period, 2.0 / (period + 1))
    {
    }

    private Ema(int period, double alpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        this.period = period;
        this.alpha = alpha;
    }

    /// <summary>In the unit of the values; NaN until <c>period</c> values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>
    /// The smoothing of Wilder, New Concepts in Technical Trading Systems (1978): (13·previous + new)/14 for a period of 14.
    /// His running sums of DM and TR are this average times the period.
    /// </summary>
    public static Ema Wilder(int period) => new(period, 1.0 / period);

    public double Add(double value)
    {
        if (seeded == period)
        {
            Value += alpha * (value - Value);
        }
        else
        {
            seed += value;
            if (++seeded == period)
            {
                Value = seed / period;
            }
        }

        return Value;
    }
}
