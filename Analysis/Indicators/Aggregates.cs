namespace CryptoAI.Analysis.Indicators;

/// <summary>The sum of a run.</summary>
public readonly record struct Sum(double Total) : INumberAggregate<Sum>
{
    public static Sum Of(double value) => new(value);

    public static Sum Combine(in Sum older, in Sum newer) => new(older.Total + newer.Total);
}

/// <summary>The largest value of a run.</summary>
public readonly record struct Highest(double Price) : INumberAggregate<Highest>
{
    public static Highest Of(double value) => new(value);

    public static Highest Combine(in Highest older, in Highest newer) => new(Math.Max(older.Price, newer.Price));
}

/// <summary>The smallest value of a run.</summary>
public readonly record struct Lowest(double Price) : INumberAggregate<Lowest>
{
    public static Lowest Of(double value) => new(value);

    public static Lowest Combine(in Lowest older, in Lowest newer) => new(Math.Min(older.Price, newer.Price));
}

/// <summary>
/// Count, mean and sum of squared deviations from the mean of a run, combined by the formula of Chan, Golub and LeVeque
/// (1979), which has no difference of large squares in it.
/// </summary>
public readonly record struct Moments(double Count, double Mean, double SquaredDeviations) : INumberAggregate<Moments>
{
    /// <summary>Variance with divisor n.</summary>
    public double PopulationVariance => SquaredDeviations / Count;

    /// <summary>Variance with divisor n − 1.</summary>
    public double SampleVariance => SquaredDeviations / (Count - 1);

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

/// <summary>Count, sum, and sum weighted 1, 2, 3, … from the oldest value on.</summary>
public readonly record struct RisingWeights(double Count, double Total, double Weighted) : INumberAggregate<RisingWeights>
{
    public static RisingWeights Of(double value) => new(1, value, value);

    public static RisingWeights Combine(in RisingWeights older, in RisingWeights newer) => new(
        older.Count + newer.Count, older.Total + newer.Total, older.Weighted + newer.Weighted + (older.Count * newer.Total));
}

/// <summary>
/// Means, squared deviations and product of deviations of a run of pairs, combined as <see cref="Moments"/> are (the formula for
/// the product is Pébay's, 2008).
/// </summary>
public readonly record struct PairMoments(double Count, double MeanX, double MeanY, double SquaresX, double SquaresY, double Products)
    : IAggregate<PairMoments>
{
    public static PairMoments Of(double x, double y) => new(1, x, y, 0, 0, 0);

    public static PairMoments Combine(in PairMoments older, in PairMoments newer)
    {
        var count = older.Count + newer.Count;
        var (differenceX, differenceY) = (newer.MeanX - older.MeanX, newer.MeanY - older.MeanY);
        var share = newer.Count / count;
        var weight = older.Count * share;
        return new(
            count,
            older.MeanX + (differenceX * share),
            older.MeanY + (differenceY * share),
            older.SquaresX + newer.SquaresX + (differenceX * differenceX * weight),
            older.SquaresY + newer.SquaresY + (differenceY * differenceY * weight),
            older.Products + newer.Products + (differenceX * differenceY * weight));
    }
}
