namespace CryptoAI.Analysis.Macro;

/// <summary>
/// A hidden Markov model with Gaussian emissions (Rabiner 1989; Hamilton 1989 for regimes of markets): the state is a Markov chain, and each state
/// draws the observed features from a normal distribution of its own.
/// </summary>
/// <param name="States">How many states.</param>
/// <param name="Features">How many figures an observation has.</param>
/// <param name="Initial">Probability of each state at the first observation.</param>
/// <param name="Transition">[from × States + to]; rows sum to 1.</param>
/// <param name="Means">[state × Features + feature].</param>
/// <param name="Covariances">[(state × Features + row) × Features + column].</param>
public sealed record HmmParameters(
    int States, int Features, double[] Initial, double[] Transition, double[] Means, double[] Covariances)
{
    public ReadOnlySpan<double> MeanOf(int state) => Means.AsSpan(state * Features, Features);

    public ReadOnlySpan<double> CovarianceOf(int state) => Covariances.AsSpan(state * Features * Features, Features * Features);

    /// <summary>The same model with its states in another order.</summary>
    /// <param name="order">For each new place the state that comes there.</param>
    public HmmParameters Reorder(ReadOnlySpan<int> order)
    {
        var (initial, transition) = (new double[States], new double[States * States]);
        var (means, covariances) = (new double[Means.Length], new double[Covariances.Length]);
        for (var to = 0; to < States; to++)
        {
            initial[to] = Initial[order[to]];
            for (var next = 0; next < States; next++)
            {
                transition[(to * States) + next] = Transition[(order[to] * States) + order[next]];
            }

            MeanOf(order[to]).CopyTo(means.AsSpan(to * Features));
            CovarianceOf(order[to]).CopyTo(covariances.AsSpan(to * Features * Features));
        }

        return this with { Initial = initial, Transition = transition, Means = means, Covariances = covariances };
    }
}
