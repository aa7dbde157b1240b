using System.ComponentModel;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Portfolios;

namespace CryptoAI.Api.Portfolios;

/// <summary>A position as the API shows it; money in USD.</summary>
public sealed record PositionView
{
    public required long Id { get; init; }

    public required string Asset { get; init; }

    [Description("Whether the system follows the asset, so that its price is live and its stop and target are watched.")]
    public required bool IsFollowed { get; init; }

    public required AssetType AssetType { get; init; }

    public required decimal Leverage { get; init; }

    public required TradeStatus Status { get; init; }

    [Description("Units held.")]
    public required decimal Quantity { get; init; }

    [Description("Average of what is held; once closed, of all that was bought.")]
    public decimal? EntryPrice { get; init; }

    public decimal? ExitPrice { get; init; }

    [Description("Own money in the units held.")]
    public required decimal Margin { get; init; }

    [Description("All fees paid.")]
    public required decimal Fees { get; init; }

    [Description("Profit of the units left, after fees.")]
    public required decimal RealizedProfit { get; init; }

    [Description("Own money that came back less what was put in, fees included.")]
    public required decimal CashFlow { get; init; }

    [Description("Null where no price is known, or in lists, which do not ask for prices.")]
    public decimal? Price { get; init; }

    public DateTimeOffset? PriceAt { get; init; }

    [Description("Market value of the units, negative for a short.")]
    public decimal? Value { get; init; }

    [Description("What leaving would bring back.")]
    public decimal? Equity { get; init; }

    [Description("Profit of the units held, after the fees of entering them.")]
    public decimal? UnrealizedProfit { get; init; }

    [Description("Of the portfolio's equity.")]
    public decimal? SharePercent { get; init; }

    public decimal? StopLoss { get; init; }

    public decimal? TakeProfit { get; init; }

    public required PlanView Plan { get; init; }

    public JsonElement? ExternalInfo { get; init; }

    public required DateTimeOffset LastActionAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static PositionView From(StoredPosition position) => From(new PositionValue(position, null, null, null, null, null, null));

    public static PositionView From(PositionValue value)
    {
        var position = value.Position;
        return new PositionView
        {
            Id = position.Id,
            Asset = position.Asset,
            IsFollowed = position.CryptoId is not null,
            AssetType = position.AssetType,
            Leverage = position.Leverage,
            Status = position.Status,
            Quantity = position.Amounts.Quantity,
            EntryPrice = position.EntryPrice,
            ExitPrice = position.ExitPrice,
            Margin = position.Amounts.Margin,
            Fees = position.Amounts.Fees,
            RealizedProfit = position.Amounts.Realized,
            CashFlow = position.Amounts.CashFlow,
            Price = value.Price,
            PriceAt = value.PriceAt,
            Value = value.Value,
            Equity = value.Equity,
            UnrealizedProfit = value.Unrealized,
            SharePercent = value.SharePercent,
            StopLoss = position.StopLoss,
            TakeProfit = position.TakeProfit,
            Plan = PlanView.From(position.Plan),
            ExternalInfo = JsonText.Element(position.ExternalInfo),
            LastActionAt = position.LastActionAt,
            CreatedAt = position.CreatedAt,
        };
    }
}

/// <summary>What is planned for a position beside its trades.</summary>
public sealed record PlanView
{
    public string? Thesis { get; init; }

    public InvestmentTimeframe? InvestmentTimeframe { get; init; }

    public RiskCategory? RiskCategory { get; init; }

    [Description("Of the portfolio, 0 to 100.")]
    public decimal? AllocationTargetPercent { get; init; }

    [Description("Of the portfolio, 0 to 100; 10 if absent.")]
    public decimal? MaxAllocationPercent { get; init; }

    public static PlanView From(PositionPlan plan) => new()
    {
        Thesis = plan.Thesis,
        InvestmentTimeframe = plan.InvestmentTimeframe,
        RiskCategory = plan.RiskCategory,
        AllocationTargetPercent = plan.AllocationTargetPercent,
        MaxAllocationPercent = plan.MaxAllocationPercent,
    };

    public PositionPlan ToPlan() => new(
        Thesis, InvestmentTimeframe, RiskCategory ?? PositionPlan.None.RiskCategory, AllocationTargetPercent,
        MaxAllocationPercent ?? PositionPlan.None.MaxAllocationPercent);
}

