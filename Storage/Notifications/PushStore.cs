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
        where user_id = @user and id not in (select id from push_subscriptions where user_id = @user order by id desc limit @limit)
        """;

    private const string KeySql =
        """
        insert into push_keys (private_key) values (@made) on conflict (id) do nothing;
        select private_key from push_keys
        """;

    /// <summary>Adds or renews a browser of a user's in the caller's transaction; beyond <paramref name="limit"/> the oldest go.</summary>
    /// <returns>Its id.</returns>
    public static async Task<long> SubscribeAsync(
        NpgsqlConnection connection, long userId, string endpoint, byte[] p256dh, byte[] auth, int limit, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SubscribeSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string>("endpoint", endpoint));
        command.Parameters.Add(new NpgsqlParameter<byte[]>("p256dh", p256dh));
        command.Parameters.Add(new NpgsqlParameter<byte[]>("auth", auth));
        var id = (long)(await command.ExecuteScalarAsync(cancellation))!;
        await using var trim = new NpgsqlCommand(TrimSql, connection);
        trim.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        trim.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await trim.ExecuteNonQueryAsync(cancellation);
        return id;
    }

    /// <summary>Removes a browser of this user's. False when there is none of that id.</summary>
    public static async Task<bool> UnsubscribeAsync(NpgsqlConnection connection, long userId, long id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("delete from push_subscriptions where id = @id and user_id = @user", connection);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
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
