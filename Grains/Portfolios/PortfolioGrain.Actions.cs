using System.Data.Common;
using CryptoAI.Analysis.Portfolios;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Portfolios;
using CryptoAI.Storage.Users;

namespace CryptoAI.Grains.Portfolios;

/// <summary>What changes positions.</summary>
public sealed partial class PortfolioGrain
{
    public async Task<RecordedAction> OpenAsync(Actor actor, NewPosition position)
    {
        CheckCaller(actor);
        var asset = PortfolioRules.Asset(position.Asset);
        PortfolioRules.Check(position);
        PortfolioRules.Check(position.Entry, position.AssetType, time.GetUtcNow());
        await CheckPlanAsync(opened: 1);
        var followed = await cryptocurrencies.GetAsync(asset, _stop.Token);
        var at = position.Entry.At ?? time.GetUtcNow();
        var ledger = Calculate(() => Ledger.Apply(PositionMapping.Empty(position.AssetType, position.Leverage), position.Entry.ToLedger()));
        var stored = new StoredPosition(
            0, asset, followed is { IsActive: true } ? followed.Id : null, position.AssetType, position.Leverage, PositionAmounts.None, null, null, TradeStatus.Open, null,
            null, position.Plan, position.ExternalInfo, 0, at, at).With(ledger, at);
        var warnings = await CheckLimitsAsync(stored, ledger, position.Entry.Price, isNew: true);
        var change = new PositionChange(stored, [ToAction(position.Entry, ledger, new Position(ledger.Side), at)], IsNew: true, PositionMapping.Named(position.Entry.Type, position.Entry.StopLoss, position.Entry.TakeProfit));
        var recorded = await RecordAsync(actor, change, new Activity("portfolio_update", "position", "create", null, Details(asset, position.Entry.Type)));
        return new RecordedAction(recorded.Actions[0], Value(recorded.Position), warnings);
    }

    public async Task<RecordedAction> ActAsync(Actor actor, long positionId, TradeRequest action)
    {
        CheckCaller(actor);
        var stored = await FindAsync(positionId);
        PortfolioRules.Check(action, stored.AssetType, time.GetUtcNow());
        if (action.At < stored.LastActionAt)
        {
            throw RefusedException.Invalid("at", $"The position's last action was at {stored.LastActionAt:yyyy-MM-dd'T'HH:mm:ss'Z'}: reverse what came after this one first.");
        }

        var now = time.GetUtcNow();
        var at = action.At ?? (now > stored.LastActionAt ? now : stored.LastActionAt);
        var before = stored.ToLedger();
        var after = Calculate(() => Ledger.Apply(before, action.ToLedger()));
        var next = stored.With(after, at);
        var warnings = PositionMapping.Kind(action.Type) == LedgerKind.Entry ? await CheckLimitsAsync(next, after, action.Price, isNew: false) : [];
        var change = new PositionChange(
            next, [ToAction(action, after, before, at)], IsNew: false,
            PositionMapping.Moved(stored, next) | PositionMapping.Named(action.Type, action.StopLoss, action.TakeProfit));
        var recorded = await RecordAsync(actor, change, new Activity("portfolio_update", "trade_action", "create", null, Details(stored.Asset, action.Type)));
        return new RecordedAction(recorded.Actions[0], Value(recorded.Position), warnings);
    }

    public async Task<RecordedAction> ReverseAsync(Actor actor, long positionId, long actionId, string? reason)
    {
        CheckCaller(actor);
        FieldRules.Text(reason, "reason", 100);
        var stored = await store.GetAsync(UserId, positionId, _stop.Token) ?? throw RefusedException.NotFound("position");
        var actions = await store.GetActionsAsync(UserId, positionId, _stop.Token);
        var reversed = actions.Find(action => action.Id == actionId) ?? throw RefusedException.NotFound("action");
        var before = stored.ToLedger();
        var after = Calculate(() => Ledger.Reverse(
            PositionMapping.Empty(stored.AssetType, stored.Leverage), [.. actions.Select(static action => action.ToEntry())], actionId));
        var takenBack = actions.Select(static action => action.Reverses ?? 0).Append(actionId).ToHashSet();
        var last = actions.Where(action => action.Reverses is null && !takenBack.Contains(action.Id)).Select(static action => action.At).DefaultIfEmpty(reversed.At).Max();
        var next = stored.With(after, last);
        var row = reversed with
        {
            Id = 0,
            Fee = after.Fees - before.Fees,
            ProfitRealized = after.Realized - before.Realized,
            At = time.GetUtcNow(),
            Note = new TradeNote(reversed.Note.Timeframe, Reason: reason ?? "correction"),
            Reverses = actionId,
            ImportKey = null,
        };
        var change = new PositionChange(next, [row], IsNew: false, PositionMapping.Moved(stored, next));
        var recorded = await RecordAsync(actor, change, new Activity("portfolio_update", "trade_action", "create", null, $$"""{"reverses":{{actionId}}}"""));
        return new RecordedAction(recorded.Actions[0], Value(recorded.Position), []);
    }

