using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Portfolios;

/// <summary>
/// Positions and their actions. A change is one transaction: the position's new row, its actions, the stops and targets that the
/// market path is to watch, and the audit entry. It names the revision it builds on; a position that has changed since takes none of it.
/// </summary>
public sealed partial class PortfolioStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const string OpenSql =
        $"""
        select {PortfolioRows.PositionColumns} from portfolio p
        where p.user_id = @user and p.trade_status <> 'closed'
        order by p.id
        """;

    private const string ClosedSumsSql =
        """
        select coalesce(sum(pnl_realized_usd), 0), coalesce(sum(fees_paid), 0), coalesce(sum(cash_flow), 0) from portfolio
        where user_id = @user and trade_status = 'closed'
        """;

    private const string GetSql =
        $"select {PortfolioRows.PositionColumns} from portfolio p where p.id = @id and p.user_id = @user";

    // An audit entry has a row, or the whole change has none.
    private const string InsertSql =
        """
        insert into portfolio as p (
            user_id, asset_symbol, crypto_id, asset_type, leverage_ratio, quantity, cost_basis, margin, held_fees, entered_quantity,
            entered_value, exited_quantity, exited_value, fees_paid, pnl_realized_usd, cash_flow, entry_price, exit_price, trade_status,
            stop_loss_price, take_profit_price, investment_thesis, investment_timeframe, risk_category, allocation_target_percent,
            max_allocation_percent, external_asset_info, revision, last_action_at, created_at)
        values (
            @user, @asset, @crypto, @assetType, @leverage, @quantity, @basis, @margin, @heldFees, @enteredQuantity,
            @enteredValue, @exitedQuantity, @exitedValue, @fees, @realized, @cashFlow, @entryPrice, @exitPrice, @status,
            @stop, @target, @thesis, @planTimeframe, @riskCategory, @allocationTarget,
            @maxAllocation, @externalInfo, 1, @lastActionAt, @now)
        returning p.id
        """;

    private const string UpdateSql =
        """
        update portfolio set
            quantity = @quantity, cost_basis = @basis, margin = @margin, held_fees = @heldFees, entered_quantity = @enteredQuantity,
            entered_value = @enteredValue, exited_quantity = @exitedQuantity, exited_value = @exitedValue, fees_paid = @fees,
            pnl_realized_usd = @realized, cash_flow = @cashFlow, entry_price = @entryPrice, exit_price = @exitPrice,
            trade_status = @status, stop_loss_price = @stop, take_profit_price = @target, last_action_at = @lastActionAt,
            revision = revision + 1
        where id = @id and user_id = @user and revision = @revision
        returning id
        """;

    // A trade that names its signal has followed it; one that is taken back has not.
    private const string ActionSql =
        """
        with made as (
            insert into trade_actions (
                portfolio_id, action_type, asset_price, quantity, fees_paid, pnl_realized_usd, timeframe, emotion_state, confidence_level,
                stress_level, market_sentiment, volatility_level, volume_profile, primary_setup, confirmation_signals, chart_pattern,
                analysis_snapshot, stop_loss, take_profit, capital_amount, risk_percent, reason, action_source, signal_id, lesson_learned,
                notes, executed_at, reverses_id, import_key, created_at)
            values (
                @id, @type, @price, @quantity, @fee, @profit, @timeframe, @emotion, @confidence,
                @stress, @sentiment, @volatility, @volume, @setup, @confirmation, @pattern,
                @analysis, @stop, @target, @capital, @risk, @reason, @source, @signal, @lesson,
                @notes, @at, @reverses, @importKey, @now)
            returning id),
        followed as (
            insert into signal_executions (signal_id, user_id, execution_price, position_size, execution_type, status, executed_at, action_id)
            select @signal, @user, @price, @quantity, case when @source in ('algorithm', 'copy_trade') then 'automatic' else 'manual' end,
                'filled', @at, made.id
            from made where @signal is not null and @reverses is null and @type not in ('modify_sl', 'modify_tp')),
        taken_back as (
            update signal_executions set status = 'cancelled' where action_id = @reverses and user_id = @user)
        select id from made
        """;

    // Of the levels that are set anew: what is to be watched and is not gets an alert; what is watched and is not to be loses it. One that was
    // reached and is not set anew stays as it is. last_checked stays empty: the alert grain, which learns of the row only afterwards,
    // looks at the market since created_at.
    private const string WatchSql =
        """
        with wanted as (
            select level, condition, value
            from (values ('stop', @stopCondition, @stop), ('target', @targetCondition, @target)) as w (level, condition, value)
            where value is not null and level = any (@levels)),
        ended as (
            update signal_alerts a set is_active = false
            where a.portfolio_id = @id and a.is_active and a.portfolio_level = any (@levels)
                and not exists (select from wanted w where w.level = a.portfolio_level and w.value = a.trigger_value)
            returning a.id),
        made as (
            insert into signal_alerts (
                user_id, crypto_id, alert_type, condition, trigger_value, notification_method, created_at, portfolio_id, portfolio_level)
            select @user, @crypto, 'price_target', w.condition, w.value, 'push', @now, @id, w.level
            from wanted w
            where (select count(*) from ended) >= 0
                and not exists (
                    select from signal_alerts a
                    where a.portfolio_id = @id and a.is_active and a.portfolio_level = w.level and a.trigger_value = w.value))
        select coalesce(array_agg(id), '{}') from ended
        """;

    private const string PlanSql =
        $"""
        with changed as (
            update portfolio set
                investment_thesis = @thesis, investment_timeframe = @planTimeframe, risk_category = @riskCategory,
                allocation_target_percent = @allocationTarget, max_allocation_percent = @maxAllocation, revision = revision + 1
            where id = @id and user_id = @user and revision = @revision
            returning id),
        audit as (
            {ActivityStore.Insert} 'portfolio_update', 'position', 'update', id, jsonb_build_object('plan', true) from changed)
        select count(*) from changed
        """;

    /// <summary>A person's open positions, oldest first, and what the closed ones add up to.</summary>
    public async Task<(List<StoredPosition> Open, SettledSums Closed)> LoadAsync(long userId, CancellationToken cancellation)
    {
        await using var batch = dataSource.CreateBatch();
        foreach (var sql in new[] { OpenSql, ClosedSumsSql })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var open = new List<StoredPosition>();
        while (await reader.ReadAsync(cancellation))
        {
            open.Add(PortfolioRows.ReadPosition(reader));
        }

        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (open, new SettledSums(reader.GetDecimal(0), reader.GetDecimal(1), reader.GetDecimal(2)));
    }

    /// <summary>A position of this person, open or closed; null when there is none of that id.</summary>
    public async Task<StoredPosition?> GetAsync(long userId, long positionId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", positionId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? PortfolioRows.ReadPosition(reader) : null;
    }

    /// <summary>
    /// Carries out changes of one person's positions, all or none.
    /// </summary>
    /// <param name="actor">Whose positions they are.</param>
    /// <param name="changes">Each with the position as it will be and the actions that make it so.</param>
    /// <param name="audit">What the audit tells; its entity is the first action where it names none.</param>
    /// <param name="cancellation">Ends the transaction.</param>
    /// <returns>The positions and actions with their ids and revisions; null, and nothing is stored, when a position has changed meanwhile.</returns>
    public async Task<RecordedChange[]?> RecordAsync(
        Actor actor, IReadOnlyList<PositionChange> changes, Activity audit, CancellationToken cancellation)
    {
        try
        {
            return await CommitAsync(actor, changes, audit, cancellation);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw exception.ConstraintName is "trade_actions_signal_id_fkey" or "signal_executions_signal_id_fkey"
                ? RefusedException.Invalid("signalId", "There is no such signal.")
                : RefusedException.NotFound("account");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody else reversed, or imported, the same meanwhile.
            return null;
        }
    }

    private async Task<RecordedChange[]?> CommitAsync(
        Actor actor, IReadOnlyList<PositionChange> changes, Activity audit, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var recorded = new RecordedChange[changes.Count];
        for (var i = 0; i < recorded.Length; i++)
        {
            if (await WriteAsync(connection, actor.UserId, changes[i], now, cancellation) is not { } written)
            {
                return null;
            }

            recorded[i] = written;
        }

        await ActivityStore.AddAsync(
            connection, actor, audit with { EntityId = audit.EntityId ?? recorded[0].Actions[0].Id }, cancellation);
        await transaction.CommitAsync(cancellation);
        return recorded;
    }

    /// <summary>Replaces what is planned for a position. False when it has changed since that revision.</summary>
    public async Task<bool> PlanAsync(Actor actor, long positionId, long revision, PositionPlan plan, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(PlanSql);
        command.AddActor(actor);
        PortfolioRows.AddPlan(command.Parameters, plan);
        command.Parameters.Add(new NpgsqlParameter<long>("id", positionId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<long>("revision", revision));
        return (long)(await command.ExecuteScalarAsync(cancellation))! == 1;
    }

    private static async Task<RecordedChange?> WriteAsync(
        NpgsqlConnection connection, long userId, PositionChange change, DateTimeOffset now, CancellationToken cancellation)
    {
        var position = change.Position;
        await using (var command = new NpgsqlCommand(change.IsNew ? InsertSql : UpdateSql, connection))
        {
            PortfolioRows.AddPosition(command.Parameters, position);
            command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
            command.Parameters.Add(new NpgsqlParameter<long>("id", position.Id));
            command.Parameters.Add(new NpgsqlParameter<long>("revision", position.Revision));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            if (await command.ExecuteScalarAsync(cancellation) is not long id)
            {
                return null;
            }

            position = position with { Id = id, Revision = position.Revision + 1, CreatedAt = change.IsNew ? Stored(now) : position.CreatedAt };
        }

        var actions = await WriteActionsAsync(connection, userId, position.Id, change.Actions, now, cancellation);
        long[] ended = change.SetAnew != PositionLevels.None && position.CryptoId is { } crypto
            ? await WatchAsync(connection, userId, position, crypto, change.SetAnew, now, cancellation)
            : [];
        return new RecordedChange(position, actions, ended);
    }

    private static async Task<StoredAction[]> WriteActionsAsync(
        NpgsqlConnection connection, long userId, long positionId, IReadOnlyList<StoredAction> actions, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var action in actions)
        {
            var command = new NpgsqlBatchCommand(ActionSql);
            PortfolioRows.AddAction(command.Parameters, action);
            command.Parameters.Add(new NpgsqlParameter<long>("id", positionId));
            command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var written = new StoredAction[actions.Count];
        for (var i = 0; i < written.Length; i++)
        {
            await reader.ReadAsync(cancellation);
            written[i] = actions[i] with { Id = reader.GetInt64(0), PositionId = positionId, At = Stored(actions[i].At) };
            await reader.NextResultAsync(cancellation);
        }

        return written;
    }

    private static async Task<long[]> WatchAsync(
        NpgsqlConnection connection, long userId, StoredPosition position, long crypto, PositionLevels levels, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var isShort = position.AssetType == AssetType.ShortPosition;
        var isOpen = position.Status != TradeStatus.Closed;
        await using var command = new NpgsqlCommand(WatchSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string>("stopCondition", isShort ? "above" : "below"));
        command.Parameters.Add(new NpgsqlParameter<string>("targetCondition", isShort ? "below" : "above"));
        command.Parameters.Add(new NpgsqlParameter("stop", NpgsqlDbType.Numeric) { Value = isOpen && position.StopLoss is { } stop ? stop : DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter("target", NpgsqlDbType.Numeric) { Value = isOpen && position.TakeProfit is { } target ? target : DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", crypto));
        command.Parameters.Add(new NpgsqlParameter<long>("id", position.Id));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        command.Parameters.Add(new NpgsqlParameter<string[]>(
            "levels", [.. levels.HasFlag(PositionLevels.Stop) ? ["stop"] : Array.Empty<string>(), .. levels.HasFlag(PositionLevels.Target) ? ["target"] : Array.Empty<string>()]));
        return (long[])(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The database keeps microseconds; what is answered must equal what is read later.</summary>
    private static DateTimeOffset Stored(DateTimeOffset time)
    {
        time = time.ToUniversalTime();
        return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}

/// <summary>What positions have brought so far, whatever prices do; USD.</summary>
public readonly record struct SettledSums(decimal Realized, decimal Fees, decimal CashFlow)
{
    /// <summary>The sums with one position's amounts in place of others.</summary>
    public SettledSums Replace(PositionAmounts before, PositionAmounts after) => new(
        Realized - before.Realized + after.Realized, Fees - before.Fees + after.Fees, CashFlow - before.CashFlow + after.CashFlow);
}

/// <summary>A position as it will be, and the actions that make it so.</summary>
/// <param name="Position">Its revision is the one that the change builds on.</param>
/// <param name="Actions">In their order.</param>
/// <param name="IsNew">Whether the position is to be made; its id is then given.</param>
/// <param name="SetAnew">Which of its levels are watched from now on as the position has them, or not any more.</param>
public sealed record PositionChange(StoredPosition Position, IReadOnlyList<StoredAction> Actions, bool IsNew, PositionLevels SetAnew);

/// <summary>A position's watched prices.</summary>
[Flags]
public enum PositionLevels
{
    None = 0,
    Stop = 1,
    Target = 2,
    Both = Stop | Target,
}

/// <summary>A change with the ids it was given.</summary>
/// <param name="EndedAlerts">signal_alerts.id of stops and targets that are watched no more.</param>
public sealed record RecordedChange(StoredPosition Position, StoredAction[] Actions, long[] EndedAlerts);
