namespace CryptoAI.Analysis.Macro;

/// <summary>What the regime of a day is told from: the first two moments of the last daily log returns.</summary>
/// <param name="Return">Mean daily log return of the window.</param>
/// <param name="LogVolatility">Natural logarithm of the daily realised volatility of the window: the root mean square of its log returns.</param>
public readonly record struct RegimeObservation(double Return, double LogVolatility)
{
    public const int Count = 2;

    private const double DaysPerYear = 365;

    /// <summary>Realised volatility of the window, a year; 0.6 is 60 %.</summary>
    public double Volatility => Math.Exp(LogVolatility) * Math.Sqrt(DaysPerYear);

    public void CopyTo(Span<double> target) => (target[0], target[1]) = (Return, LogVolatility);
}

/// <summary>
/// Computes <see cref="RegimeObservation"/> close by close. The window is summed anew each day, so that a value depends on the window alone and not on where
/// the series began.
/// </summary>
/// <param name="window">Days.</param>
public sealed class RegimeFeatures(int window)
{
    /// <summary>A market that does not move has this daily volatility: the logarithm of none is not a number.</summary>
    private const double LeastVolatility = 1e-4;

    private readonly double[] _returns = new double[window];
    private double _last = double.NaN;
    private int _count;

    /// <summary>Takes the next day's close, above zero; null while the window is not full.</summary>
    public RegimeObservation? Add(double close)
    {
        if (!double.IsFinite(close) || close <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(close), close, "A close is above zero.");
        }

        var isFirst = double.IsNaN(_last);
        var change = Math.Log(close / _last);
        _last = close;
        if (isFirst)
        {
            return null;
        }

        _returns[_count++ % window] = change;
        if (_count < window)
        {
            return null;
        }

        double sum = 0, squares = 0;
        for (var i = 0; i < window; i++)
        {
            var value = _returns[(_count + i) % window];
            sum += value;
            squares += value * value;
        }

        return new RegimeObservation(sum / window, Math.Log(Math.Max(Math.Sqrt(squares / window), LeastVolatility)));
    }
}
