namespace CryptoAI.Analysis.Macro;

/// <summary>Expectation maximisation from one start.</summary>
internal sealed class HmmLearner
{
    /// <summary>A state that explains less than this of one observation keeps its density.</summary>
    private const double Deserted = 1e-6;

    private readonly HmmSample _sample;
    private readonly HmmOptions _options;
    private readonly int _states;
    private readonly int _features;
    private readonly double[] _emission;
    private readonly double[] _forward;
    private readonly double[] _backward;
    private readonly double[] _scale;
    private HmmParameters _parameters;

    public HmmLearner(HmmSample sample, HmmOptions options, HmmParameters start)
    {
        if (start.States != options.States || start.Features != sample.Features)
        {
            throw new ArgumentException("The start has another shape.", nameof(start));
        }

        (_sample, _options, _parameters) = (sample, options, start);
        (_states, _features) = (start.States, start.Features);
        _emission = new double[sample.Length * _states];
        _forward = new double[sample.Length * _states];
        _backward = new double[sample.Length * _states];
        _scale = new double[sample.Length];
    }

    /// <summary>Steps until the likelihood rises no more. The smoothed probabilities in here see the whole sample and never leave.</summary>
    public HmmEstimate Run()
    {
        var path = new List<double>();
        var best = _parameters;
        for (var iteration = 0; iteration < _options.MaxIterations; iteration++)
        {
            var logLikelihood = Forward();
            path.Add(logLikelihood);
            var gain = path.Count == 1 ? double.PositiveInfinity : logLikelihood - path[^2];
            if (gain < _options.Tolerance * _sample.Length)
            {
                // Where the floor of the variance holds, a step can lose a little: then the one before is kept.
                return gain >= 0
                    ? new HmmEstimate(_parameters, logLikelihood, path, true)
                    : new HmmEstimate(best, path[^2], path, true);
            }

            best = _parameters;
            Backward();
            Maximise();
        }

        return new HmmEstimate(best, path[^1], path, false);
    }

    private double Forward()
    {
        var density = new GaussianDensity(_parameters);
        var transition = _parameters.Transition;
        var logLikelihood = 0.0;
        for (var time = 0; time < _sample.Length; time++)
        {
            var here = time * _states;
            var highest = double.NegativeInfinity;
            for (var state = 0; state < _states; state++)
            {
                _emission[here + state] = _options.Weight * density.Log(state, _sample.At(time));
                highest = Math.Max(highest, _emission[here + state]);
            }

            var sum = 0.0;
            for (var to = 0; to < _states; to++)
            {
                var prior = 0.0;
                if (time == 0)
                {
                    prior = _parameters.Initial[to];
                }
                else
                {
                    for (var from = 0; from < _states; from++)
                    {
                        prior += _forward[here - _states + from] * transition[(from * _states) + to];
                    }
                }

                _emission[here + to] = Math.Exp(_emission[here + to] - highest);
                _forward[here + to] = prior * _emission[here + to];
                sum += _forward[here + to];
            }

            for (var state = 0; state < _states; state++)
            {
                _forward[here + state] /= sum;
            }

            _scale[time] = sum;
            logLikelihood += highest + Math.Log(sum);
        }

        return logLikelihood;
    }

    private void Backward()
    {
        var transition = _parameters.Transition;
        _backward.AsSpan((_sample.Length - 1) * _states).Fill(1);
        for (var time = _sample.Length - 2; time >= 0; time--)
        {
            var (here, next) = (time * _states, (time + 1) * _states);
            for (var from = 0; from < _states; from++)
            {
                var sum = 0.0;
                for (var to = 0; to < _states; to++)
                {
                    sum += transition[(from * _states) + to] * _emission[next + to] * _backward[next + to];
                }

                _backward[here + from] = sum / _scale[time + 1];
            }
        }
    }

