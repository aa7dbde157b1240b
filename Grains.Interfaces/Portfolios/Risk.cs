namespace CryptoAI.Grains.Interfaces.Portfolios;

/// <summary>What a limit is about.</summary>
public enum LimitKind : byte
{
    /// <summary>USD of exposure in one position; risk_management.max_position_size.</summary>
    PositionSize,

    /// <summary>0 to 1: what all stops would cost over the capital, without a stop the margin; risk_management.max_portfolio_risk.</summary>
    PortfolioRisk,

    /// <summary>0 to 100: what one position's stop would cost, in percent of the capital.</summary>
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

/// <summary>What happens to an entry that breaks a limit.</summary>
public enum LimitAction : byte
{
    Warn,
    Refuse,
}

[GenerateSerializer, Immutable, Alias("risk-limit")]
public sealed record RiskLimit(
    [property: Id(0)] LimitKind Kind,
    [property: Id(1)] decimal Value,
    [property: Id(2)] LimitAction Action);

/// <summary>A person's own limits, in risk_management.</summary>
/// <param name="Capital">USD that shares are counted on; null: the equity of the portfolio.</param>
/// <param name="Limits">At most one of a kind.</param>
[GenerateSerializer, Immutable, Alias("risk-settings")]
public sealed record RiskSettings(
    [property: Id(0)] decimal? Capital,
    [property: Id(1)] RiskLimit[] Limits)
{
    public static RiskSettings None { get; } = new(null, []);
}

/// <summary>Exposure in one asset; USD.</summary>
[GenerateSerializer, Immutable, Alias("asset-exposure")]
public sealed record AssetExposure(
    [property: Id(0)] string Asset,
    [property: Id(1)] decimal Net,
    [property: Id(2)] decimal Gross);

/// <summary>What the past year's days would have done to the positions held now; null where history is too short.</summary>
/// <param name="Days">Days that all held assets have prices of.</param>
/// <param name="ValueAtRisk95">USD that one day in twenty loses more than.</param>
/// <param name="ExpectedShortfall95">USD lost on average on those days.</param>
/// <param name="BetaToBtc">How many percent the equity moves with one percent of BTC.</param>
[GenerateSerializer, Immutable, Alias("risk-metrics")]
public sealed record RiskMetrics(
    [property: Id(0)] int Days,
    [property: Id(1)] decimal? ValueAtRisk95,
    [property: Id(2)] decimal? ValueAtRisk99,
    [property: Id(3)] decimal? ExpectedShortfall95,
    [property: Id(4)] decimal? ExpectedShortfall99,
    [property: Id(5)] double? BetaToBtc,
    [property: Id(6)] double? MaxDrawdown,
    [property: Id(7)] double? CurrentDrawdown,
    [property: Id(8)] string[] WithoutHistory);

/// <param name="Capital">USD that shares are counted on.</param>
/// <param name="RiskToStops">USD that all stops would cost; positions without one count with their margin.</param>
/// <param name="WithoutStop">Open positions without a stop.</param>
/// <param name="Breaches">Limits broken now.</param>
[GenerateSerializer, Immutable, Alias("risk-report")]
public sealed record RiskReport(
    [property: Id(0)] RiskSettings Settings,
    [property: Id(1)] decimal Capital,
    [property: Id(2)] PortfolioTotals Totals,
    [property: Id(3)] AssetExposure[] Exposure,
    [property: Id(4)] decimal RiskToStops,
    [property: Id(5)] int WithoutStop,
    [property: Id(6)] string[] Breaches,
    [property: Id(7)] RiskMetrics Metrics,
    [property: Id(8)] DateTimeOffset CalculatedAt);

/// <param name="Capital">USD; null: what the risk settings count on.</param>
/// <param name="RiskPercent">Of the capital.</param>
/// <param name="StopPrice">Below the entry for a long, above it for a short.</param>
/// <param name="FeePercent">Of each trade's value.</param>
/// <param name="Asset">What is to be traded: what is held of it counts for its share. Null: it counts alone.</param>
[GenerateSerializer, Immutable, Alias("size-request")]
public sealed record SizeRequest(
    [property: Id(0)] decimal? Capital,
    [property: Id(1)] decimal RiskPercent,
    [property: Id(2)] decimal EntryPrice,
    [property: Id(3)] decimal StopPrice,
    [property: Id(4)] decimal? TargetPrice,
    [property: Id(5)] decimal Leverage,
    [property: Id(6)] decimal FeePercent,
    [property: Id(7)] string? Asset);

/// <summary>How large a position may be so that its stop costs no more than was meant; USD.</summary>
/// <param name="Warnings">Limits that a position of this size would break.</param>
[GenerateSerializer, Immutable, Alias("size-answer")]
public sealed record SizeAnswer(
    [property: Id(0)] decimal Capital,
    [property: Id(1)] decimal Quantity,
    [property: Id(2)] decimal Value,
    [property: Id(3)] decimal Margin,
    [property: Id(4)] decimal Loss,
    [property: Id(5)] decimal LossPerUnit,
    [property: Id(6)] decimal StopDistancePercent,
    [property: Id(7)] decimal? Reward,
    [property: Id(8)] decimal? RewardRisk,
    [property: Id(9)] string[] Warnings);
