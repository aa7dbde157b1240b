namespace CryptoAI.Analysis.Selection;

/// <summary>
/// Weights of one fit: one for each feature, and for each regime what it adds to them. Adding to shared weights under the same penalty lets a regime differ
/// where its data say so and leaves it like the others where they do not.
/// </summary>
/// <param name="FittedOn">Day index of the fit: outcomes known by then were used, less an embargo.</param>
/// <param name="TrainFrom">First day index whose outcome was used.</param>
/// <param name="TrainTo">Last day index whose outcome was used.</param>
/// <param name="Weights">Features, then features of each regime.</param>
public sealed record RidgeModel(int FittedOn, int TrainFrom, int TrainTo, IReadOnlyList<double> Weights)
{
    /// <summary>Bull, bear, sideways.</summary>
    public const int Regimes = 3;

    /// <summary>A feature's weight on a day of a regime.</summary>
    /// <param name="feature">Its index.</param>
    /// <param name="regime">0 to 2; negative: not known.</param>
    public double Weight(int feature, int regime) =>
        regime < 0 ? Weights[feature] : Weights[feature] + Weights[((1 + regime) * RankingFeatures.Count) + feature];
}

/// <summary>Sums over days that a fit needs: products of features with each other and with the outcome, for all days and those of each regime.</summary>
internal sealed class RidgeSums
{
    public static readonly int Size = (RankingFeatures.Count * (RankingFeatures.Count + 1) / 2) + RankingFeatures.Count;

    private readonly double[] _sums = new double[(1 + RidgeModel.Regimes) * Size];

    public void Clear() => Array.Clear(_sums);

    /// <param name="daily">Products of one day.</param>
    /// <param name="regime">That day's regime; negative: not known.</param>
    public void Add(ReadOnlySpan<double> daily, int regime)
    {
        for (var i = 0; i < Size; i++)
        {
            _sums[i] += daily[i];
        }

        if (regime >= 0)
        {
            var own = _sums.AsSpan((1 + regime) * Size, Size);
            for (var i = 0; i < Size; i++)
            {
                own[i] += daily[i];
            }
        }
    }

    /// <summary>Solves (X'X / overlap + penalty · I) w = X'y / overlap.</summary>
    /// <param name="overlap">Days that neighbouring outcomes share: they count once.</param>
    public double[] Solve(int overlap, double penalty)
    {
        var features = RankingFeatures.Count;
        var size = (1 + RidgeModel.Regimes) * features;
        var matrix = new double[size * size];
        var right = new double[size];
        for (var block = 0; block <= RidgeModel.Regimes; block++)
        {
            var sums = _sums.AsSpan(block * Size, Size);
            var at = 0;
            for (var i = 0; i < features; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var value = sums[at++] / overlap;
                    Set(matrix, size, (block * features) + i, (block * features) + j, value);
                    Set(matrix, size, (block * features) + j, (block * features) + i, value);

                    // The shared weights meet each regime's own over that regime's days.
                    Set(matrix, size, (block * features) + i, j, value);
                    Set(matrix, size, (block * features) + j, i, value);
                }

                right[(block * features) + i] = sums[(features * (features + 1) / 2) + i] / overlap;
            }
        }

        for (var i = 0; i < size; i++)
        {
            matrix[(i * size) + i] += penalty;
        }

        Cholesky(matrix, size, right);
        return right;
    }

    private static void Set(double[] matrix, int size, int row, int column, double value)
    {
        matrix[(row * size) + column] = value;
        matrix[(column * size) + row] = value;
    }

    /// <summary>Solves a symmetric positive definite system in place.</summary>
    private static void Cholesky(double[] matrix, int size, double[] right)
    {
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[(i * size) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= matrix[(i * size) + k] * matrix[(j * size) + k];
                }

                matrix[(i * size) + j] = i == j ? Math.Sqrt(sum) : sum / matrix[(j * size) + j];
            }
        }

        for (var i = 0; i < size; i++)
        {
            for (var k = 0; k < i; k++)
            {
                right[i] -= matrix[(i * size) + k] * right[k];
            }

            right[i] /= matrix[(i * size) + i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < size; k++)
            {
                right[i] -= matrix[(k * size) + i] * right[k];
            }

            right[i] /= matrix[(i * size) + i];
        }
    }
}
