namespace CryptoAI.Analysis.Macro;

/// <summary>Logarithms of the emission densities of a model's states, from Cholesky factors made once.</summary>
internal sealed class GaussianDensity
{
    /// <summary>More features than any use of it; bounds the scratch on the stack.</summary>
    public const int MaxFeatures = 16;

    private readonly int _features;
    private readonly double[] _means;
    private readonly double[] _factors;
    private readonly double[] _constants;

    public GaussianDensity(HmmParameters parameters)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parameters.Features, MaxFeatures);
        _features = parameters.Features;
        _means = parameters.Means;
        _factors = new double[parameters.Covariances.Length];
        _constants = new double[parameters.States];
        for (var state = 0; state < parameters.States; state++)
        {
            var factor = _factors.AsSpan(state * _features * _features, _features * _features);
            _constants[state] = -0.5 * ((_features * Math.Log(2 * Math.PI)) + Factor(parameters.CovarianceOf(state), factor));
        }
    }

    /// <summary>Log density of an observation in one state.</summary>
    public double Log(int state, ReadOnlySpan<double> observation)
    {
        Span<double> solved = stackalloc double[MaxFeatures];
        var means = _means.AsSpan(state * _features, _features);
        var factor = _factors.AsSpan(state * _features * _features, _features * _features);
        var distance = 0.0;
        for (var row = 0; row < _features; row++)
        {
            var value = observation[row] - means[row];
            for (var column = 0; column < row; column++)
            {
                value -= factor[(row * _features) + column] * solved[column];
            }

            value /= factor[(row * _features) + row];
            solved[row] = value;
            distance += value * value;
        }

        return _constants[state] - (0.5 * distance);
    }

    /// <returns>Log of the covariance's determinant.</returns>
    private double Factor(ReadOnlySpan<double> covariance, Span<double> factor)
    {
        var logDeterminant = 0.0;
        for (var row = 0; row < _features; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var sum = covariance[(row * _features) + column];
                for (var i = 0; i < column; i++)
                {
                    sum -= factor[(row * _features) + i] * factor[(column * _features) + i];
                }

                if (row != column)
                {
                    factor[(row * _features) + column] = sum / factor[(column * _features) + column];
                    continue;
                }

                if (!(sum > 0))
                {
                    throw new ArgumentException("A covariance is not positive definite.", nameof(covariance));
                }

                factor[(row * _features) + row] = Math.Sqrt(sum);
                logDeterminant += Math.Log(sum);
            }
        }

        return logDeterminant;
    }
}
