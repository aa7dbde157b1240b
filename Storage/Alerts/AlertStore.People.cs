using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Alerts;

/// <summary>What people do with their alerts; the stops and targets of their positions are not among them. Each change is one transaction with its entry in the audit.</summary>
public sealed partial class AlertStore
{
    // Two alerts of one person that are made at once count each other.
    private const string LimitLockSql = "select pg_advisory_xact_lock(hashtextextended('alerts of a user', @user))";

    private const string InsertSql =
        $"""
        with created as (
            insert into signal_alerts (
                user_id, crypto_id, alert_type, condition, trigger_value, message, notification_method, channels, window_minutes,
                cooldown_seconds, expires_at, reference_price, last_checked, created_at, indicator, indicator_output, timeframe)
            select @user, @crypto, @type, @condition, @value, @message, @method, @channels, @window,
                @cooldown, @expiresAt, @referencePrice, @now, @now, @indicator, @output, @timeframe
            where @limit > (
                select count(*) from signal_alerts
                where user_id = @user and is_active and portfolio_id is null and (expires_at is null or expires_at > @now))
            returning id),
        audit as (
            {ActivityStore.Insert} 'alert_update', 'alert', 'create', id, jsonb_build_object('symbol', @symbol) from created)
        select id from created
        """;

    private const string ChangeSql =
        $"""
        with changed as (
            update signal_alerts set
                condition = @condition, trigger_value = @value, message = @message, notification_method = @method, channels = @channels,
                window_minutes = @window, cooldown_seconds = @cooldown, expires_at = @expiresAt, reference_price = @referencePrice,
                last_checked = @now, occurrence = occurrence + 1, indicator = @indicator, indicator_output = @output, timeframe = @timeframe
            where id = @id and user_id = @user and crypto_id = @crypto and alert_type = @type and is_active and portfolio_id is null
                and (expires_at is null or expires_at > @now)
            returning id, occurrence, triggered_at, created_at),
        audit as (
            {ActivityStore.Insert} 'alert_update', 'alert', 'update', id, jsonb_build_object('symbol', @symbol) from changed)
        select occurrence, triggered_at, created_at from changed
        """;

    private const string CancelSql =
        $"""
        with cancelled as (
            update signal_alerts set is_active = false, last_checked = least(expires_at - interval '1 microsecond', @now)
            where id = @id and user_id = @user and crypto_id = @crypto and is_active and portfolio_id is null
            returning id),
        audit as (
            {ActivityStore.Insert} 'alert_update', 'alert', 'delete', id, '{"{}"}'::jsonb from cancelled)
        select count(*) from cancelled
        """;

    private const string ViewSql =
        """
        select a.id, a.user_id, c.symbol, a.alert_type, a.condition, a.trigger_value, a.window_minutes, a.cooldown_seconds, a.message,
            coalesce(a.channels, array[a.notification_method]), a.expires_at, a.reference_price,
            case
                when a.is_active and (a.expires_at is null or a.expires_at > @now) then 'active'
                when not a.is_active and a.is_triggered and a.cooldown_seconds is null then 'triggered'
                when a.is_active or a.expires_at <= a.last_checked then 'expired'
                else 'cancelled' end as status,
            a.triggered_at,
            case when a.is_active and a.last_checked is not null then greatest(a.last_checked, w.checked_until) else a.last_checked end,
            a.created_at, a.indicator, a.indicator_output, a.timeframe
        from signal_alerts a
        join cryptocurrencies c on c.id = a.crypto_id
        left join alert_watermarks w on w.crypto_id = a.crypto_id
        """;

    private const string GetSql = $"{ViewSql} where a.id = @id and a.user_id = @user and a.portfolio_id is null";

    private const string ListSql =
        $"""
        select * from (
            {ViewSql} where a.user_id = @user and a.portfolio_id is null and (@after::bigint is null or a.id < @after) and (@symbol::varchar is null or c.symbol = @symbol)) as alerts
        where @status::varchar is null or status = @status
        order by id desc
        limit @limit
        """;

    /// <summary>Stores a new alert; committed when it returns. The market counts as looked at up to <paramref name="now"/>.</summary>
    /// <param name="actor">Whose alert it is.</param>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="symbol">The asset, as the alert will name it.</param>
    /// <param name="request">What the user asks for, already checked.</param>
    /// <param name="referencePrice">USD now; needed for percentage changes without a window.</param>
    /// <param name="limit">How many active alerts the user may have; with so many, this one is not stored.</param>
    /// <param name="now">Time of creation.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <exception cref="RefusedException">The limit is reached.</exception>
    public async Task<Alert> InsertAsync(
        Actor actor, long cryptoId, string symbol, AlertRequest request, decimal? referencePrice, int limit, DateTimeOffset now,
        CancellationToken cancellation)
    {
        now = Stored(now);
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var hold = new NpgsqlCommand(LimitLockSql, connection))
        {
            hold.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
            await hold.ExecuteNonQueryAsync(cancellation);
        }

        await using var command = new NpgsqlCommand(InsertSql, connection);
        AddRequest(command, actor, cryptoId, symbol, request, referencePrice, now);
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        if (await command.ExecuteScalarAsync(cancellation) is not long id)
        {
            throw new RefusedException(Refusal.Limit, $"Your plan allows {limit} active alerts.");
        }

