namespace CryptoAI.Analysis.Indicators;

/// <summary>The sum of a run.</summary>
public readonly record struct Sum(double Total) : IAggregate<Sum>
{
    public static Sum Of(double value) => new(value);

    public static Sum Combine(in Sum older, in Sum newer) => new(older.Total + newer.Total);
}

/// <summary>The largest value of a run.</summary>
public readonly record struct Highest(double Price) : IAggregate<Highest>
{
    public static Highest Of(double value) => new(value);

    public static Highest Combine(in Highest older, in Highest newer) => new(Math.Max(older.Price, newer.Price));
}

/// <summary>The smallest value of a run.</summary>
public readonly record struct Lowest(double Price) : IAggregate<Lowest>
{
    public static Lowest Of(double value) => new(value);

    public static Lowest Combine(in Lowest older, in Lowest newer) => new(Math.Min(older.Price, newer.Price));
}

/// <summary>
/// Count, mean and sum of squared deviations from the mean of a run, combined by the formula of Chan, Golub and LeVeque
/// (1979), which has no difference of large squares in it.
/// </summary>
public readonly record struct Moments(double Count, double Mean, double SquaredDeviations) : IAggregate<Moments>
{
    /// <summary>Variance with divisor n.</summary>
    public double PopulationVariance => SquaredDeviations / Count;

    public static Moments Of(double value) => new(1, value, 0);

    public static Moments Combine(in Moments older, in Moments newer)
    {
        var count = older.Count + newer.Count;
        var difference = newer.Mean - older.Mean;
        var share = newer.Count / count;
        return new(
            count,
            older.Mean + (difference * share),
            older.SquaredDeviations + newer.SquaredDeviations + (difference * difference * older.Count * share));
    }
}
