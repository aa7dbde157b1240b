namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// How an asset moves with a benchmark: beta is the slope of the asset's returns on the benchmark's (Sharpe 1964), correlation is
/// Pearson's, both of the last <c>period</c> simple returns. A candle that the benchmark has not is left out, and the next return
/// of both goes over the hole. NaN where one of them stood still.
/// </summary>
/// <param name="period">Returns, at least 2.</param>
public sealed class Comovement(int period)
{
    private readonly SlidingWindow<PairMoments> returns = new(period);
    private double previous = double.NaN;
    private double previousBenchmark;

    /// <summary>Without unit; NaN, like <see cref="Correlation"/>, until <c>period</c> + 1 pairs of closes were added.</summary>
    public double Beta { get; private set; } = double.NaN;

    /// <summary>−1 to 1.</summary>
    public double Correlation { get; private set; } = double.NaN;

    /// <param name="benchmark">The benchmark's close of the same candle; NaN where it has none.</param>
    public void Add(double close, double benchmark)
    {
        if (double.IsNaN(benchmark))
        {
            (Beta, Correlation) = (double.NaN, double.NaN);
            return;
        }

        if (!double.IsNaN(previous))
        {
            returns.Add(PairMoments.Of((close / previous) - 1, (benchmark / previousBenchmark) - 1));
            if (returns.IsFull)
            {
                var moments = returns.Value;
                Beta = moments.Products / moments.SquaresY;
                Correlation = moments.Products / Math.Sqrt(moments.SquaresX * moments.SquaresY);
            }
        }

        previous = close;
        previousBenchmark = benchmark;
    }
}
