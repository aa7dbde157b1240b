namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Kaufman's adaptive moving average (Kaufman, Smarter Trading, 1995): v ← v + c·(x − v), c = (e·(f − s) + s)², where f and s are
/// the EMA constants 2/(n + 1) of the fast and the slow period and e, the efficiency, is the way gone in <c>period</c> changes
/// over the length of the path. It starts from the value before the first efficiency is known; a path of no length has efficiency 0.
/// </summary>
/// <param name="period">Changes that the efficiency looks at, at least 1.</param>
/// <param name="fastPeriod">At least 1, shorter than <paramref name="slowPeriod"/>.</param>
public sealed class Kama(int period = 10, int fastPeriod = 2, int slowPeriod = 30)
{
    private readonly double fast = 2.0 / (fastPeriod + 1);
    private readonly double slow = 2.0 / (slowPeriod + 1);
    private readonly SlidingWindow<Sum> path = new(period);
    private readonly Delay earlier = new(period);
    private double previous = double.NaN;

    /// <summary>In the unit of the values; NaN until <c>period</c> + 1 values were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double value)
    {
        var start = earlier.Add(value);
        if (!double.IsNaN(previous))
        {
            path.Add(Math.Abs(value - previous));
        }

        if (!double.IsNaN(start))
        {
            var length = path.Value.Total;
            var efficiency = length == 0 ? 0 : Math.Abs(value - start) / length;
            var rate = (efficiency * (fast - slow)) + slow;
            var from = double.IsNaN(Value) ? previous : Value;
            Value = from + (rate * rate * (value - from));
        }

        previous = value;
        return Value;
    }
}
