namespace CryptoAI.Analysis.Selection;

/// <summary>
/// How the ranking is fitted and judged. The values are fixed beforehand and have reasons (docs/SELECTION.md); none was chosen for what came out.
/// </summary>
/// <param name="Horizon">Days that a return is ranked over: a week, the horizon of most published results on coins.</param>
/// <param name="Lag">Days between the close that decides and the close that is bought at: nobody trades at the price that told him to.</param>
/// <param name="LeastCoins">A day with fewer coins is not ranked.</param>
/// <param name="LeastTraining">Days that a fit needs.</param>
/// <param name="MostTraining">Days that a fit reaches back.</param>
/// <param name="RefitEvery">Days between fits, counted from a fixed day, so that more history does not move them.</param>
/// <param name="PriorSkill">
/// Rank correlation that a single feature may be expected to have. Ridge regression's penalty is 1 / PriorSkill², which is the mean of the posterior when
/// weights are drawn around 0 with that deviation.
/// </param>
/// <param name="Market">The coin that beta is against.</param>
/// <param name="CostPerSide">Share of what is traded that a trade costs, fee and slippage.</param>
public sealed record RankingSpecification(
    int Horizon = 7,
    int Lag = 1,
    int LeastCoins = 8,
    int LeastTraining = 180,
    int MostTraining = 1_095,
    int RefitEvery = 28,
    double PriorSkill = 0.03,
    string Market = "BTC",
    double CostPerSide = 0.0015)
{
    public static RankingSpecification Standard { get; } = new();

    /// <summary>Days from the close that decides to the close at which the outcome is known.</summary>
    public int Span => Lag + Horizon;
}
