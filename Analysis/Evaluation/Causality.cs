namespace CryptoAI.Analysis.Evaluation;

/// <summary>Finds labels that know the future: what is said of a day must be the same when the days after it are taken away, or are others.</summary>
public static class Causality
{
    /// <summary>The earliest day found whose label changes with what comes after it; null when none does.</summary>
    /// <param name="closes">The series.</param>
    /// <param name="label">Labels a series, one for each close.</param>
    /// <param name="cuts">Lengths to cut the series to; at each, days after the cut are also replaced by a market that only falls.</param>
    public static int? FirstLeak<T>(double[] closes, Func<double[], IReadOnlyList<T>> label, IEnumerable<int> cuts)
    {
        var whole = label(closes);
        var compare = EqualityComparer<T>.Default;
        int? first = null;
        foreach (var cut in cuts)
        {
            var changed = (double[])closes.Clone();
            for (var i = cut; i < changed.Length; i++)
            {
                changed[i] = changed[i - 1] * 0.9;
            }

            foreach (var other in (IReadOnlyList<T>[])[label(closes[..cut]), label(changed)])
            {
                for (var day = 0; day < Math.Min(cut, first ?? int.MaxValue); day++)
                {
                    if (!compare.Equals(whole[day], other[day]))
                    {
                        first = day;
                        break;
                    }
                }
            }
        }

        return first;
    }
}
