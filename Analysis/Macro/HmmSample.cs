using CryptoAI.Analysis.Evaluation;

namespace CryptoAI.Analysis.Macro;

/// <summary>Observations that a model is estimated from, with their moments and the places to start from.</summary>
internal sealed class HmmSample
{
    private const double StayInitially = 0.95;

    private readonly double[] _covariance;

    public HmmSample(ReadOnlySpan<double> observations, int features)
    {
        Values = observations.ToArray();
        Features = features;
        Length = Values.Length / features;
        _covariance = new double[features * features];
        var means = new double[features];
        for (var time = 0; time < Length; time++)
        {
            for (var feature = 0; feature < features; feature++)
            {
                var value = Values[(time * features) + feature];
                if (!double.IsFinite(value))
                {
                    throw new ArgumentException($"Observation {time} is not finite.", nameof(observations));
                }

                means[feature] += value / Length;
            }
        }

        for (var time = 0; time < Length; time++)
        {
            for (var row = 0; row < features; row++)
            {
                for (var column = 0; column < features; column++)
                {
                    _covariance[(row * features) + column] +=
                        (Values[(time * features) + row] - means[row]) * (Values[(time * features) + column] - means[column]) / Length;
                }
            }
        }
    }

    public double[] Values { get; }

    public int Features { get; }

    /// <summary>How many observations.</summary>
    public int Length { get; }

    public ReadOnlySpan<double> At(int time) => Values.AsSpan(time * Features, Features);

    /// <summary>Variance of a feature over the sample.</summary>
    public double VarianceOf(int feature) => _covariance[(feature * Features) + feature];

    /// <summary>States at the means of equal parts of the sample, ordered by the first feature.</summary>
    public HmmParameters OrderedStart(int states)
    {
        var keys = new double[Length];
        var order = new int[Length];
        for (var time = 0; time < Length; time++)
        {
            keys[time] = At(time)[0];
            order[time] = time;
        }

        Array.Sort(keys, order);
        var means = new double[states * Features];
        for (var state = 0; state < states; state++)
        {
            var (from, to) = (state * Length / states, (state + 1) * Length / states);
            for (var i = from; i < to; i++)
            {
                for (var feature = 0; feature < Features; feature++)
                {
                    means[(state * Features) + feature] += At(order[i])[feature] / (to - from);
                }
            }
        }

        return Start(states, means);
    }

    /// <summary>States at observations drawn at random.</summary>
    public HmmParameters RandomStart(int states, ref SeededRandom random)
    {
        var means = new double[states * Features];
        for (var state = 0; state < states; state++)
        {
            At(random.NextIndex(Length)).CopyTo(means.AsSpan(state * Features));
        }

        return Start(states, means);
    }

    private HmmParameters Start(int states, double[] means)
    {
        var (initial, transition) = (new double[states], new double[states * states]);
        var covariances = new double[states * Features * Features];
        for (var state = 0; state < states; state++)
        {
            initial[state] = 1.0 / states;
            for (var to = 0; to < states; to++)
            {
                transition[(state * states) + to] = to == state ? StayInitially : (1 - StayInitially) / (states - 1);
            }

            _covariance.CopyTo(covariances.AsSpan(state * Features * Features));
        }

        return new HmmParameters(states, Features, initial, transition, means, covariances);
    }
}
