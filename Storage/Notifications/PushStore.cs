using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Notifications;

/// <summary>A browser that takes web push.</summary>
/// <param name="Endpoint">Where its messages are posted to: a capability, not to be logged.</param>
/// <param name="P256dh">Its public key, 65 bytes uncompressed.</param>
/// <param name="Auth">Its authentication secret, 16 bytes.</param>
public sealed record PushSubscription(long Id, Uri Endpoint, byte[] P256dh, byte[] Auth);

/// <summary>The tables push_subscriptions and push_keys.</summary>
public sealed class PushStore(NpgsqlDataSource dataSource)
{
    // A browser belongs to whoever signed in there last.
    private const string SubscribeSql =
        """
        insert into push_subscriptions (user_id, endpoint, p256dh, auth) values (@user, @endpoint, @p256dh, @auth)
        on conflict (endpoint) do update set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth
        returning id
        """;

    // The oldest make room: browsers that are gone are found out only by sending to them.
    private const string TrimSql =
        """
        delete from push_subscriptions
        where user_id = @user and id <> @kept
            and id not in (select id from push_subscriptions where user_id = @user and id <> @kept order by id desc limit @limit - 1)
        """;

    private const string UnsubscribeSql =
        $"""
        with removed as (delete from push_subscriptions where id = @id and user_id = @user returning id, user_id),
        audit as (
            {ActivityStore.Insert} 'notification_update', 'user', 'delete', user_id, jsonb_build_object('pushSubscription', id) from removed)
        select id from removed
        """;

    private const string KeySql =
        """
        insert into push_keys (private_key) values (@made) on conflict (id) do nothing;
        select private_key from push_keys
        """;

    /// <summary>Adds or renews a browser of the actor's; beyond <paramref name="limit"/> the oldest go. Committed with its audit entry.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> SubscribeAsync(Actor actor, string endpoint, byte[] p256dh, byte[] auth, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var subscribe = new NpgsqlCommand(SubscribeSql, connection);
        subscribe.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        subscribe.Parameters.Add(new NpgsqlParameter<string>("endpoint", endpoint));
        subscribe.Parameters.Add(new NpgsqlParameter<byte[]>("p256dh", p256dh));
        subscribe.Parameters.Add(new NpgsqlParameter<byte[]>("auth", auth));
        var id = (long)(await subscribe.ExecuteScalarAsync(cancellation))!;
        await using var trim = new NpgsqlCommand(TrimSql, connection);
        trim.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        trim.Parameters.Add(new NpgsqlParameter<long>("kept", id));
        trim.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await trim.ExecuteNonQueryAsync(cancellation);
        await ActivityStore.AddAsync(
            connection, actor, new Activity("notification_update", "user", "create", actor.UserId, $$"""{"pushSubscription":{{id}}}"""), cancellation);
        await transaction.CommitAsync(cancellation);
        return id;
    }

    /// <summary>Removes a browser of the actor's. False when the actor has none of that id.</summary>
    public async Task<bool> UnsubscribeAsync(Actor actor, long id, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(UnsubscribeSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    public async Task<PushSubscription[]> ListAsync(long userId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("select id, endpoint, p256dh, auth from push_subscriptions where user_id = @user order by id");
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var subscriptions = new List<PushSubscription>();
        while (await reader.ReadAsync(cancellation))
        {
            subscriptions.Add(new PushSubscription(
                reader.GetInt64(0), new Uri(reader.GetString(1)), reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3)));
        }

        return [.. subscriptions];
    }

    /// <summary>The push service said that this browser is gone.</summary>
    public async Task RemoveGoneAsync(long id, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("delete from push_subscriptions where id = @id");
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The installation's VAPID key (PKCS#8): the stored one, or <paramref name="made"/>, which is stored then.</summary>
    public async Task<byte[]> KeyAsync(byte[] made, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(KeySql);
        command.Parameters.Add(new NpgsqlParameter<byte[]>("made", made));
        return (byte[])(await command.ExecuteScalarAsync(cancellation))!;
    }
}
