namespace CryptoAI.Analysis.Macro;

/// <summary>
/// Filtered probabilities of a model's states: each from the observations up to that time and none after it. Allocates nothing per observation.
/// </summary>
public sealed class HmmFilter
{
    private readonly HmmParameters _parameters;
    private readonly GaussianDensity _density;
    private readonly double _weight;
    private readonly double[] _probabilities;
    private readonly double[] _next;
    private bool _isStarted;

    /// <param name="parameters">The model.</param>
    /// <param name="weight">The power its densities are raised to, as in <see cref="HmmOptions.Weight"/>.</param>
    public HmmFilter(HmmParameters parameters, double weight = 1)
    {
        _parameters = parameters;
        _density = new GaussianDensity(parameters);
        _weight = weight;
        _probabilities = [.. parameters.Initial];
        _next = new double[parameters.States];
    }

    /// <summary>Of each state after the last observation; before the first one those the model starts from. Sum to 1.</summary>
    public ReadOnlySpan<double> Probabilities => _probabilities;

    /// <summary>Takes the next observation.</summary>
    /// <returns>Log of its density, given those before it.</returns>
    /// <exception cref="ArgumentException">A figure is not finite: a hole must be seen to by the caller.</exception>
    public double Add(ReadOnlySpan<double> observation)
    {
        foreach (var figure in observation)
        {
            if (!double.IsFinite(figure))
            {
                throw new ArgumentException("An observation is not finite.", nameof(observation));
            }
        }

        var states = _parameters.States;
        var transition = _parameters.Transition;
        var highest = double.NegativeInfinity;
        for (var to = 0; to < states; to++)
        {
            _next[to] = _weight * _density.Log(to, observation);
            highest = Math.Max(highest, _next[to]);
        }

        var sum = 0.0;
        for (var to = 0; to < states; to++)
        {
            var prior = 0.0;
            if (_isStarted)
            {
                for (var from = 0; from < states; from++)
                {
                    prior += _probabilities[from] * transition[(from * states) + to];
                }
            }
            else
            {
                prior = _parameters.Initial[to];
            }

            _next[to] = prior * Math.Exp(_next[to] - highest);
            sum += _next[to];
        }

        for (var state = 0; state < states; state++)
        {
            _probabilities[state] = _next[state] / sum;
        }

        _isStarted = true;
        return highest + Math.Log(sum);
    }
}
