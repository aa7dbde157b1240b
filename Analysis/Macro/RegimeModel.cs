namespace CryptoAI.Analysis.Macro;

/// <summary>
/// Gives the states of an estimated model their names. By meaning: the quietest state is sideways; of the two that move, the one with the
/// lower mean return is bear and the other is bull. And for good: an estimate is taken only if, matched state by state to the one in force, the nearest pairs bear the same names.
/// </summary>
public static class RegimeModel
{
    public const int States = 3;

    private static readonly int[][] Orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    /// <summary>The model with bear, sideways and bull in the places of <see cref="Regime"/>.</summary>
    public static HmmParameters Name(HmmParameters estimate)
    {
        var quietest = 0;
        for (var state = 1; state < States; state++)
        {
            if (estimate.MeanOf(state)[1] < estimate.MeanOf(quietest)[1])
            {
                quietest = state;
            }
        }

        var (one, other) = ((quietest + 1) % States, (quietest + 2) % States);
        int[] order = estimate.MeanOf(one)[0] < estimate.MeanOf(other)[0] ? [one, quietest, other] : [other, quietest, one];
        return estimate.Reorder(order);
    }

    /// <summary>Whether each state of a named model is, all three together, nearest to the state of the same name in another.</summary>
    /// <param name="inForce">The model before.</param>
    /// <param name="candidate">The new one.</param>
    /// <param name="scales">Standard deviation of each feature over the sample: what distances are measured in.</param>
    public static bool KeepsNames(HmmParameters inForce, HmmParameters candidate, ReadOnlySpan<double> scales)
    {
        var same = Distance(inForce, candidate, Orders[0], scales);
        foreach (var order in Orders.AsSpan(1))
        {
            if (Distance(inForce, candidate, order, scales) < same)
            {
                return false;
            }
        }

        return true;
    }

    private static double Distance(HmmParameters first, HmmParameters second, int[] order, ReadOnlySpan<double> scales)
    {
        var sum = 0.0;
        for (var state = 0; state < States; state++)
        {
            for (var feature = 0; feature < first.Features; feature++)
            {
                var off = (first.MeanOf(state)[feature] - second.MeanOf(order[state])[feature]) / scales[feature];
                sum += off * off;
            }
        }

        return sum;
    }
}
