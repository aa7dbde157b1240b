namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Realised volatility from close to close: the sample standard deviation (divisor n − 1) of the last <c>period</c> logarithmic
/// returns. Per candle, not annualized, as all estimators here: times √(candles a year) for a year.
/// </summary>
/// <param name="period">Returns, at least 2.</param>
public sealed class CloseVolatility(int period = 20)
{
    private readonly SlidingWindow<Moments> returns = new(period);
    private double previous = double.NaN;

    /// <summary>NaN until <c>period</c> + 1 closes were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double close)
    {
        if (!double.IsNaN(previous))
        {
            returns.Add(Math.Log(close / previous));
            if (returns.IsFull)
            {
                Value = Math.Sqrt(returns.Value.SampleVariance);
            }
        }

        previous = close;
        return Value;
    }
}

/// <summary>
/// Parkinson's estimator (1980) from ranges: √(mean of ln(high/low)² / (4·ln 2)) over the last <c>period</c> candles. It sees no
/// jumps between candles and takes the drift for zero.
/// </summary>
/// <param name="period">Candles, at least 1.</param>
public sealed class ParkinsonVolatility(int period = 20)
{
    private readonly Sma squares = new(period);

    /// <summary>Per candle; NaN until <c>period</c> candles were added.</summary>
    public double Value => Math.Sqrt(squares.Value / (4 * Math.Log(2)));

    public double Add(double high, double low)
    {
        var range = Math.Log(high / low);
        squares.Add(range * range);
        return Value;
    }
}

/// <summary>
/// The estimator of Garman and Klass (1980) in its practical form: √(mean of ½·ln(high/low)² − (2·ln 2 − 1)·ln(close/open)²)
/// over the last <c>period</c> candles. It sees no jumps between candles and takes the drift for zero.
/// </summary>
/// <param name="period">Candles, at least 1.</param>
public sealed class GarmanKlassVolatility(int period = 20)
{
    private readonly Sma terms = new(period);

    /// <summary>Per candle; NaN until <c>period</c> candles were added.</summary>
    public double Value => Math.Sqrt(terms.Value);

    public double Add(double open, double high, double low, double close)
    {
        var range = Math.Log(high / low);
        var body = Math.Log(close / open);
        terms.Add((0.5 * range * range) - (((2 * Math.Log(2)) - 1) * body * body));
        return Value;
    }
}

/// <summary>
/// The estimator of Yang and Zhang (2000), free of drift and with jumps between candles: variance of the opening jumps
/// ln(open/previous close) + k·variance of ln(close/open) + (1 − k)·the mean Rogers-Satchell term, k = 0.34/(1.34 + (n + 1)/(n − 1)),
/// variances with divisor n − 1; its square root.
/// </summary>
/// <param name="period">n, candles, at least 2.</param>
public sealed class YangZhangVolatility(int period = 20)
{
    private readonly double weight = 0.34 / (1.34 + ((period + 1.0) / (period - 1.0)));
    private readonly SlidingWindow<Moments> jumps = new(period);
    private readonly SlidingWindow<Moments> bodies = new(period);
    private readonly Sma ranges = new(period);
    private double previous = double.NaN;

    /// <summary>Per candle; NaN until <c>period</c> + 1 candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double open, double high, double low, double close)
    {
        if (!double.IsNaN(previous))
        {
            jumps.Add(Math.Log(open / previous));
            bodies.Add(Math.Log(close / open));
            ranges.Add((Math.Log(high / close) * Math.Log(high / open)) + (Math.Log(low / close) * Math.Log(low / open)));
            if (jumps.IsFull)
            {
                Value = Math.Sqrt(
                    jumps.Value.SampleVariance + (weight * bodies.Value.SampleVariance) + ((1 - weight) * ranges.Value));
            }
        }

        previous = close;
        return Value;
    }
}
