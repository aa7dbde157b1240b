namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Parabolic stop and reverse (Wilder 1978). The stop moves toward the extreme price of the trend by a factor that begins at
/// <c>step</c> and grows by it with each new extreme up to <c>maximum</c>, never into the range of the last two candles. A candle
/// that touches the stop turns the trend, and the stop becomes the extreme of the trend that ended.
/// </summary>
/// <remarks>
/// Wilder begins in a trade; here, as usual, the larger directional movement of the second candle gives the first trend, upward if
/// there is none, and the stop begins at the first candle's other end. The first turn forgets how it began.
/// </remarks>
public sealed class ParabolicSar(double step = 0.02, double maximum = 0.2)
{
    private double previousHigh = double.NaN;
    private double previousLow;
    private double next = double.NaN;
    private double extreme;
    private double factor;

    /// <summary>The stop in force at the last candle, the new one if the candle turned the trend; NaN until two candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <summary>1 in an upward trend, −1 in a downward one; NaN until two candles were added.</summary>
    public double Direction { get; private set; } = double.NaN;

    public void Add(double high, double low)
    {
        if (!double.IsNaN(previousHigh))
        {
            if (double.IsNaN(Direction))
            {
                var fall = previousLow - low;
                Begin(fall > 0 && fall > high - previousHigh ? -1 : 1, high, low);
                next = Direction > 0 ? previousLow : previousHigh;
            }

            Move(high, low);
        }

        previousHigh = high;
        previousLow = low;
    }

    private void Move(double high, double low)
    {
        if (Direction > 0 ? low <= next : high >= next)
        {
            Value = KeepOutside(extreme, -Direction, high, low);
            Begin(-Direction, high, low);
        }
        else
        {
            Value = next;
            var reached = Direction > 0 ? high : low;
            if (Direction * (reached - extreme) > 0)
            {
                extreme = reached;
                factor = Math.Min(factor + step, maximum);
            }
        }

        next = KeepOutside(Value + (factor * (extreme - Value)), Direction, high, low);
    }

    private void Begin(double direction, double high, double low)
    {
        Direction = direction;
        extreme = direction > 0 ? high : low;
        factor = step;
    }

    private double KeepOutside(double stop, double direction, double high, double low) => direction > 0
        ? Math.Min(stop, Math.Min(low, previousLow))
        : Math.Max(stop, Math.Max(high, previousHigh));
}
