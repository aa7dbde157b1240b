using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Notifications;

/// <summary>
/// The outbox, notification_deliveries. A delivery is claimed for a time, attempted, and settled. When the claimer dies in between, the claim
/// ends and another attempts it again: at least once.
/// </summary>
public sealed class OutboxStore(NpgsqlDataSource dataSource)
{
    private const int MaxError = 500;

    // Each rank is read by itself, so that what waits for later in a high rank is not walked through at every look.
    private const string ClaimSql =
        """
        with due as materialized (
            select d.id, d.next_attempt_at as due_at
            from generate_series(0, 3) as r (rank)
            cross join lateral (
                select id, next_attempt_at from notification_deliveries
                where status = 'pending' and channel = @channel and rank = r.rank and next_attempt_at <= @now
                order by next_attempt_at, id
                limit @limit
                for no key update skip locked) as d
            order by r.rank, d.next_attempt_at, d.id
            limit @limit),
        claimed as (
            update notification_deliveries as d set attempts = d.attempts + 1, next_attempt_at = @until
            from due where d.id = due.id
            returning d.id, d.notification_id, d.rank, d.attempts, due.due_at)
        select
            n.id, n.user_id, n.notification_type, n.title, n.message, n.data::text, n.status, n.priority, n.scheduled_for, n.sent_at, n.read_at,
            n.expires_at, n.created_at, c.id, c.attempts, n.template, n.secret::text, u.email, u.language, u.timezone,
            u.is_active and u.deleted_at is null, u.is_verified, (u.preferences->'notifications')::text, c.due_at,
            p.verified_at is not null
        from claimed c
        join notifications n on n.id = c.notification_id
        join users u on u.id = n.user_id
        left join phone_numbers p on p.user_id = u.id and p.phone = u.preferences->'notifications'->>'phone'
        order by c.rank, c.due_at, c.id
        """;

    // Delivered is delivered, whoever's claim it was. The secret goes with the last delivery that could need it. Notifications are locked in
    // order of id, since the lanes of two channels settle deliveries of the same ones.
    private const string SettleSql =
        """
        with settled as (
            update notification_deliveries as d set status = o.status, settled_at = @now, last_error = o.reason
            from unnest(@ids, @statuses, @reasons) as o (id, status, reason)
            where d.id = o.id and d.status = 'pending'
            returning d.id, d.notification_id, d.status),
        locked as materialized (
            select n.id from notifications n join settled on settled.notification_id = n.id
            where n.secret is not null or (settled.status = 'delivered' and n.sent_at is null)
            order by n.id
            for no key update of n)
        update notifications as n set
            sent_at = case when settled.status = 'delivered' then coalesce(n.sent_at, @now) else n.sent_at end,
            secret = case
                when exists (
                    select from notification_deliveries d
                    where d.notification_id = n.id and d.id <> settled.id and d.channel <> 'hub' and d.status in ('pending', 'dead'))
                then n.secret end
        from settled join locked on locked.id = settled.notification_id
        where n.id = settled.notification_id
        """;

    private const string RetrySql =
        """
        update notification_deliveries set next_attempt_at = @at, last_error = @reason
        where id = @id and attempts = @attempt and status = 'pending'
        """;

    private const string GiveBackSql =
        """
        update notification_deliveries set next_attempt_at = @at, attempts = attempts - 1, last_error = coalesce(@reason, last_error)
        where id = @id and attempts = @attempt and status = 'pending'
        """;

    private const string BurySql =
        """
        update notification_deliveries set status = 'dead', settled_at = @now, last_error = @reason
        where id = @id and attempts = @attempt and status = 'pending'
        """;

    private const string ForgetSecretsSql = "update notifications set secret = null where secret is not null and expires_at <= @now";

    // Rows are locked in order of id, as everywhere. What is to be delivered later still counts as new.
    private const string ForgetSql =
        """
        with old as materialized (
            select n.id from notifications n
            where n.created_at < @before and (n.scheduled_for is null or n.scheduled_for < @before)
            order by n.id
            limit @limit
            for update skip locked)
        delete from notifications n using old where n.id = old.id
        """;

    private const string RecheckSql =
        """
        update notification_deliveries as d set next_attempt_at = greatest(coalesce(n.scheduled_for, n.created_at), @now)
        from notifications n
        where n.id = d.notification_id and n.user_id = @user and d.status = 'pending' and d.attempts = 0 and d.next_attempt_at > @now
        """;

    private const string DeadSql =
        """
        select d.id, n.id, n.user_id, d.channel, n.title, d.attempts, d.settled_at, d.last_error, n.expires_at
        from notification_deliveries d join notifications n on n.id = d.notification_id
        where d.status = 'dead' and (@after::bigint is null or d.id < @after)
        order by d.id desc
        limit @limit
        """;

    private const string ResendSql =
        $"""
        with resent as (
            update notification_deliveries set status = 'pending', settled_at = null, attempts = 0, next_attempt_at = @now
            where id = @id and status = 'dead'
                and exists (select from users where id = @actorUser and role = 'admin' and is_active and deleted_at is null)
            returning id, notification_id),
        audit as (
            {ActivityStore.Insert} 'administration', 'notification', 'update', notification_id, jsonb_build_object('resent', id) from resent)
        select id from resent
        """;

