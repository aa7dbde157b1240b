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

/// <summary>What positions add up to, as the limits see it.</summary>
public sealed class RiskBook
{
    private readonly Dictionary<string, decimal> _net = new(StringComparer.Ordinal);

    public RiskBook(IEnumerable<RiskPosition> positions)
    {
        foreach (var position in positions)
        {
            Add(position);
        }
    }

    public int Count { get; private set; }

    /// <summary>USD lost if all go as badly as planned.</summary>
    public decimal Risk { get; private set; }

    /// <summary>USD of exposure without its signs.</summary>
    public decimal Gross { get; private set; }

    /// <summary>USD of exposure in an asset.</summary>
    public decimal NetOf(string asset) => _net.GetValueOrDefault(asset);

    public void Add(in RiskPosition position) => Add(position, 1);

    /// <summary>Takes out a position that was added.</summary>
    public void Remove(in RiskPosition position) => Add(position, -1);

    private void Add(in RiskPosition position, int sign)
    {
        Count += sign;
        Risk += sign * position.Risk;
        Gross += sign * Math.Abs(position.Exposure);
        _net[position.Asset] = NetOf(position.Asset) + (sign * position.Exposure);
    }
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
        IEnumerable<(RiskLimitKind Kind, decimal Value)> limits, decimal capital, RiskBook others, RiskPosition changed, bool isNew)
    {
        var breaches = new List<RiskBreach>();
        foreach (var (kind, limit) in limits)
        {
            var value = kind switch
            {
                RiskLimitKind.PositionSize => Math.Abs(changed.Exposure),
                RiskLimitKind.PortfolioRisk => Over(others.Risk + changed.Risk, capital),
                RiskLimitKind.TradeRisk => Over(changed.Risk * 100, capital),
                RiskLimitKind.AssetShare => Over(Math.Abs(others.NetOf(changed.Asset) + changed.Exposure) * 100, capital),
                RiskLimitKind.Leverage => changed.Leverage,
                RiskLimitKind.TotalExposure => Over(others.Gross + Math.Abs(changed.Exposure), capital),
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