    private void Maximise()
    {
        var occupied = new double[_states];
        var initial = new double[_states];
        var means = new double[_states * _features];
        for (var time = 0; time < _sample.Length; time++)
        {
            var observation = _sample.At(time);
            for (var state = 0; state < _states; state++)
            {
                var smoothed = _forward[(time * _states) + state] * _backward[(time * _states) + state];
                if (time == 0)
                {
                    initial[state] = smoothed;
                }

                occupied[state] += smoothed;
                for (var feature = 0; feature < _features; feature++)
                {
                    means[(state * _features) + feature] += smoothed * observation[feature];
                }
            }
        }

        for (var state = 0; state < _states; state++)
        {
            for (var feature = 0; feature < _features; feature++)
            {
                means[(state * _features) + feature] = occupied[state] < Deserted
                    ? _parameters.MeanOf(state)[feature]
                    : means[(state * _features) + feature] / occupied[state];
            }
        }

        _parameters = new HmmParameters(_states, _features, initial, Transitions(), means, Covariances(means, occupied));
    }

    private double[] Transitions()
    {
        var before = _parameters.Transition;
        var counts = new double[_states * _states];
        for (var time = 1; time < _sample.Length; time++)
        {
            var (here, last) = (time * _states, (time - 1) * _states);
            for (var from = 0; from < _states; from++)
            {
                for (var to = 0; to < _states; to++)
                {
                    counts[(from * _states) + to] +=
                        _forward[last + from] * before[(from * _states) + to] * _emission[here + to] * _backward[here + to] / _scale[time];
                }
            }
        }

        for (var from = 0; from < _states; from++)
        {
            var row = counts.AsSpan(from * _states, _states);
            var sum = 0.0;
            foreach (var count in row)
            {
                sum += count;
            }

            for (var to = 0; to < _states; to++)
            {
                // A state that was hardly ever left keeps its row.
                row[to] = sum > 1e-12 ? row[to] / sum : before[(from * _states) + to];
            }
        }

        return counts;
    }

    private double[] Covariances(double[] means, double[] occupied)
    {
        var covariances = new double[_states * _features * _features];
        for (var time = 0; time < _sample.Length; time++)
        {
            var observation = _sample.At(time);
            for (var state = 0; state < _states; state++)
            {
                var smoothed = _forward[(time * _states) + state] * _backward[(time * _states) + state] / occupied[state];
                for (var row = 0; row < _features; row++)
                {
                    var off = smoothed * (observation[row] - means[(state * _features) + row]);
                    for (var column = 0; column <= row; column++)
                    {
                        covariances[(((state * _features) + row) * _features) + column] += off * (observation[column] - means[(state * _features) + column]);
                    }
                }
            }
        }

        for (var state = 0; state < _states; state++)
        {
            if (occupied[state] < Deserted)
            {
                _parameters.CovarianceOf(state).CopyTo(covariances.AsSpan(state * _features * _features));
                continue;
            }

            Floor(covariances.AsSpan(state * _features * _features, _features * _features));
        }

        return covariances;
    }

    /// <summary>
    /// Raises the variances that are left of each feature, given those before it (the pivots of L·D·Lᵀ), to their floor, so that no state collapses onto
    /// a few observations and the matrix stays positive definite. Reads the lower triangle, writes both.
    /// </summary>
    private void Floor(Span<double> covariance)
    {
        Span<double> lower = stackalloc double[GaussianDensity.MaxFeatures * GaussianDensity.MaxFeatures];
        Span<double> pivots = stackalloc double[GaussianDensity.MaxFeatures];
        for (var row = 0; row < _features; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var value = covariance[(row * _features) + column];
                for (var i = 0; i < column; i++)
                {
                    value -= lower[(row * _features) + i] * pivots[i] * lower[(column * _features) + i];
                }

                if (column < row)
                {
                    lower[(row * _features) + column] = value / pivots[column];
                }
                else
                {
                    pivots[row] = Math.Max(value, _options.VarianceFloor * Math.Max(_sample.VarianceOf(row), 1e-12));
                    lower[(row * _features) + row] = 1;
                }
            }
        }

        for (var row = 0; row < _features; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var value = 0.0;
                for (var i = 0; i <= column; i++)
                {
                    value += lower[(row * _features) + i] * pivots[i] * lower[(column * _features) + i];
                }

                covariance[(row * _features) + column] = value;
                covariance[(column * _features) + row] = value;
            }
        }
    }
}
