using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Alerts;

/// <summary>Alerts under watch, and the notifications that firing them creates. What people do with their alerts is in the other part.</summary>
public sealed partial class AlertStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    // A signal counts by when it was issued, however late it is heard of: the asset's watermark says nothing about it.
    private const string ActiveColumns =
        """
        a.id, a.alert_type, a.condition, a.trigger_value, a.reference_price, a.created_at,
            case when a.alert_type = 'signal_generated' or a.last_checked is null then a.last_checked
                else greatest(a.last_checked, w.checked_until) end,
            a.occurrence, a.window_minutes, a.cooldown_seconds, a.indicator, a.indicator_output, a.timeframe
        from signal_alerts a left join alert_watermarks w on w.crypto_id = a.crypto_id
        """;

    private const string LoadSql =
        $"""
        select {ActiveColumns}
        where a.crypto_id = @crypto and a.is_active and a.id > @after
        order by a.id
        limit @limit
        """;

    private const string LoadTheseSql =
        $"""
        select {ActiveColumns}
        where a.crypto_id = @crypto and a.is_active and a.id = any (@ids)
        order by a.id
        """;

    // Rows are locked in order of id, so that two callers with the same alerts wait for each other in line; the second then
    // finds them no longer active, or armed for another occurrence.
    private const string TriggerSql =
        """
        with crossed as materialized (
            select distinct on (alert_id) alert_id, occurrence, price, at, symbol, rearm_at
            from unnest(@ids, @occurrences, @prices, @times, @symbols, @rearms) as t (alert_id, occurrence, price, at, symbol, rearm_at)
            order by alert_id, at),
        locked as materialized (
            select a.id from signal_alerts a join crossed on crossed.alert_id = a.id order by a.id for no key update of a),
        fired as (
            update signal_alerts as a set
                is_triggered = true,
                is_active = a.cooldown_seconds is not null,
                triggered_at = crossed.at,
                occurrence = case when a.cooldown_seconds is null then a.occurrence else a.occurrence + 1 end,
                reference_price = case
                    when a.cooldown_seconds is not null and a.condition = 'percentage_change' and a.window_minutes is null then crossed.price
                    else a.reference_price end,
                last_checked = case
                    when a.cooldown_seconds is not null then crossed.rearm_at else greatest(a.last_checked, crossed.at) end
            from locked join crossed on crossed.alert_id = locked.id
            where a.id = locked.id and a.is_active and a.occurrence = crossed.occurrence
                and (a.expires_at is null or a.expires_at > crossed.at)
            returning a.id, a.user_id, a.alert_type, a.condition, a.trigger_value, a.window_minutes, a.message,
                coalesce(a.channels, array[a.notification_method]) as channels, crossed.occurrence, crossed.price, crossed.at, crossed.symbol,
                a.portfolio_id, a.portfolio_level, a.indicator, a.indicator_output, a.timeframe)
        select id, user_id, alert_type, condition, trigger_value, message, channels, price, at, symbol, window_minutes, occurrence,
            portfolio_id, portfolio_level, indicator, indicator_output, timeframe
        from fired
        order by id
        """;

    private const string MarkSql =
        """
        with locked as materialized (
            select id from signal_alerts where id = any (@ids) and last_checked is null order by id for no key update),
        fresh as (
            update signal_alerts as a set last_checked = greatest(a.created_at, @until)
            from locked where a.id = locked.id and a.last_checked is null)
        insert into alert_watermarks as w (crypto_id, checked_until) values (@crypto, @until)
        on conflict (crypto_id) do update set checked_until = excluded.checked_until where w.checked_until < excluded.checked_until
        """;

    private const string ExpireSql =
        """
        with expired as materialized (
            select id from signal_alerts
            where crypto_id = @crypto and is_active and expires_at <= @now
            order by id
            for no key update)
        update signal_alerts as a set is_active = false, last_checked = greatest(a.last_checked, a.expires_at)
        from expired where a.id = expired.id and a.is_active
        returning a.id
        """;

    // What notifications tell of it stays with them.
    private const string ForgetSql =
        """
        with ended as materialized (
            select id from signal_alerts
            where crypto_id = @crypto and not is_active and updated_at < @before
            order by id
            limit @limit
            for update skip locked)
        delete from signal_alerts a using ended where a.id = ended.id
        """;

    /// <summary>Alerts still watched for an asset, in order of id.</summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="afterId">Id of the last alert of the page before; 0 for the first page.</param>
    /// <param name="limit">At most so many; fewer mean that there are no more.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<ActiveAlert[]> LoadActiveAsync(long cryptoId, long afterId, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        await using var command = dataSource.CreateCommand(LoadSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<long>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ReadActiveAsync(command, limit, cancellation);
    }

    /// <summary>Those of these alerts that are still watched, in order of id.</summary>
    public async Task<ActiveAlert[]> LoadActiveAsync(long cryptoId, long[] ids, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(LoadTheseSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", ids));
        return await ReadActiveAsync(command, ids.Length, cancellation);
    }

    /// <summary>
    /// Fires alerts: marks them and creates their notifications in one transaction, all or none. Only those still active and armed for
    /// the occurrence that was crossed, and not expired at the time of the crossing, fire; a repeated call fires nothing. One that
    /// repeats is armed again in the same transaction. Of several triggers of one alert the earliest counts.
    /// </summary>
    /// <returns>Ids of those that fired now.</returns>
    public async Task<long[]> TriggerAsync(IReadOnlyList<AlertTrigger> triggers, CancellationToken cancellation)
    {
        if (triggers.Count == 0)
        {
            return [];
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var fired = await FireAsync(connection, triggers, cancellation);
        if (fired.Count > 0)
        {
            await NotificationStore.AddAsync(connection, fired, clock.GetUtcNow(), cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return [.. fired.Select(notification => notification.AlertId!.Value)];
    }

    /// <summary>
    /// Notes up to when the market has been looked at for all alerts of an asset that are under watch, never backwards: one row,
    /// however many they are. An alert that nobody had under watch before is marked so in its own row, once.
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="until">The moment.</param>
    /// <param name="newlyWatched">Alerts that came under watch since the last call and may lack the mark.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task MarkAsync(long cryptoId, DateTimeOffset until, long[] newlyWatched, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(MarkSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("until", until.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", newlyWatched));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Stops watching alerts of an asset whose time is over.</summary>
    /// <returns>Which.</returns>
    public async Task<long[]> ExpireAsync(long cryptoId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ExpireSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await ReadIdsAsync(command, cancellation);
    }

    /// <summary>Deletes alerts of an asset that ended before a moment: fired for the last time, expired, cancelled.</summary>
    /// <returns>How many were deleted; so many as the limit mean that more may be left.</returns>
    public async Task<int> ForgetAsync(long cryptoId, DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ForgetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("before", before.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<NewNotification>> FireAsync(
        NpgsqlConnection connection, IReadOnlyList<AlertTrigger> triggers, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(TriggerSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. triggers.Select(t => t.AlertId)]));
        command.Parameters.Add(new NpgsqlParameter<int[]>("occurrences", [.. triggers.Select(t => t.Occurrence)]));
        command.Parameters.Add(new NpgsqlParameter<decimal[]>("prices", [.. triggers.Select(t => t.Price)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", [.. triggers.Select(t => t.At.ToUniversalTime())]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("symbols", [.. triggers.Select(t => t.Symbol)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("rearms", [.. triggers.Select(t => t.RearmAt.ToUniversalTime())]));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var fired = new List<NewNotification>(triggers.Count);
        var now = clock.GetUtcNow();
        while (await reader.ReadAsync(cancellation))
        {
            fired.Add(AlertNotification.From(reader, now));
        }

        return fired;
    }

    private static async Task<ActiveAlert[]> ReadActiveAsync(NpgsqlCommand command, int limit, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var alerts = new List<ActiveAlert>(Math.Min(limit, 1024));
        while (await reader.ReadAsync(cancellation))
        {
            alerts.Add(new ActiveAlert(
                reader.GetInt64(0),
                AlertCodes.ParseType(reader.GetString(1)),
                reader.IsDBNull(2) ? null : AlertCodes.ParseCondition(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetDecimal(3),
                reader.IsDBNull(4) ? null : reader.GetDecimal(4),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetInt32(7),
                reader.IsDBNull(8) ? null : reader.GetInt32(8),
                reader.IsDBNull(9) ? null : reader.GetInt32(9),
                Indicator(reader, 10)));
        }

        return [.. alerts];
    }

    /// <summary>Reads indicator, indicator_output, timeframe.</summary>
    private static IndicatorValue? Indicator(NpgsqlDataReader reader, int at) => reader.IsDBNull(at)
        ? null
        : new IndicatorValue(reader.GetString(at), reader.GetString(at + 1), Timeframes.Parse(reader.GetString(at + 2)));

    private static async Task<long[]> ReadIdsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellation))
        {
            ids.Add(reader.GetInt64(0));
        }

        return [.. ids];
    }
}
