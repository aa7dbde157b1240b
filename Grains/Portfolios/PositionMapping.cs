using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Storage.Portfolios;
using Ledgers = CryptoAI.Analysis.Portfolios;

namespace CryptoAI.Grains.Portfolios;

/// <summary>Between what is stored and what the ledger calculates with.</summary>
internal static class PositionMapping
{
    public static Position Empty(AssetType type, decimal leverage) =>
        new(type == AssetType.ShortPosition ? PositionSide.Short : PositionSide.Long, leverage);

    public static Position ToLedger(this StoredPosition stored) => Empty(stored.AssetType, stored.Leverage) with
    {
        Quantity = stored.Amounts.Quantity,
        Basis = stored.Amounts.Basis,
        Margin = stored.Amounts.Margin,
        HeldFees = stored.Amounts.HeldFees,
        EnteredQuantity = stored.Amounts.EnteredQuantity,
        EnteredValue = stored.Amounts.EnteredValue,
        ExitedQuantity = stored.Amounts.ExitedQuantity,
        ExitedValue = stored.Amounts.ExitedValue,
        Fees = stored.Amounts.Fees,
        Realized = stored.Amounts.Realized,
        CashFlow = stored.Amounts.CashFlow,
        StopLoss = stored.StopLoss,
        TakeProfit = stored.TakeProfit,
        Status = (PositionStatus)stored.Status,
    };

    /// <summary>The stored position with what the ledger made of it.</summary>
    public static StoredPosition With(this StoredPosition stored, Position position, DateTimeOffset lastActionAt) => stored with
    {
        Amounts = new PositionAmounts(
            position.Quantity, position.Basis, position.Margin, position.HeldFees, position.EnteredQuantity, position.EnteredValue,
            position.ExitedQuantity, position.ExitedValue, position.Fees, position.Realized, position.CashFlow),
        EntryPrice = position.EntryPrice,
        ExitPrice = position.ExitPrice,
        Status = (TradeStatus)position.Status,
        StopLoss = position.StopLoss,
        TakeProfit = position.TakeProfit,
        LastActionAt = lastActionAt,
    };

    public static LedgerAction ToLedger(this StoredAction action) =>
        new(Kind(action.Type), action.Price, action.Quantity, action.Fee, action.StopLoss, action.TakeProfit);

    public static LedgerAction ToLedger(this TradeRequest request) =>
        new(Kind(request.Type), request.Price, request.Quantity ?? 0, request.Fee, request.StopLoss, request.TakeProfit);

    public static LedgerEntry ToEntry(this StoredAction action) =>
        action.Reverses is { } reversed ? new LedgerEntry(action.Id, default, reversed) : new LedgerEntry(action.Id, action.ToLedger());

    /// <summary>Levels that an action sets, be it to the price they had: one that was reached is watched again.</summary>
    public static PositionLevels Named(ActionType type, decimal? stop, decimal? target) => Kind(type) switch
    {
        LedgerKind.ModifyStop => PositionLevels.Stop,
        LedgerKind.ModifyTarget => PositionLevels.Target,
        LedgerKind.Entry => (stop is null ? PositionLevels.None : PositionLevels.Stop) | (target is null ? PositionLevels.None : PositionLevels.Target),
        _ => PositionLevels.None,
    };

    /// <summary>Levels that are not what they were, or end or come back with the position.</summary>
    public static PositionLevels Moved(StoredPosition before, StoredPosition after) =>
        (before.Status == TradeStatus.Closed) != (after.Status == TradeStatus.Closed)
            ? PositionLevels.Both
            : (before.StopLoss == after.StopLoss ? PositionLevels.None : PositionLevels.Stop)
                | (before.TakeProfit == after.TakeProfit ? PositionLevels.None : PositionLevels.Target);

    /// <summary>What the ledger refuses, as grains refuse.</summary>
    public static RefusedException ToRefusal(this LedgerException exception) =>
        exception.Field is { } field ? RefusedException.Invalid(field, exception.Message) : new RefusedException(Refusal.Conflict, exception.Message);

    public static TradeFigures ToFigures(this TradeStatistics statistics) => new(
        statistics.Trades, statistics.Wins, statistics.Losses, statistics.Profit, statistics.WinRate, statistics.AverageWin, statistics.AverageLoss,
        statistics.Expectancy, statistics.ExpectancyError, statistics.ProfitFactor, statistics.AverageReturn, statistics.AverageR);

    public static DriftFigures ToFigures(this AllocationDrift drift) =>
        new(drift.Asset, drift.Value, drift.ActualPercent, drift.TargetPercent, drift.DriftPercent, drift.Rebalance);

    public static LedgerKind Kind(ActionType type) => type switch
    {
        ActionType.Buy or ActionType.Entry => LedgerKind.Entry,
        ActionType.PartialSell or ActionType.PartialExit => LedgerKind.PartialExit,
        ActionType.Sell or ActionType.FullExit => LedgerKind.FullExit,
        ActionType.ModifySl => LedgerKind.ModifyStop,
        ActionType.ModifyTp => LedgerKind.ModifyTarget,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public static Ledgers.RiskLimitKind Kind(LimitKind kind) => (Ledgers.RiskLimitKind)kind;
}
