using CryptoAI.Grains.Interfaces.Users;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>Who a request comes from: the reading side of user_sessions, asked with every request of a signed-in person.</summary>
public sealed class SessionStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const string Live =
        "s.is_active and s.expires_at > @now and u.is_active and u.deleted_at is null";

    private const string FindSql =
        $"""
        select s.id, s.user_id, u.role = 'admin',
            case when u.subscription_expires_at <= @now then 'free' else u.subscription_plan end, s.last_used_at
        from user_sessions s join users u on u.id = s.user_id
        where s.session_token = @hash and s.token_expires_at > @now and {Live}
        """;

    private const string RedeemSql =
        $"""
        with redeemed as (delete from hub_tickets where ticket = @hash returning session_id, expires_at)
        select s.id, s.user_id, u.role = 'admin',
            case when u.subscription_expires_at <= @now then 'free' else u.subscription_plan end, s.last_used_at
        from redeemed r join user_sessions s on s.id = r.session_id join users u on u.id = s.user_id
        where r.expires_at > @now and {Live}
        """;

    private const string IssueTicketSql =
        """
        with old as (delete from hub_tickets where expires_at <= @now)
        insert into hub_tickets (ticket, session_id, expires_at) values (@hash, @session, @expires)
        """;

    private const string LiveSql =
        $"select s.id from user_sessions s join users u on u.id = s.user_id where s.id = any(@ids) and {Live}";

    // A session is written to once a minute at most, and never moved back.
    private const string TouchSql =
        """
        update user_sessions as s set last_used_at = used.at
        from unnest(@ids, @times) as used (id, at)
        where s.id = used.id and s.last_used_at < used.at
        """;

    /// <summary>
    /// The session that a token belongs to; null when there is none, it is over or revoked, or the account is deleted or
    /// suspended. Always asks the database: a revocation counts from its commit on, on every node.
    /// </summary>
    public Task<LiveSession?> FindAsync(string token, CancellationToken cancellation) => ReadAsync(FindSql, token, cancellation);

    /// <summary>The session that a hub ticket was made for; the ticket is used up.</summary>
    public Task<LiveSession?> RedeemTicketAsync(string ticket, CancellationToken cancellation) => ReadAsync(RedeemSql, ticket, cancellation);

    /// <summary>Makes a ticket that opens one hub connection for this session.</summary>
    public async Task<string> IssueTicketAsync(long sessionId, DateTimeOffset expires, CancellationToken cancellation)
    {
        var ticket = Tokens.Create();
        await using var command = dataSource.CreateCommand(IssueTicketSql);
        command.Parameters.Add(new NpgsqlParameter<string>("hash", Tokens.Hash(ticket)));
        command.Parameters.Add(new NpgsqlParameter<long>("session", sessionId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("expires", expires.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        await command.ExecuteNonQueryAsync(cancellation);
        return ticket;
    }

    /// <summary>Those of these sessions that still stand.</summary>
    public async Task<HashSet<long>> LiveAsync(long[] sessionIds, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(LiveSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", sessionIds));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var live = new HashSet<long>();
        while (await reader.ReadAsync(cancellation))
        {
            live.Add(reader.GetInt64(0));
        }

        return live;
    }

    /// <summary>Notes when sessions were last used.</summary>
    public async Task TouchAsync(IReadOnlyCollection<KeyValuePair<long, DateTimeOffset>> uses, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(TouchSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. uses.Select(static use => use.Key)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", [.. uses.Select(static use => use.Value.ToUniversalTime())]));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<LiveSession?> ReadAsync(string sql, string secret, CancellationToken cancellation)
    {
        if (!Tokens.IsWellFormed(secret))
        {
            return null;
        }

        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string>("hash", Tokens.Hash(secret)));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", clock.GetUtcNow()));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new LiveSession(
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetBoolean(2),
                PlanCodes.Parse(reader.GetString(3)),
                reader.GetFieldValue<DateTimeOffset>(4))
            : null;
    }
}

/// <summary>A session that stands, and whose it is.</summary>
/// <param name="Id">user_sessions.id.</param>
/// <param name="Plan">The plan that counts now: free once a subscription is over.</param>
public sealed record LiveSession(long Id, long UserId, bool IsAdmin, Plan Plan, DateTimeOffset LastUsedAt);
