namespace CryptoAI.Analysis.Portfolios;

/// <summary>What the past days would have done to the positions held now. Losses are positive.</summary>
public static class HistoricalRisk
{
    /// <summary>
    /// Profit or loss of each day, had the present exposures been held: Σ exposure × that day's return.
    /// </summary>
    /// <param name="exposures">USD by asset, negative for shorts.</param>
    /// <param name="returns">By asset, as long as each other: the same days.</param>
    public static double[] Profits(IReadOnlyList<double> exposures, IReadOnlyList<double[]> returns)
    {
        if (exposures.Count != returns.Count)
        {
            throw new ArgumentException("One series of returns for each exposure.", nameof(returns));
        }

        var profits = new double[returns.Count == 0 ? 0 : returns[0].Length];
        for (var i = 0; i < returns.Count; i++)
        {
            for (var day = 0; day < profits.Length; day++)
            {
                profits[day] += exposures[i] * returns[i][day];
            }
        }

        return profits;
    }

    /// <summary>
    /// Value at risk: the ⌈n × level⌉-th smallest of the n losses, at least 0.
    /// </summary>
    /// <param name="profits">One for each day, at least one.</param>
    /// <param name="level">0.95, say.</param>
    public static double ValueAtRisk(IReadOnlyList<double> profits, double level)
    {
        var losses = Losses(profits, level);
        return Math.Max(0, losses[Rank(losses.Length, level) - 1]);
    }

    /// <summary>
    /// Expected shortfall: the mean of the worst (1 − level) of the losses, the boundary loss counted in part (Acerbi and Tasche 2002);
    /// at least 0.
    /// </summary>
    public static double ExpectedShortfall(IReadOnlyList<double> profits, double level)
    {
        var losses = Losses(profits, level);
        var rank = Rank(losses.Length, level);
        var worse = 0.0;
        for (var i = rank; i < losses.Length; i++)
        {
            worse += losses[i];
        }

        var tail = losses.Length * (1 - level);
        return Math.Max(0, (worse + ((tail - (losses.Length - rank)) * losses[rank - 1])) / tail);
    }

    /// <summary>Covariance with the market's returns over their variance; null when the market did not move.</summary>
    public static double? Beta(IReadOnlyList<double> returns, IReadOnlyList<double> market)
    {
        if (returns.Count != market.Count)
        {
            throw new ArgumentException("The same days in both.", nameof(market));
        }

        if (returns.Count < 2)
        {
            return null;
        }

        double mean = returns.Average(), marketMean = market.Average(), covariance = 0, variance = 0;
        for (var i = 0; i < returns.Count; i++)
        {
            covariance += (returns[i] - mean) * (market[i] - marketMean);
            variance += (market[i] - marketMean) * (market[i] - marketMean);
        }

        return variance > 0 ? covariance / variance : null;
    }

    private static double[] Losses(IReadOnlyList<double> profits, double level)
    {
        ArgumentOutOfRangeException.ThrowIfZero(profits.Count, nameof(profits));
        ArgumentOutOfRangeException.ThrowIfNotEqual(level is > 0 and < 1, true, nameof(level));
        var losses = new double[profits.Count];
        for (var i = 0; i < losses.Length; i++)
        {
            losses[i] = -profits[i];
        }

        Array.Sort(losses);
        return losses;
    }

    // 100 × 0.95 is a little more than 95 in binary.
    private static int Rank(int count, double level) => Math.Clamp((int)Math.Ceiling((count * level) - 1e-9), 1, count);
}
