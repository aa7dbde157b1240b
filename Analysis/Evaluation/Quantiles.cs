namespace CryptoAI.Analysis.Evaluation;

public static class Quantiles
{
    /// <summary>
    /// The value below which a share of the sorted values lies, interpolated between neighbours (type 7 of Hyndman and Fan 1996); NaN of nothing.
    /// </summary>
    /// <param name="sorted">Ascending, without NaN.</param>
    /// <param name="share">0 to 1.</param>
    public static double OfSorted(ReadOnlySpan<double> sorted, double share)
    {
        if (sorted.IsEmpty)
        {
            return double.NaN;
        }

        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length
            ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]))
            : sorted[^1];
    }

    /// <summary>The same of values in any order; NaN are left out.</summary>
    public static double Of(ReadOnlySpan<double> values, double share)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return OfSorted(sorted.AsSpan(sorted.AsSpan().LastIndexOf(double.NaN) + 1), share);
    }
}