        await transaction.CommitAsync(cancellation);
        return new Alert(id, actor.UserId, symbol, request, referencePrice, AlertStatus.Active, TriggeredAt: null, now, now);
    }

    /// <summary>
    /// Replaces what an active alert of this user asks for and arms it anew from <paramref name="now"/> on: crossings seen before no
    /// longer fire it. Null when there is no such active alert of this type.
    /// </summary>
    public async Task<(Alert Alert, int Occurrence)?> ChangeAsync(
        Actor actor, long cryptoId, string symbol, long alertId, AlertRequest request, decimal? referencePrice, DateTimeOffset now,
        CancellationToken cancellation)
    {
        now = Stored(now);
        await using var command = dataSource.CreateCommand(ChangeSql);
        AddRequest(command, actor, cryptoId, symbol, request, referencePrice, now);
        command.Parameters.Add(new NpgsqlParameter<long>("id", alertId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            return null;
        }

        DateTimeOffset? triggeredAt = reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1);
        var alert = new Alert(
            alertId, actor.UserId, symbol, request, referencePrice, AlertStatus.Active, triggeredAt, now, reader.GetFieldValue<DateTimeOffset>(2));
        return (alert, reader.GetInt32(0));
    }

    /// <summary>Stops watching an alert of this user. False when there is no such active alert.</summary>
    public async Task<bool> CancelAsync(Actor actor, long cryptoId, long alertId, DateTimeOffset now, CancellationToken cancellation = default)
    {
        await using var command = dataSource.CreateCommand(CancelSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("id", alertId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return (long)(await command.ExecuteScalarAsync(cancellation))! == 1;
    }

    /// <summary>An alert of this user; null when there is none of that id.</summary>
    public async Task<Alert?> GetAsync(long userId, long alertId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", alertId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        return (await ReadAsync(command, cancellation)).SingleOrDefault();
    }

    /// <summary>A user's alerts, newest first.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="symbol">Of this asset only; null: of all.</param>
    /// <param name="status">In this state only; null: in any.</param>
    /// <param name="afterId">Id of the last alert of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Alert[]> ListAsync(
        long userId, string? symbol, AlertStatus? status, long? afterId, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string?>("symbol", symbol));
        command.Parameters.Add(new NpgsqlParameter<string?>("status", status is { } wanted ? AlertCodes.Code(wanted) : null));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        return await ReadAsync(command, cancellation);
    }

    private static void AddRequest(
        NpgsqlCommand command, Actor actor, long cryptoId, string symbol, AlertRequest request, decimal? referencePrice, DateTimeOffset now)
    {
        var channels = Array.ConvertAll(request.Channels, AlertCodes.Code);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string>("symbol", symbol));
        command.Parameters.Add(new NpgsqlParameter<string>("type", AlertCodes.Code(request.Type)));
        command.Parameters.Add(new NpgsqlParameter<string?>("condition", request.Condition is { } condition ? AlertCodes.Code(condition) : null));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("value", request.TriggerValue));
        command.Parameters.Add(new NpgsqlParameter<int?>("window", request.WindowMinutes));
        command.Parameters.Add(new NpgsqlParameter<int?>("cooldown", request.CooldownSeconds));
        command.Parameters.Add(new NpgsqlParameter<string?>("message", request.Message));
        command.Parameters.Add(new NpgsqlParameter<string>("method", channels[0]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("channels", channels));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("expiresAt", request.ExpiresAt?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("referencePrice", referencePrice));
        command.Parameters.Add(new NpgsqlParameter<string?>("indicator", request.Indicator?.Text));
        command.Parameters.Add(new NpgsqlParameter<string?>("output", request.Indicator?.Output));
        command.Parameters.Add(new NpgsqlParameter<string?>("timeframe", request.Indicator?.Timeframe.Code()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
    }

    /// <summary>The database keeps microseconds; what is answered must equal what is read later.</summary>
    private static DateTimeOffset Stored(DateTimeOffset time)
    {
        time = time.ToUniversalTime();
        return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static async Task<Alert[]> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var alerts = new List<Alert>();
        while (await reader.ReadAsync(cancellation))
        {
            var request = new AlertRequest(
                AlertCodes.ParseType(reader.GetString(3)),
                reader.IsDBNull(4) ? null : AlertCodes.ParseCondition(reader.GetString(4)),
                reader.IsDBNull(5) ? null : reader.GetDecimal(5),
                reader.IsDBNull(6) ? null : reader.GetInt32(6),
                reader.IsDBNull(7) ? null : reader.GetInt32(7),
                reader.IsDBNull(8) ? null : reader.GetString(8),
                Array.ConvertAll(reader.GetFieldValue<string[]>(9), AlertCodes.ParseChannel),
                reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
                Indicator(reader, 16));
            alerts.Add(new Alert(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetString(2),
                request,
                reader.IsDBNull(11) ? null : reader.GetDecimal(11),
                AlertCodes.ParseStatus(reader.GetString(12)),
                reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
                reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
                reader.GetFieldValue<DateTimeOffset>(15)));
        }

        return [.. alerts];
    }
}
