namespace CryptoAI.Analysis.Portfolios;

/// <summary>What a limit is about.</summary>
public enum RiskLimitKind : byte
{
    /// <summary>USD of exposure in one position.</summary>
    PositionSize,

    /// <summary>0 to 1: what all stops would cost, over the capital. A position without a stop risks its whole margin.</summary>
    PortfolioRisk,

    /// <summary>0 to 100: what this position's stop would cost, in percent of the capital.</summary>
    TradeRisk,

    /// <summary>0 to 100: exposure in one asset, in percent of the capital.</summary>
    AssetShare,

    /// <summary>Leverage of one position.</summary>
    Leverage,

    /// <summary>Exposure of all positions over the capital.</summary>
    TotalExposure,

    /// <summary>Positions open at once.</summary>
    OpenPositions,
}

/// <summary>An open position as the limits see it; amounts in USD.</summary>
/// <param name="Exposure">Negative for shorts.</param>
/// <param name="Margin">Own money in it.</param>
/// <param name="RiskToStop">Null without a stop.</param>
public readonly record struct RiskPosition(string Asset, decimal Exposure, decimal Margin, decimal Leverage, decimal? RiskToStop)
{
    /// <summary>What is lost if it goes as badly as planned: to the stop, or the whole margin.</summary>
    public decimal Risk => RiskToStop ?? Margin;
}

/// <summary>A limit and what would break it.</summary>
public readonly record struct RiskBreach(RiskLimitKind Kind, decimal Limit, decimal Value);

public static class RiskLimits
{
    /// <summary>Which limits the portfolio breaks with a position as it would be.</summary>
    /// <param name="limits">Kind and highest allowed value.</param>
    /// <param name="capital">USD that shares are counted on; with 0 or less every share counts as infinite.</param>
    /// <param name="others">The other open positions.</param>
    /// <param name="changed">The position after the action.</param>
    /// <param name="isNew">Whether the action opens it.</param>
    public static List<RiskBreach> Check(
        IEnumerable<(RiskLimitKind Kind, decimal Value)> limits, decimal capital, IReadOnlyCollection<RiskPosition> others, RiskPosition changed, bool isNew)
    {
        var breaches = new List<RiskBreach>();
        foreach (var (kind, limit) in limits)
        {
            var value = kind switch
            {
                RiskLimitKind.PositionSize => Math.Abs(changed.Exposure),
                RiskLimitKind.PortfolioRisk => Over(others.Sum(static other => other.Risk) + changed.Risk, capital),
                RiskLimitKind.TradeRisk => Over(changed.Risk * 100, capital),
                RiskLimitKind.AssetShare => Over(
                    Math.Abs(others.Where(other => other.Asset == changed.Asset).Sum(static other => other.Exposure) + changed.Exposure) * 100, capital),
                RiskLimitKind.Leverage => changed.Leverage,
                RiskLimitKind.TotalExposure => Over(others.Sum(static other => Math.Abs(other.Exposure)) + Math.Abs(changed.Exposure), capital),
                RiskLimitKind.OpenPositions => isNew ? others.Count + 1 : 0,
                _ => throw new ArgumentOutOfRangeException(nameof(limits), kind, null),
            };
            if (value > limit)
            {
                breaches.Add(new RiskBreach(kind, limit, decimal.Round(value, 6)));
            }
        }

        return breaches;
    }

    private static decimal Over(decimal value, decimal capital) =>
        value == 0 ? 0 : capital > 0 && value / Amounts.TotalLimit < capital ? value / capital : Amounts.TotalLimit;
}
