namespace CryptoAI.Analysis.Evaluation;

/// <summary>
/// What followed on the days of each label. Labels are small whole numbers, negative where a day has none; an outcome is NaN where it is not known. Days
/// without either are left out.
/// </summary>
public static class LabelOutcomes
{
    /// <summary>What follows each close.</summary>
    /// <param name="closes">Above zero, one a day.</param>
    /// <param name="horizon">Days looked ahead.</param>
    /// <returns>
    /// Realised volatility of the next days a year (root mean square of daily log returns × √365), and their log return; NaN in the last days.
    /// </returns>
    public static (double[] Volatility, double[] Return) Following(ReadOnlySpan<double> closes, int horizon)
    {
        var (volatility, returns) = (new double[closes.Length], new double[closes.Length]);
        for (var day = 0; day < closes.Length; day++)
        {
            if (day + horizon >= closes.Length)
            {
                (volatility[day], returns[day]) = (double.NaN, double.NaN);
                continue;
            }

            var squares = 0.0;
            for (var next = day + 1; next <= day + horizon; next++)
            {
                var change = Math.Log(closes[next] / closes[next - 1]);
                squares += change * change;
            }

            volatility[day] = Math.Sqrt(squares / horizon * 365);
            returns[day] = Math.Log(closes[day + horizon] / closes[day]);
        }

        return (volatility, returns);
    }

    /// <summary>Mean outcome of each label.</summary>
    public static Interval[] Means(int[] labels, double[] outcomes, int count, BlockBootstrap bootstrap)
    {
        var (known, values) = Known(labels, outcomes);
        return bootstrap.Of(known.Length, count, (times, means) =>
        {
            Span<double> sums = stackalloc double[count];
            Span<int> days = stackalloc int[count];
            sums.Clear();
            days.Clear();
            foreach (var time in times)
            {
                sums[known[time]] += values[time];
                days[known[time]]++;
            }

            for (var label = 0; label < count; label++)
            {
                means[label] = days[label] > 0 ? sums[label] / days[label] : double.NaN;
            }
        });
    }

    /// <summary>Mean outcome of one label less that of another.</summary>
    public static Interval Difference(int[] labels, double[] outcomes, int first, int second, BlockBootstrap bootstrap)
    {
        var (known, values) = Known(labels, outcomes);
        return bootstrap.Of(known.Length, times => Difference(known, values, times, first, second));
    }

    /// <summary>
    /// The control with labels that know nothing: the labels of other days, all moved by one random stretch, the end joined to the beginning, so that they
    /// last as long as they did. Gives the differences of so many moves, in ascending order; a real difference must stand out from them.
    /// </summary>
    /// <param name="least">Days that they are moved at least, in either direction.</param>
    /// <param name="moves">How many moves.</param>
    /// <param name="seed">Of the random moves.</param>
    public static double[] MovedDifferences(int[] labels, double[] outcomes, int first, int second, int least, int moves, ulong seed)
    {
        var (known, values) = Known(labels, outcomes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(least * 2, known.Length, nameof(least));
        var random = new SeededRandom(seed);
        var moved = new int[known.Length];
        var all = new int[known.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = i;
        }

        var differences = new double[moves];
        for (var move = 0; move < moves; move++)
        {
            var by = least + random.NextIndex(known.Length - (2 * least));
            for (var i = 0; i < known.Length; i++)
            {
                moved[i] = known[(i + by) % known.Length];
            }

            differences[move] = Difference(moved, values, all, first, second);
        }

        Array.Sort(differences);
        return differences;
    }

    private static double Difference(int[] labels, double[] values, ReadOnlySpan<int> times, int first, int second)
    {
        double firstSum = 0, secondSum = 0;
        int firstDays = 0, secondDays = 0;
        foreach (var time in times)
        {
            if (labels[time] == first)
            {
                firstSum += values[time];
                firstDays++;
            }
            else if (labels[time] == second)
            {
                secondSum += values[time];
                secondDays++;
            }
        }

        return firstDays > 0 && secondDays > 0 ? (firstSum / firstDays) - (secondSum / secondDays) : double.NaN;
    }

    private static (int[] Labels, double[] Values) Known(int[] labels, double[] outcomes)
    {
        var (known, values) = (new List<int>(labels.Length), new List<double>(labels.Length));
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= 0 && !double.IsNaN(outcomes[i]))
            {
                known.Add(labels[i]);
                values.Add(outcomes[i]);
            }
        }

        return ([.. known], [.. values]);
    }
}
