using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Portfolios;

/// <summary>
/// One person's positions, journal and risk limits. Key: users.id. Every change is committed before it is acknowledged. What does
/// not fit is refused with <see cref="Operations.RefusedException"/>, and nothing has changed.
/// </summary>
[Alias("IPortfolioGrain")]
public interface IPortfolioGrain : IGrainWithIntegerKey
{
    /// <summary>The open positions at prices at most a second old, where the market answers.</summary>
    [Alias("Get")]
    Task<Portfolio> GetAsync();

    /// <summary>The sums alone, for those who watch.</summary>
    [Alias("GetTotals")]
    Task<PortfolioTotals> GetTotalsAsync();

    /// <summary>Opens a position by its first entry.</summary>
    [Alias("Open")]
    Task<RecordedAction> OpenAsync(Actor actor, NewPosition position);

    /// <summary>Adds an action to an open position.</summary>
    [Alias("Act")]
    Task<RecordedAction> ActAsync(Actor actor, long positionId, TradeRequest action);

    /// <summary>Takes an action back by an action of its own; the position is then as if it had never been done.</summary>
    /// <param name="reason">Kept with it; null if there is none.</param>
    [Alias("Reverse")]
    Task<RecordedAction> ReverseAsync(Actor actor, long positionId, long actionId, string? reason);

    /// <summary>Replaces what is planned for a position.</summary>
    [Alias("Plan")]
    Task<PositionValue> PlanAsync(Actor actor, long positionId, PositionPlan plan);

    /// <summary>Returns and statistics over all positions ever.</summary>
    [Alias("GetPerformance")]
    Task<Performance> GetPerformanceAsync();

    [Alias("GetRisk")]
    Task<RiskReport> GetRiskAsync();

    /// <summary>Replaces the limits. They hold for entries from now on.</summary>
    [Alias("SetRisk")]
    Task<RiskSettings> SetRiskAsync(Actor actor, RiskSettings settings);

    [Alias("SizePosition")]
    Task<SizeAnswer> SizePositionAsync(SizeRequest request);

    /// <summary>
    /// Reads trades from CSV, Binance's export of spot trades or the journal's own format, and records those that are not there
    /// yet: all or none.
    /// </summary>
    [Alias("Import")]
    Task<ImportResult> ImportAsync(Actor actor, string csv);

    /// <summary>A page of the journal as CSV, oldest actions first; the first page has the header.</summary>
    /// <param name="afterId">Last id of the page before; 0 for the first page.</param>
    [Alias("Export")]
    Task<ExportPage> ExportAsync(long afterId);

    /// <summary>Notes that a signal was followed, or will be.</summary>
    [Alias("ExecuteSignal")]
    Task<SignalExecution> ExecuteSignalAsync(Actor actor, long signalId, ExecutionRequest request);

    /// <summary>Says what became of an execution that was pending or partly filled. What the request leaves out stays.</summary>
    [Alias("SettleExecution")]
    Task<SignalExecution> SettleExecutionAsync(Actor actor, long executionId, ExecutionRequest request);
}

/// <param name="Recorded">Actions that were new.</param>
/// <param name="Skipped">Actions that were there already, or taken back in the file.</param>
/// <param name="Positions">Positions opened or changed.</param>
[GenerateSerializer, Immutable, Alias("import-result")]
public sealed record ImportResult(
    [property: Id(0)] int Recorded,
    [property: Id(1)] int Skipped,
    [property: Id(2)] int Positions);

/// <param name="Csv">Whole lines.</param>
/// <param name="Next">What to ask for next; null on the last page.</param>
[GenerateSerializer, Immutable, Alias("export-page")]
public sealed record ExportPage(
    [property: Id(0)] string Csv,
    [property: Id(1)] long? Next);

/// <summary>How a signal was followed. With an action, its price and quantity are what was executed.</summary>
/// <param name="ActionId">trade_actions.id of the caller's that followed it; null when it has not been traded.</param>
/// <param name="Price">USD; null with an action, or before the execution.</param>
/// <param name="PositionSize">Units; null likewise.</param>
/// <param name="Details">A JSON object; null if there are none.</param>
[GenerateSerializer, Immutable, Alias("execution-request")]
public sealed record ExecutionRequest(
    [property: Id(0)] long? ActionId,
    [property: Id(1)] ExecutionStatus Status,
    [property: Id(2)] decimal? Price,
    [property: Id(3)] decimal? PositionSize,
    [property: Id(4)] string? Details);

/// <summary>A row of signal_executions.</summary>
/// <param name="PortfolioPercentage">Its value in percent of the portfolio's equity then; null where an action of the journal named its signal.</param>
/// <param name="Details">A JSON object.</param>
[GenerateSerializer, Immutable, Alias("signal-execution")]
public sealed record SignalExecution(
    [property: Id(0)] long Id,
    [property: Id(1)] long SignalId,
    [property: Id(2)] long? ActionId,
    [property: Id(3)] decimal? Price,
    [property: Id(4)] decimal? PositionSize,
    [property: Id(5)] decimal? PortfolioPercentage,
    [property: Id(6)] ExecutionStatus Status,
    [property: Id(7)] DateTimeOffset? ExecutedAt,
    [property: Id(8)] ExecutionType Type = ExecutionType.Manual,
    [property: Id(9)] string? Details = null);
