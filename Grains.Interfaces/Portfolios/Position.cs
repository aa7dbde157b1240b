using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Interfaces.Portfolios;

/// <summary>What a person plans for a position beside its trades.</summary>
/// <param name="Thesis">Why it is held, at most 4,000 characters.</param>
/// <param name="AllocationTargetPercent">Of the portfolio, 0 to 100.</param>
/// <param name="MaxAllocationPercent">Of the portfolio, 0 to 100.</param>
[GenerateSerializer, Immutable, Alias("position-plan")]
public sealed record PositionPlan(
    [property: Id(0)] string? Thesis,
    [property: Id(1)] InvestmentTimeframe? InvestmentTimeframe,
    [property: Id(2)] RiskCategory RiskCategory,
    [property: Id(3)] decimal? AllocationTargetPercent,
    [property: Id(4)] decimal MaxAllocationPercent)
{
    /// <summary>Nothing planned; the data model's defaults.</summary>
    public static PositionPlan None { get; } = new(null, null, RiskCategory.Moderate, null, 10);
}

/// <summary>The amounts that a position's actions add up to; USD. <c>CashFlow = Realized − Margin − HeldFees</c>.</summary>
/// <param name="Quantity">Units held.</param>
/// <param name="Basis">What the held units were entered for, without fees.</param>
/// <param name="Margin">Own money in the held units.</param>
/// <param name="HeldFees">Fees paid for entering the held units.</param>
/// <param name="Fees">All fees.</param>
/// <param name="Realized">Profit of the units left, after fees.</param>
/// <param name="CashFlow">Own money that came back less what was put in.</param>
[GenerateSerializer, Immutable, Alias("position-amounts")]
public sealed record PositionAmounts(
    [property: Id(0)] decimal Quantity,
    [property: Id(1)] decimal Basis,
    [property: Id(2)] decimal Margin,
    [property: Id(3)] decimal HeldFees,
    [property: Id(4)] decimal EnteredQuantity,
    [property: Id(5)] decimal EnteredValue,
    [property: Id(6)] decimal ExitedQuantity,
    [property: Id(7)] decimal ExitedValue,
    [property: Id(8)] decimal Fees,
    [property: Id(9)] decimal Realized,
    [property: Id(10)] decimal CashFlow)
{
    public static PositionAmounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/// <summary>A position as it is stored.</summary>
/// <param name="CryptoId">cryptocurrencies.id; null for an asset that the system does not follow.</param>
/// <param name="EntryPrice">Average of what is held, or of all once closed.</param>
/// <param name="ExitPrice">Average of what was left.</param>
/// <param name="ExternalInfo">A JSON object about an asset that the system does not follow.</param>
/// <param name="Revision">Counts the changes; a change names the one that it builds on.</param>
/// <param name="LastActionAt">When its last trade happened; a later action is not earlier.</param>
[GenerateSerializer, Immutable, Alias("stored-position")]
public sealed record StoredPosition(
    [property: Id(0)] long Id,
    [property: Id(1)] string Asset,
    [property: Id(2)] long? CryptoId,
    [property: Id(3)] AssetType AssetType,
    [property: Id(4)] decimal Leverage,
    [property: Id(5)] PositionAmounts Amounts,
    [property: Id(6)] decimal? EntryPrice,
    [property: Id(7)] decimal? ExitPrice,
    [property: Id(8)] TradeStatus Status,
    [property: Id(9)] decimal? StopLoss,
    [property: Id(10)] decimal? TakeProfit,
    [property: Id(11)] PositionPlan Plan,
    [property: Id(12)] string? ExternalInfo,
    [property: Id(13)] long Revision,
    [property: Id(14)] DateTimeOffset LastActionAt,
    [property: Id(15)] DateTimeOffset CreatedAt);

/// <summary>A position at a price.</summary>
/// <param name="Price">USD; null when none is known.</param>
/// <param name="PriceAt">When it was one; null for a stablecoin or a price out of the position's own trades.</param>
/// <param name="Value">Market value of the units, negative for a short.</param>
/// <param name="Equity">What leaving would bring back.</param>
/// <param name="Unrealized">Profit of the units held, after the fees of entering them.</param>
/// <param name="SharePercent">Of the portfolio's equity.</param>
[GenerateSerializer, Immutable, Alias("position-value")]
public sealed record PositionValue(
    [property: Id(0)] StoredPosition Position,
    [property: Id(1)] decimal? Price,
    [property: Id(2)] DateTimeOffset? PriceAt,
    [property: Id(3)] decimal? Value,
    [property: Id(4)] decimal? Equity,
    [property: Id(5)] decimal? Unrealized,
    [property: Id(6)] decimal? SharePercent);

/// <summary>What a portfolio is worth; USD.</summary>
/// <param name="Revision">Counts changes and moves of prices since the grain's activation: the same number, the same figures.</param>
/// <param name="Equity">What leaving every open position would bring back.</param>
/// <param name="Margin">Own money in the open positions.</param>
/// <param name="GrossExposure">Market values without their signs.</param>
/// <param name="NetExposure">Market values, shorts negative.</param>
/// <param name="Realized">Profit of all positions ever, closed ones included.</param>
/// <param name="Fees">Of all positions ever.</param>
/// <param name="CashFlow">Own money that came back from all positions ever less what was put in.</param>
/// <param name="Unpriced">Open positions for which only the price of their own last trade is known.</param>
[GenerateSerializer, Immutable, Alias("portfolio-totals")]
public sealed record PortfolioTotals(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] decimal Equity,
    [property: Id(3)] decimal Margin,
    [property: Id(4)] decimal GrossExposure,
    [property: Id(5)] decimal NetExposure,
    [property: Id(6)] decimal Unrealized,
    [property: Id(7)] decimal Realized,
    [property: Id(8)] decimal Fees,
    [property: Id(9)] decimal CashFlow,
    [property: Id(10)] int OpenPositions,
    [property: Id(11)] int Unpriced);

