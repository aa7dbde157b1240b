namespace CryptoAI.Analysis.Evaluation;

/// <summary>Correlation of ranks (Spearman 1904), also called the rank information coefficient; equal values share their mean rank.</summary>
public static class RankCorrelation
{
    /// <summary>−1 to 1. Pairs with a NaN are left out; NaN when fewer than three are left or one side does not vary.</summary>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"{y.Length} values beside {x.Length}.", nameof(y));
        }

        var (left, right) = (new double[x.Length], new double[x.Length]);
        var count = 0;
        for (var i = 0; i < x.Length; i++)
        {
            if (!double.IsNaN(x[i]) && !double.IsNaN(y[i]))
            {
                (left[count], right[count]) = (x[i], y[i]);
                count++;
            }
        }

        return count < 3 ? double.NaN : Pearson(Ranks(left.AsSpan(0, count)), Ranks(right.AsSpan(0, count)));
    }

    /// <summary>Rank of each value, 1 for the smallest; equal ones share their mean rank.</summary>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = new int[values.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (var i = 0; i < order.Length;)
        {
            var next = i + 1;
            while (next < order.Length && sorted[next] == sorted[i])
            {
                next++;
            }

            for (var j = i; j < next; j++)
            {
                ranks[order[j]] = (i + 1 + next) / 2.0;
            }

            i = next;
        }

        return ranks;
    }

    /// <summary>Linear correlation, −1 to 1; NaN when one side does not vary.</summary>
    public static double Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double meanX = 0, meanY = 0;
        for (var i = 0; i < x.Length; i++)
        {
            meanX += x[i];
            meanY += y[i];
        }

        meanX /= x.Length;
        meanY /= x.Length;
        double xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }

        return xx > 0 && yy > 0 ? Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1) : double.NaN;
    }
}
