namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Generalized Hurst exponent of order 2 (Di Matteo, Aste and Dacorogna 2005): the mean square of the change of the logarithmic
/// price over τ candles grows as τ^2H; half the least-squares slope of its logarithm against ln τ, for τ = 1, 2, 4, … up to a
/// quarter of the period, changes within the last <c>period</c> closes. 0.5 for a random walk, more where moves go on, less where
/// they come back. Its estimates are not those of the rescaled range (Hurst 1951), which looks at returns once for each window.
/// </summary>
/// <param name="period">Closes, at least 16.</param>
public sealed class Hurst
{
    private readonly double[] history;
    private readonly SlidingWindow<Sum>[] squares;
    private readonly int period;
    private long count;

    public Hurst(int period = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 16);
        this.period = period;
        var lags = int.Log2(period / 4) + 1;
        squares = new SlidingWindow<Sum>[lags];
        for (var i = 0; i < lags; i++)
        {
            squares[i] = new SlidingWindow<Sum>(period - (1 << i));
        }

        history = new double[1 << (lags - 1)];
    }

    /// <summary>About 0 to 1; NaN until <c>period</c> closes were added, and where the price stood still.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double close)
    {
        var price = Math.Log(close);
        for (var i = 0; i < squares.Length && count >= 1 << i; i++)
        {
            var change = price - history[(count - (1 << i)) % history.Length];
            squares[i].Add(change * change);
        }

        history[count++ % history.Length] = price;
        if (count >= period)
        {
            Value = 0.5 * Slope();
        }

        return Value;
    }

    /// <summary>Least-squares slope of ln(mean square) against ln τ; the abscissas are 0, ln 2, 2·ln 2, ….</summary>
    private double Slope()
    {
        var centre = 0.5 * (squares.Length - 1);
        var (products, squaredDeviations) = (0.0, 0.0);
        for (var i = 0; i < squares.Length; i++)
        {
            var total = squares[i].Value.Total;
            if (total == 0)
            {
                return double.NaN;
            }

            products += (i - centre) * Math.Log(total / (period - (1 << i)));
            squaredDeviations += (i - centre) * (i - centre);
        }

        return products / (squaredDeviations * Math.Log(2));
    }
}