    public async Task<PositionValue> PlanAsync(Actor actor, long positionId, PositionPlan plan)
    {
        CheckCaller(actor);
        PortfolioRules.Check(plan);
        var stored = await store.GetAsync(UserId, positionId, _stop.Token) ?? throw RefusedException.NotFound("position");
        if (!await store.PlanAsync(actor, positionId, stored.Revision, plan, _stop.Token))
        {
            throw ChangedMeanwhile();
        }

        await LoadAsync(_stop.Token);
        return Value(stored with { Plan = plan, Revision = stored.Revision + 1 });
    }

    private async Task<StoredPosition> FindAsync(long positionId)
    {
        if (_open.TryGetValue(positionId, out var open))
        {
            return open;
        }

        return await store.GetAsync(UserId, positionId, _stop.Token) is null
            ? throw RefusedException.NotFound("position")
            : throw new RefusedException(Refusal.Conflict, "The position is closed.");
    }

    private async Task<RecordedChange> RecordAsync(Actor actor, PositionChange change, Activity audit) => (await RecordAsync(actor, [change], audit))[0];

    /// <summary>Commits; memory follows.</summary>
    private async Task<RecordedChange[]> RecordAsync(Actor actor, IReadOnlyList<PositionChange> changes, Activity audit)
    {
        RecordedChange[]? recorded;
        try
        {
            recorded = await store.RecordAsync(actor, changes, audit, _stop.Token);
        }
        catch (DbException)
        {
            // It may have been committed all the same: what stands here is read again before it is built upon.
            DeactivateOnIdle();
            throw;
        }

        if (recorded is null)
        {
            await LoadAsync(_stop.Token);
            throw ChangedMeanwhile();
        }

        if (recorded.All(static change => change.Position.Status != TradeStatus.Closed))
        {
            foreach (var change in recorded)
            {
                Put(change.Position);
            }

            _changes++;
        }
        else
        {
            // Sums of closed positions are the database's.
            await LoadAsync(_stop.Token);
        }

        await Task.WhenAll(
            recorded.Where((change, i) => changes[i].SetAnew != PositionLevels.None && change.Position.CryptoId is not null)
                .GroupBy(static change => change.Position.Asset, StringComparer.Ordinal)
                .Select(asset => TellAsync(asset.Key, [.. asset.SelectMany(static change => change.EndedAlerts)])));
        await RefreshPricesAsync();
        return recorded;
    }

    /// <summary>Has new stops and targets watched at once. Where nobody answers, they are found within a minute.</summary>
    private async Task TellAsync(string asset, long[] ended)
    {
        try
        {
            await GrainFactory.GetGrain<IAlertGrain>(asset).LevelsChangedAsync(ended).WaitAsync(Patience, time);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            LogNotTold(asset, exception.Message);
        }
    }

    /// <summary>A plan allows so many open positions.</summary>
    private async Task CheckPlanAsync(int opened)
    {
        var plan = await plans.GetAsync(UserId, _stop.Token) ?? throw RefusedException.NotFound("account");
        var most = limits.Value.For(plan).MaxPositions;
        if (_open.Count + opened > most)
        {
            throw new RefusedException(Refusal.Limit, $"Your plan allows {most} open positions.");
        }
    }

    private static StoredAction ToAction(TradeRequest request, Position after, Position before, DateTimeOffset at) => new(
        0,
        0,
        request.Type,
        request.Price,
        PositionMapping.Kind(request.Type) switch
        {
            LedgerKind.Entry => after.EnteredQuantity - before.EnteredQuantity,
            LedgerKind.PartialExit or LedgerKind.FullExit => after.ExitedQuantity - before.ExitedQuantity,
            _ => 0,
        },
        after.Fees - before.Fees,
        after.Realized - before.Realized,
        request.StopLoss,
        request.TakeProfit,
        at,
        request.Note,
        null,
        null);

    private static T Calculate<T>(Func<T> calculation)
    {
        try
        {
            return calculation();
        }
        catch (LedgerException exception)
        {
            throw exception.ToRefusal();
        }
    }

    private static string Details(string asset, ActionType type) => $$"""{"asset":"{{asset}}","type":"{{PortfolioCodes.Code(type)}}"}""";

    private static RefusedException ChangedMeanwhile() => new(Refusal.Conflict, "The position has changed meanwhile; look at it and try again.");
}