/// <summary>A portfolio as the API shows it.</summary>
public sealed record PortfolioView(PortfolioTotals Totals, IReadOnlyList<PositionView> Positions, IReadOnlyList<DriftFigures> Drift)
{
    public static PortfolioView From(Portfolio portfolio) =>
        new(portfolio.Totals, Array.ConvertAll(portfolio.Positions, PositionView.From), portfolio.Drift);
}

/// <summary>An action of the journal as the API shows it.</summary>
public sealed record ActionView
{
    public required long Id { get; init; }

    public required long PositionId { get; init; }

    public required ActionType Type { get; init; }

    public required decimal Price { get; init; }

    public required decimal Quantity { get; init; }

    public required decimal Fee { get; init; }

    [Description("By how much it changed the position's realized profit.")]
    public required decimal RealizedProfit { get; init; }

    public decimal? StopLoss { get; init; }

    public decimal? TakeProfit { get; init; }

    public required DateTimeOffset At { get; init; }

    [Description("The action that this one takes back; its fee and profit are what that changes.")]
    public long? Reverses { get; init; }

    public required Timeframe Timeframe { get; init; }

    public string? Emotion { get; init; }

    public int? Confidence { get; init; }

    public int? Stress { get; init; }

    public MarketSentiment? Sentiment { get; init; }

    public VolatilityLevel? Volatility { get; init; }

    public VolumeProfile? Volume { get; init; }

    public PrimarySetup? Setup { get; init; }

    public ChartPattern? Pattern { get; init; }

    public JsonElement? ConfirmationSignals { get; init; }

    public JsonElement? AnalysisSnapshot { get; init; }

    public decimal? CapitalAmount { get; init; }

    public decimal? RiskPercent { get; init; }

    public string? Reason { get; init; }

    public required ActionSource Source { get; init; }

    public long? SignalId { get; init; }

    public string? LessonLearned { get; init; }

    public string? Notes { get; init; }

    public static ActionView From(StoredAction action) => new()
    {
        Id = action.Id,
        PositionId = action.PositionId,
        Type = action.Type,
        Price = action.Price,
        Quantity = action.Quantity,
        Fee = action.Fee,
        RealizedProfit = action.ProfitRealized,
        StopLoss = action.StopLoss,
        TakeProfit = action.TakeProfit,
        At = action.At,
        Reverses = action.Reverses,
        Timeframe = action.Note.Timeframe,
        Emotion = action.Note.Emotion,
        Confidence = action.Note.Confidence,
        Stress = action.Note.Stress,
        Sentiment = action.Note.Sentiment,
        Volatility = action.Note.Volatility,
        Volume = action.Note.Volume,
        Setup = action.Note.Setup,
        Pattern = action.Note.Pattern,
        ConfirmationSignals = JsonText.Element(action.Note.ConfirmationSignals),
        AnalysisSnapshot = JsonText.Element(action.Note.AnalysisSnapshot),
        CapitalAmount = action.Note.CapitalAmount,
        RiskPercent = action.Note.RiskPercent,
        Reason = action.Note.Reason,
        Source = action.Note.Source,
        SignalId = action.Note.SignalId,
        LessonLearned = action.Note.LessonLearned,
        Notes = action.Note.Notes,
    };
}

/// <param name="Warnings">Limits that it breaks and that are set to warn.</param>
public sealed record RecordedView(ActionView Action, PositionView Position, IReadOnlyList<string> Warnings)
{
    public static RecordedView From(RecordedAction recorded) =>
        new(ActionView.From(recorded.Action), PositionView.From(recorded.Position), recorded.Warnings);
}

/// <summary>How a signal was followed.</summary>
public sealed record ExecutionView(
    long Id,
    long SignalId,
    long? ActionId,
    [property: Description("USD.")] decimal? Price,
    [property: Description("Units.")] decimal? PositionSize,
    [property: Description("Of the portfolio's equity then.")] decimal? PortfolioPercentage,
    [property: Description("automatic: by an algorithm or a copied trade.")] ExecutionType Type,
    ExecutionStatus Status,
    DateTimeOffset? ExecutedAt,
    JsonElement? Details)
{
    internal static ExecutionView From(SignalExecution execution) => new(
        execution.Id, execution.SignalId, execution.ActionId, execution.Price, execution.PositionSize, execution.PortfolioPercentage, execution.Type,
        execution.Status, execution.ExecutedAt, JsonText.Element(execution.Details));
}

internal static class JsonText
{
    public static JsonElement? Element(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);

    public static string? Text(JsonElement? element) =>
        element is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given ? given.GetRawText() : null;
}
