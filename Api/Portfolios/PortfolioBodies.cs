using System.ComponentModel;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Portfolios;

namespace CryptoAI.Api.Portfolios;

/// <summary>One action as a caller writes it; money in USD, at most 8 decimals.</summary>
public record ActionBody
{
    [Description("buy, sell, partial_sell for what is held; entry, partial_exit, full_exit for long and short positions; modify_sl, modify_tp.")]
    public required ActionType Type { get; init; }

    [Description("For a unit. May be absent for modify_sl and modify_tp.")]
    public decimal? Price { get; init; }

    [Description("Units. Absent in sell and full_exit: all.")]
    public decimal? Quantity { get; init; }

    public decimal? Fee { get; init; }

    [Description("Set by buy, entry and modify_sl; modify_sl without it removes the stop.")]
    public decimal? StopLoss { get; init; }

    [Description("Set by buy, entry and modify_tp; modify_tp without it removes the target.")]
    public decimal? TakeProfit { get; init; }

    [Description("When it happened; now if absent. Not before the position's last action.")]
    public DateTimeOffset? At { get; init; }

    [Description("The chart that decided; 1d if absent.")]
    public Timeframe? Timeframe { get; init; }

    [Description("confident, fearful, fomo, calm, stressed, or a word of your own.")]
    public string? Emotion { get; init; }

    [Description("1 to 10.")]
    public int? Confidence { get; init; }

    [Description("1 to 10.")]
    public int? Stress { get; init; }

    public MarketSentiment? Sentiment { get; init; }

    public VolatilityLevel? Volatility { get; init; }

    public VolumeProfile? Volume { get; init; }

    public PrimarySetup? Setup { get; init; }

    public ChartPattern? Pattern { get; init; }

    [Description("An object: what confirmed the decision.")]
    public JsonElement? ConfirmationSignals { get; init; }

    [Description("An object: the analysis at that time.")]
    public JsonElement? AnalysisSnapshot { get; init; }

    [Description("The whole capital at that time.")]
    public decimal? CapitalAmount { get; init; }

    [Description("Of the whole capital, 0 to 100.")]
    public decimal? RiskPercent { get; init; }

    [Description("hit_tp, stop_loss, manual_exit, market_news, rebalance, or your own.")]
    public string? Reason { get; init; }

    public ActionSource? Source { get; init; }

    [Description("The signal that was followed.")]
    public long? SignalId { get; init; }

    public string? LessonLearned { get; init; }

    public string? Notes { get; init; }

    public TradeRequest ToRequest() => new(
        Type,
        Price ?? (Type is ActionType.ModifySl or ActionType.ModifyTp ? 0 : -1),
        Quantity,
        Fee ?? 0,
        StopLoss,
        TakeProfit,
        At,
        new TradeNote(
            Timeframe ?? Grains.Interfaces.Market.Timeframe.D1, Emotion, Confidence, Stress, Sentiment, Volatility, Volume, Setup, Pattern,
            JsonText.Text(ConfirmationSignals), JsonText.Text(AnalysisSnapshot), CapitalAmount, RiskPercent, Reason, Source ?? ActionSource.Manual, SignalId,
            LessonLearned, Notes));
}

/// <summary>A position to be opened: its asset, and its first entry.</summary>
public sealed record PositionBody
{
    public required string Asset { get; init; }

    public required AssetType AssetType { get; init; }

    [Description("1 to 1000, for long and short positions; 1 if absent.")]
    public decimal? Leverage { get; init; }

    [Description("An object about an asset that the system does not follow.")]
    public JsonElement? ExternalInfo { get; init; }

    public PlanView? Plan { get; init; }

    [Description("The first entry: buy, or entry for long and short positions.")]
    public required ActionBody Entry { get; init; }

    public NewPosition ToRequest() => new(
        Asset, AssetType, Leverage ?? 1, JsonText.Text(ExternalInfo), (Plan ?? new PlanView()).ToPlan(), Entry.ToRequest());
}

/// <summary>Why an action is taken back.</summary>
public sealed record ReversalBody
{
    [Description("At most 100 characters; correction if absent.")]
    public string? Reason { get; init; }
}

/// <summary>A person's own limits.</summary>
public sealed record RiskBody
{
    [Description("What shares are counted on; the portfolio's equity if absent.")]
    public decimal? Capital { get; init; }

    [Description("At most one of each kind: position_size (USD), portfolio_risk (0 to 1), trade_risk and asset_share (percent), leverage, total_exposure (times the capital), open_positions.")]
    public required IReadOnlyList<LimitBody> Limits { get; init; }

    public static RiskBody From(RiskSettings settings) => new()
    {
        Capital = settings.Capital,
        Limits = [.. settings.Limits.Select(static limit => new LimitBody { Kind = limit.Kind, Value = limit.Value, Action = limit.Action })],
    };

    public RiskSettings ToSettings() => new(Capital, [.. Limits.Select(static limit => new RiskLimit(limit.Kind, limit.Value, limit.Action))]);
}

public sealed record LimitBody
{
    public required LimitKind Kind { get; init; }

    public required decimal Value { get; init; }

    public required LimitAction Action { get; init; }
}

/// <summary>What a position is to be sized by; money in USD.</summary>
public sealed record SizeBody
{
    [Description("What the risk settings count on if absent.")]
    public decimal? Capital { get; init; }

    [Description("Of the capital, above 0 to 100.")]
    public required decimal RiskPercent { get; init; }

    public required decimal EntryPrice { get; init; }

    [Description("Below the entry for a long, above it for a short.")]
    public required decimal StopPrice { get; init; }

    public decimal? TargetPrice { get; init; }

    public decimal? Leverage { get; init; }

    [Description("Of each trade's value, 0 to 10.")]
    public decimal? FeePercent { get; init; }

    [Description("What is to be traded: what you hold of it counts for your asset_share. Left out, the position counts alone.")]
    public string? Asset { get; init; }

    public SizeRequest ToRequest() => new(Capital, RiskPercent, EntryPrice, StopPrice, TargetPrice, Leverage ?? 1, FeePercent ?? 0, Asset);
}

/// <summary>How a signal was followed.</summary>
public sealed record ExecutionBody
{
    [Description("Your action that followed it: its price and quantity count.")]
    public long? ActionId { get; init; }

    [Description("filled if absent.")]
    public ExecutionStatus? Status { get; init; }

    [Description("Where there is no action.")]
    public decimal? Price { get; init; }

    [Description("Units, where there is no action.")]
    public decimal? PositionSize { get; init; }

    [Description("An object.")]
    public JsonElement? Details { get; init; }

    public ExecutionRequest ToRequest() => new(ActionId, Status ?? ExecutionStatus.Filled, Price, PositionSize, JsonText.Text(Details));
}
