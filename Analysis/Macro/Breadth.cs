namespace CryptoAI.Analysis.Macro;

/// <summary>How much of the market takes part in a move.</summary>
public static class Breadth
{
    /// <summary>Days of the average that a close is compared with.</summary>
    public const int AverageDays = 50;

    /// <summary>Assets that must be known for a share of them to say something.</summary>
    public const int LeastAssets = 5;

    /// <summary>For each day the share of assets whose close is above the mean of their last 50, 0 to 1; NaN where fewer than five are known.</summary>
    /// <param name="closes">For each asset one close a day, the same days in all; NaN where there is none.</param>
    /// <param name="days">How many days.</param>
    public static double[] Above(IReadOnlyList<double[]> closes, int days)
    {
        var (above, known) = (new int[days], new int[days]);
        foreach (var series in closes)
        {
            var (sum, run) = (0.0, 0);
            for (var day = 0; day < days; day++)
            {
                if (double.IsNaN(series[day]))
                {
                    (sum, run) = (0, 0);
                    continue;
                }

                sum += series[day] - (run >= AverageDays ? series[day - AverageDays] : 0);
                run++;
                if (run >= AverageDays)
                {
                    known[day]++;
                    above[day] += series[day] * AverageDays > sum ? 1 : 0;
                }
            }
        }

        var shares = new double[days];
        for (var day = 0; day < days; day++)
        {
            shares[day] = known[day] >= LeastAssets ? (double)above[day] / known[day] : double.NaN;
        }

        return shares;
    }
}