/// <summary>How far an asset is from its target; see the fields of the same names in the portfolio's figures.</summary>
/// <param name="Rebalance">USD to buy, or to sell where negative.</param>
[GenerateSerializer, Immutable, Alias("allocation-drift")]
public sealed record DriftFigures(
    [property: Id(0)] string Asset,
    [property: Id(1)] decimal Value,
    [property: Id(2)] decimal ActualPercent,
    [property: Id(3)] decimal TargetPercent,
    [property: Id(4)] decimal DriftPercent,
    [property: Id(5)] decimal Rebalance);

/// <param name="Positions">The open ones, oldest first.</param>
/// <param name="Drift">Of assets that have a target, largest first.</param>
[GenerateSerializer, Immutable, Alias("portfolio")]
public sealed record Portfolio(
    [property: Id(0)] PortfolioTotals Totals,
    [property: Id(1)] PositionValue[] Positions,
    [property: Id(2)] DriftFigures[] Drift);

/// <summary>What a trader notes with an action; every field may be absent.</summary>
/// <param name="Emotion">confident, fearful, fomo, calm, stressed or the trader's own word, at most 40 characters.</param>
/// <param name="Confidence">1 to 10.</param>
/// <param name="Stress">1 to 10.</param>
/// <param name="ConfirmationSignals">A JSON object.</param>
/// <param name="AnalysisSnapshot">A JSON object.</param>
/// <param name="CapitalAmount">USD, the whole capital at that time.</param>
/// <param name="RiskPercent">0 to 100, of the whole capital.</param>
/// <param name="Reason">hit_tp, stop_loss, manual_exit and so on, at most 100 characters.</param>
/// <param name="SignalId">trading_signals.id that was followed.</param>
[GenerateSerializer, Immutable, Alias("trade-note")]
public sealed record TradeNote(
    [property: Id(0)] Timeframe Timeframe,
    [property: Id(1)] string? Emotion = null,
    [property: Id(2)] int? Confidence = null,
    [property: Id(3)] int? Stress = null,
    [property: Id(4)] MarketSentiment? Sentiment = null,
    [property: Id(5)] VolatilityLevel? Volatility = null,
    [property: Id(6)] VolumeProfile? Volume = null,
    [property: Id(7)] PrimarySetup? Setup = null,
    [property: Id(8)] ChartPattern? Pattern = null,
    [property: Id(9)] string? ConfirmationSignals = null,
    [property: Id(10)] string? AnalysisSnapshot = null,
    [property: Id(11)] decimal? CapitalAmount = null,
    [property: Id(12)] decimal? RiskPercent = null,
    [property: Id(13)] string? Reason = null,
    [property: Id(14)] ActionSource Source = ActionSource.Manual,
    [property: Id(15)] long? SignalId = null,
    [property: Id(16)] string? LessonLearned = null,
    [property: Id(17)] string? Notes = null);

