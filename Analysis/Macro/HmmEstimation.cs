using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Macro;

/// <summary>How a model is estimated.</summary>
/// <param name="States">How many states.</param>
/// <param name="Restarts">Random starts beside the one from ordered thirds of the first feature and, if given, the parameters before.</param>
/// <param name="MaxIterations">Steps of a start at most.</param>
/// <param name="Tolerance">A start has converged when a step raises the log likelihood by less than this for each observation.</param>
/// <param name="VarianceFloor">Least variance of a feature in a state, given the features before it: as a share of its variance in the sample.</param>
/// <param name="Weight">
/// The power that densities are raised to. 1 for observations that are independent given the state; 1/n where each is computed over a moving window of n,
/// so that a day is not counted n times (a composite likelihood: Varin, Reid, Firth 2011).
/// </param>
/// <param name="Seed">Of the random starts.</param>
public sealed record HmmOptions(
    int States = 3, int Restarts = 4, int MaxIterations = 300, double Tolerance = 1e-6, double VarianceFloor = 0.01, double Weight = 1, ulong Seed = 1);

/// <summary>An estimated model.</summary>
/// <param name="LogLikelihood">Of the sample under it.</param>
/// <param name="Path">Log likelihood before each step of the start that won. It never falls, unless a variance stood at its floor.</param>
/// <param name="HasConverged">Whether that start ended by <see cref="HmmOptions.Tolerance"/>.</param>
public sealed record HmmEstimate(HmmParameters Parameters, double LogLikelihood, IReadOnlyList<double> Path, bool HasConverged);

/// <summary>
/// Maximum likelihood by expectation maximisation (Baum, Petrie, Soules, Weiss 1970), forward and backward probabilities scaled at each time. One
/// thread, fixed order of summation: the same sample and options give the same model, bit for bit.
/// </summary>
public static class HmmEstimation
{
    /// <summary>The likeliest of several starts.</summary>
    /// <param name="observations">[time × features + feature], all finite.</param>
    /// <param name="features">Figures in an observation.</param>
    /// <param name="options">How.</param>
    /// <param name="previous">An earlier estimate to start from as well; null: none.</param>
    public static HmmEstimate Fit(ReadOnlySpan<double> observations, int features, HmmOptions options, HmmParameters? previous = null)
    {
        if (observations.Length < 10 * options.States * features || observations.Length % features != 0)
        {
            throw new ArgumentException($"{observations.Length} figures are too few for {options.States} states.", nameof(observations));
        }

        var sample = new HmmSample(observations, features);
        var random = new SeededRandom(options.Seed);
        var best = new HmmLearner(sample, options, sample.OrderedStart(options.States)).Run();
        for (var restart = 0; restart < options.Restarts; restart++)
        {
            best = Better(best, new HmmLearner(sample, options, sample.RandomStart(options.States, ref random)).Run());
        }

        return previous is null ? best : Better(best, new HmmLearner(sample, options, previous).Run());
    }

    private static HmmEstimate Better(HmmEstimate first, HmmEstimate second) => second.LogLikelihood > first.LogLikelihood ? second : first;
}
