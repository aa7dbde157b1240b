using System.Data;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Alerts;

/// <summary>Alerts, and the notifications that firing them creates.</summary>
public sealed class AlertStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const int TouchBatch = 20_000;

    private const string LoadSql =
        """
        select id, user_id, alert_type, condition, trigger_value, reference_price, created_at, last_checked, expires_at
        from signal_alerts
        where crypto_id = @crypto and is_active and id > @after
        order by id
        limit @limit
        """;

    private const string InsertSql =
        """
        insert into signal_alerts (
            user_id, crypto_id, alert_type, condition, trigger_value, message, notification_method, expires_at, reference_price,
            last_checked, created_at)
        values (
            @user, @crypto, @type, @condition, @value, @message, @method, @expiresAt, @referencePrice, @now, @now)
        returning id
        """;

    private const string CancelSql =
        "update signal_alerts set is_active = false where id = @id and user_id = @user and crypto_id = @crypto and is_active";

    // Rows are locked in order of id, so that two callers with the same alerts wait for each other in line; the second then
    // finds them no longer active.
    private const string TriggerSql =
        """
        with crossed as materialized (
            select distinct on (alert_id) alert_id, price, at, symbol
            from unnest(@ids, @prices, @times, @symbols) as t (alert_id, price, at, symbol)
            order by alert_id, at),
        locked as materialized (
            select a.id from signal_alerts a join crossed on crossed.alert_id = a.id order by a.id for no key update of a),
        fired as (
            update signal_alerts as a set
                is_triggered = true,
                is_active = false,
                triggered_at = crossed.at,
                last_checked = greatest(a.last_checked, crossed.at)
            from locked join crossed on crossed.alert_id = locked.id
            where a.id = locked.id and a.is_active and not a.is_triggered and (a.expires_at is null or a.expires_at > crossed.at)
            returning a.id, a.user_id, a.alert_type, a.condition, a.trigger_value, a.message, a.notification_method,
                crossed.price, crossed.at, crossed.symbol)
        select id, user_id, alert_type, condition, trigger_value, message, notification_method, price, at, symbol from fired order by id
        """;

    private const string TouchSql =
        """
        with page as materialized (
            select id from signal_alerts
            where crypto_id = @crypto and is_active and id > @after and (last_checked is null or last_checked < @at)
            order by id
            limit @limit
            for no key update skip locked),
        touched as (
            update signal_alerts as a set last_checked = @at from page where a.id = page.id)
        select max(id) from page
        """;

    private const string ExpireSql =
        """
        with expired as materialized (
            select id from signal_alerts
            where crypto_id = @crypto and is_active and expires_at <= @now
            order by id
            for no key update)
        update signal_alerts as a set is_active = false from expired where a.id = expired.id and a.is_active
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
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var alerts = new List<ActiveAlert>(Math.Min(limit, 1024));
        while (await reader.ReadAsync(cancellation))
        {
            alerts.Add(new ActiveAlert(
                reader.GetInt64(0),
                reader.GetInt64(1),
                AlertCodes.ParseType(reader.GetString(2)),
                reader.IsDBNull(3) ? null : AlertCodes.ParseCondition(reader.GetString(3)),
                reader.IsDBNull(4) ? null : reader.GetDecimal(4),
                reader.IsDBNull(5) ? null : reader.GetDecimal(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return [.. alerts];
    }

    /// <summary>Stores a new alert; committed when it returns. The market counts as looked at up to <paramref name="now"/>.</summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="symbol">The asset, as the alert will name it.</param>
    /// <param name="request">What the user asks for, already checked.</param>
    /// <param name="referencePrice">USD now; needed for percentage changes.</param>
    /// <param name="now">Time of creation.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Alert> InsertAsync(
        long cryptoId, string symbol, AlertRequest request, decimal? referencePrice, DateTimeOffset now, CancellationToken cancellation)
    {
        // The database keeps microseconds; what is answered must equal what is read later.
        now = now.ToUniversalTime();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        await using var command = dataSource.CreateCommand(InsertSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", request.UserId));
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string>("type", AlertCodes.Code(request.Type)));
        command.Parameters.Add(new NpgsqlParameter<string>("condition", AlertCodes.Code(request.Condition)));
        command.Parameters.Add(new NpgsqlParameter<decimal>("value", request.TriggerValue));
        command.Parameters.Add(new NpgsqlParameter<string?>("message", request.Message));
        command.Parameters.Add(new NpgsqlParameter<string>("method", request.NotificationMethod));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("expiresAt", request.ExpiresAt?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("referencePrice", referencePrice));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
        var id = (long)(await command.ExecuteScalarAsync(cancellation))!;
        return new Alert(id, symbol, request, referencePrice, IsTriggered: false, TriggeredAt: null, now);
    }

    /// <summary>Stops watching an alert of this user. False when there is no such active alert.</summary>
    public async Task<bool> CancelAsync(long cryptoId, long userId, long alertId, CancellationToken cancellation = default)
    {
        await using var command = dataSource.CreateCommand(CancelSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", alertId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>
    /// Fires alerts: marks them and creates their notifications in one transaction, all or none. Only those still active, and not
    /// expired at the time of the crossing, fire; a repeated call fires nothing. Of several triggers of one alert the earliest counts.
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
    /// Notes up to when the market has been looked at for an asset's active alerts, never backwards. Every alert not yet that
    /// far is a row to write, in transactions of 20,000: with many alerts call it rarely. Alerts being fired or
    /// cancelled at the moment are passed over.
    /// </summary>
    public async Task TouchAsync(long cryptoId, DateTimeOffset lastChecked, CancellationToken cancellation)
    {
        for (long? after = 0; after is { } last;)
        {
            await using var command = dataSource.CreateCommand(TouchSql);
            command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
            command.Parameters.Add(new NpgsqlParameter<long>("after", last));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("at", lastChecked.ToUniversalTime()));
            command.Parameters.Add(new NpgsqlParameter<int>("limit", TouchBatch));
            after = await command.ExecuteScalarAsync(cancellation) as long?;
        }
    }

    /// <summary>Stops watching alerts of an asset whose time is over.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ExpireAsync(long cryptoId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ExpireSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<NewNotification>> FireAsync(
        NpgsqlConnection connection, IReadOnlyList<AlertTrigger> triggers, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(TriggerSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. triggers.Select(t => t.AlertId)]));
        command.Parameters.Add(new NpgsqlParameter<decimal[]>("prices", [.. triggers.Select(t => t.Price)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", [.. triggers.Select(t => t.At.ToUniversalTime())]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("symbols", [.. triggers.Select(t => t.Symbol)]));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var fired = new List<NewNotification>(triggers.Count);
        var now = clock.GetUtcNow();
        while (await reader.ReadAsync(cancellation))
        {
            fired.Add(AlertNotification.From(reader, now));
        }

        return fired;
    }
}

/// <summary>The words of signal_alerts for the contract's enums.</summary>
internal static class AlertCodes
{
    public static string Code(AlertType type) => type switch
    {
        AlertType.PriceTarget => "price_target",
        AlertType.SignalGenerated => "signal_generated",
        AlertType.VolumeSpike => "volume_spike",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public static AlertType ParseType(string code) => code switch
    {
        "price_target" => AlertType.PriceTarget,
        "signal_generated" => AlertType.SignalGenerated,
        "volume_spike" => AlertType.VolumeSpike,
        _ => throw new DataException($"signal_alerts.alert_type is '{code}'."),
    };

    public static string Code(AlertCondition condition) => condition switch
    {
        AlertCondition.Above => "above",
        AlertCondition.Below => "below",
        AlertCondition.Equals => "equals",
        AlertCondition.PercentageChange => "percentage_change",
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, null),
    };

    public static AlertCondition ParseCondition(string code) => code switch
    {
        "above" => AlertCondition.Above,
        "below" => AlertCondition.Below,
        "equals" => AlertCondition.Equals,
        "percentage_change" => AlertCondition.PercentageChange,
        _ => throw new DataException($"signal_alerts.condition is '{code}'."),
    };
}