/// <summary>One action as it is asked for.</summary>
/// <param name="Price">USD for a unit; of a stop or target the price at that time, 0 if it does not matter.</param>
/// <param name="Quantity">Units; null for leaving with all.</param>
/// <param name="Fee">USD.</param>
/// <param name="StopLoss">USD. An entry sets it if given; ModifySl sets it, null removing it.</param>
/// <param name="TakeProfit">Likewise.</param>
/// <param name="At">When it happened; null: now. Not before the position's action before.</param>
[GenerateSerializer, Immutable, Alias("trade-request")]
public sealed record TradeRequest(
    [property: Id(0)] ActionType Type,
    [property: Id(1)] decimal Price,
    [property: Id(2)] decimal? Quantity,
    [property: Id(3)] decimal Fee,
    [property: Id(4)] decimal? StopLoss,
    [property: Id(5)] decimal? TakeProfit,
    [property: Id(6)] DateTimeOffset? At,
    [property: Id(7)] TradeNote Note);

/// <summary>A position to be opened by its first entry.</summary>
/// <param name="ExternalInfo">A JSON object about an asset that the system does not follow.</param>
/// <param name="Entry">Buy, or Entry for long and short positions.</param>
[GenerateSerializer, Immutable, Alias("new-position")]
public sealed record NewPosition(
    [property: Id(0)] string Asset,
    [property: Id(1)] AssetType AssetType,
    [property: Id(2)] decimal Leverage,
    [property: Id(3)] string? ExternalInfo,
    [property: Id(4)] PositionPlan Plan,
    [property: Id(5)] TradeRequest Entry);

/// <summary>An action as it is stored, or the reversal of one: with its type, price and quantity, and the other amounts what it changed.</summary>
/// <param name="ProfitRealized">USD by which it changed the position's realized profit.</param>
/// <param name="Reverses">The action taken back; null for an action.</param>
/// <param name="ImportKey">What tells an imported trade from others, so that it is imported once; null for others.</param>
[GenerateSerializer, Immutable, Alias("stored-action")]
public sealed record StoredAction(
    [property: Id(0)] long Id,
    [property: Id(1)] long PositionId,
    [property: Id(2)] ActionType Type,
    [property: Id(3)] decimal Price,
    [property: Id(4)] decimal Quantity,
    [property: Id(5)] decimal Fee,
    [property: Id(6)] decimal ProfitRealized,
    [property: Id(7)] decimal? StopLoss,
    [property: Id(8)] decimal? TakeProfit,
    [property: Id(9)] DateTimeOffset At,
    [property: Id(10)] TradeNote Note,
    [property: Id(11)] long? Reverses,
    [property: Id(12)] string? ImportKey);

/// <summary>What an action made.</summary>
/// <param name="Warnings">Limits that it breaks and that were set to warn.</param>
[GenerateSerializer, Immutable, Alias("recorded-action")]
public sealed record RecordedAction(
    [property: Id(0)] StoredAction Action,
    [property: Id(1)] PositionValue Position,
    [property: Id(2)] string[] Warnings);