    private const string CountSql =
        """
        select channel, count(*) filter (where status = 'pending'), count(*) filter (where status = 'dead')
        from notification_deliveries where status in ('pending', 'dead') group by channel
        """;

    /// <summary>Claims what is due on a channel, urgent first, then in order of age.</summary>
    /// <param name="channel">Of these only.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="now">Due at this time.</param>
    /// <param name="lease">How long nobody else attempts them: longer than an attempt can take.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Delivery[]> ClaimAsync(
        NotificationChannel channel, int limit, DateTimeOffset now, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ClaimSql);
        command.Parameters.Add(new NpgsqlParameter<string>("channel", NotificationCodes.Code(channel)));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("until", (now + lease).ToUniversalTime()));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var claimed = new List<Delivery>();
        while (await reader.ReadAsync(cancellation))
        {
            claimed.Add(new Delivery(
                reader.GetInt64(13),
                channel,
                reader.GetInt32(14),
                reader.GetFieldValue<DateTimeOffset>(23),
                NotificationStore.Read(reader),
                Text(reader, 15),
                Text(reader, 16) is { } secret ? JsonNode.Parse(secret) as JsonObject : null,
                new Recipient(
                    reader.GetString(17),
                    reader.GetString(18),
                    reader.GetString(19),
                    reader.GetBoolean(20),
                    reader.GetBoolean(21),
                    PreferencesJson.Read(Text(reader, 22)) with { IsPhoneConfirmed = reader.GetBoolean(24) })));
        }

        return [.. claimed];
    }

    /// <summary>What need not be attempted again. Repeated, or late, it changes nothing.</summary>
    /// <param name="settlements">All of one channel, each delivery once.</param>
    /// <param name="now">When they were settled.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task SettleAsync(IReadOnlyCollection<Settlement> settlements, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(SettleSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. settlements.Select(settled => settled.Delivery.Id)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("statuses", [.. settlements.Select(settled => settled.SkippedBecause is null ? "delivered" : "skipped")]));
        command.Parameters.Add(new NpgsqlParameter<string?[]>("reasons", [.. settlements.Select(settled => Cut(settled.SkippedBecause))]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The attempt failed; the next is not before <paramref name="at"/>.</summary>
    public async Task RetryAsync(Delivery delivery, string reason, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(RetrySql);
        AddClaim(command, delivery, reason);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("at", at.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Gives a claim back as if it had not been made: quiet hours, or a channel that is down.</summary>
    public async Task GiveBackAsync(Delivery delivery, string? reason, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GiveBackSql);
        AddClaim(command, delivery, reason);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("at", at.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Gives a delivery up. An administrator sees it and may have it sent again.</summary>
    public async Task BuryAsync(Delivery delivery, string reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(BurySql);
        AddClaim(command, delivery, reason);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deletes secrets of what has expired unsent.</summary>
    public async Task<int> ForgetSecretsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ForgetSecretsSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deletes notifications created before a moment, with their deliveries; what is scheduled after it stays.</summary>
    /// <param name="before">The moment.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the statement.</param>
    /// <returns>How many were deleted.</returns>
    public async Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ForgetSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("before", before.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Has deliveries that wait for the end of quiet hours looked at again, because the person changed them.</summary>
    public async Task RecheckAsync(long userId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(RecheckSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deliveries that were given up, newest first.</summary>
    public async Task<DeadLetter[]> ListDeadAsync(long? afterId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(DeadSql);
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var dead = new List<DeadLetter>();
        while (await reader.ReadAsync(cancellation))
        {
            dead.Add(new DeadLetter(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                NotificationCodes.ParseChannel(reader.GetString(3)),
                reader.GetString(4),
                reader.GetInt32(5),
                reader.GetFieldValue<DateTimeOffset>(6),
                Text(reader, 7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return [.. dead];
    }

    /// <summary>
    /// Puts a delivery that was given up back into the outbox. False when there is none of that id, or the actor is no administrator. Committed with
    /// its audit entry.
    /// </summary>
    public async Task<bool> ResendAsync(Actor actor, long deliveryId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ResendSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("id", deliveryId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    /// <summary>How many deliveries wait and how many were given up, by channel; channels with neither are left out.</summary>
    public async Task<(NotificationChannel Channel, long Pending, long Dead)[]> CountAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(CountSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var counts = new List<(NotificationChannel, long, long)>();
        while (await reader.ReadAsync(cancellation))
        {
            counts.Add((NotificationCodes.ParseChannel(reader.GetString(0)), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return [.. counts];
    }

    private static void AddClaim(NpgsqlCommand command, Delivery delivery, string? reason)
    {
        command.Parameters.Add(new NpgsqlParameter<long>("id", delivery.Id));
        command.Parameters.Add(new NpgsqlParameter<int>("attempt", delivery.Attempt));
        command.Parameters.Add(new NpgsqlParameter<string?>("reason", Cut(reason)));
    }

    private static string? Cut(string? reason) =>
        reason is null ? null : (reason.Length <= MaxError ? reason : reason[..MaxError]).Replace('\0', '\uFFFD');

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
