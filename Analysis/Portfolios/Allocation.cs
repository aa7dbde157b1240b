namespace CryptoAI.Analysis.Portfolios;

/// <summary>How far a holding is from where it was meant to be.</summary>
/// <param name="Asset">BTC.</param>
/// <param name="Value">USD.</param>
/// <param name="ActualPercent">Of the whole.</param>
/// <param name="TargetPercent">Of the whole.</param>
/// <param name="DriftPercent">Actual less target, in points of percent.</param>
/// <param name="Rebalance">USD to buy (positive) or sell so that the target is met while the whole stays as it is.</param>
public readonly record struct AllocationDrift(
    string Asset, decimal Value, decimal ActualPercent, decimal TargetPercent, decimal DriftPercent, decimal Rebalance);

public static class Allocation
{
    /// <summary>Drift of every asset that has a target, largest first.</summary>
    /// <param name="values">USD by asset; an asset may come several times, its values and targets add up.</param>
    /// <param name="whole">USD that percentages are counted on; nothing comes out when it is not positive.</param>
    public static IReadOnlyList<AllocationDrift> Drift(IEnumerable<(string Asset, decimal Value, decimal? TargetPercent)> values, decimal whole)
    {
        if (whole <= 0)
        {
            return [];
        }

        return
        [
            .. values
                .GroupBy(static value => value.Asset, StringComparer.Ordinal)
                .Where(static group => group.Any(static value => value.TargetPercent is not null))
                .Select(group =>
                {
                    var value = group.Sum(static entry => entry.Value);
                    var target = group.Sum(static entry => entry.TargetPercent ?? 0);
                    var actual = decimal.Round(value / whole * 100, 6);
                    return new AllocationDrift(
                        group.Key, value, actual, target, actual - target, decimal.Round((target / 100 * whole) - value, 8));
                })
                .OrderByDescending(static drift => Math.Abs(drift.DriftPercent))
                .ThenBy(static drift => drift.Asset, StringComparer.Ordinal),
        ];
    }
}
