using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>
/// First answers to requests that carry an Idempotency-Key. A request claims its key, runs, and leaves its answer. When its
/// process ends in between, the audit entry that was written with the change tells whether it was carried out.
/// </summary>
public sealed class IdempotencyStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>A claim without an answer after this time belongs to a process that has ended: no request runs so long.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const string ClaimSql =
        """
        insert into idempotency_keys as known (user_id, key, request_hash, created_at) values (@user, @key, @hash, @now)
        on conflict (user_id, key) do update set request_hash = excluded.request_hash, created_at = excluded.created_at,
            status = null, content_type = null, location = null, body = null
        where known.created_at <= @forget
            or (known.status is null and known.created_at <= @stale and known.request_hash = excluded.request_hash and not exists (
                select from user_activities done
                where done.user_id = known.user_id and done.request_key = known.key and done.created_at >= known.created_at - interval '1 minute'))
        """;

    private const string PurgeSql =
        """
        delete from idempotency_keys where (user_id, key) in (
            select user_id, key from idempotency_keys where created_at <= @forget limit 20 for update skip locked)
        """;

    private const string ReadSql =
        """
        select request_hash, status, content_type, location, body, done.entity_type, done.entity_id
        from idempotency_keys known
        left join lateral (
            select entity_type, entity_id from user_activities
            where user_id = known.user_id and request_key = known.key and created_at >= known.created_at - interval '1 minute'
            order by id limit 1) done on known.status is null and known.created_at <= @stale
        where known.user_id = @user and known.key = @key
        """;

    private const string CompleteSql =
        """
        update idempotency_keys set status = @status, content_type = @type, location = @location, body = @body
        where user_id = @user and key = @key and status is null
        """;

    private const string ReleaseSql = "delete from idempotency_keys where user_id = @user and key = @key and status is null";

    /// <summary>Claims a key. Null when it is the caller's now; else what is known of the request that had it first.</summary>
    public async Task<EarlierRequest?> ClaimAsync(long userId, string key, byte[] requestHash, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using (var purge = dataSource.CreateCommand(PurgeSql))
        {
            purge.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("forget", now - Kept));
            await purge.ExecuteNonQueryAsync(cancellation);
        }

        await using (var claim = CreateCommand(ClaimSql, userId, key))
        {
            claim.Parameters.Add(new NpgsqlParameter<byte[]>("hash", requestHash));
            claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now));
            claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("forget", now - Kept));
            claim.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("stale", now - Lease));
            if (await claim.ExecuteNonQueryAsync(cancellation) == 1)
            {
                return null;
            }
        }

        await using var read = CreateCommand(ReadSql, userId, key);
        read.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("stale", now - Lease));
        await using var reader = await read.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            // It was refused and gave the key back in between.
            return new EarlierRequest(IsSame: true, Answer: null, EntityType: null, EntityId: null);
        }

        return new EarlierRequest(
            reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(requestHash),
            reader.IsDBNull(1)
                ? null
                : new StoredAnswer(
                    reader.GetInt32(1),
                    reader.IsDBNull(2) ? null : reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.GetFieldValue<byte[]>(4)),
            reader.IsDBNull(5) ? null : reader.GetString(5),
            reader.IsDBNull(6) ? null : reader.GetInt64(6));
    }

    /// <summary>Leaves the answer for whoever repeats the request.</summary>
    public async Task CompleteAsync(long userId, string key, StoredAnswer answer, CancellationToken cancellation)
    {
        await using var command = CreateCommand(CompleteSql, userId, key);
        command.Parameters.Add(new NpgsqlParameter<int>("status", answer.Status));
        command.Parameters.Add(new NpgsqlParameter<string?>("type", answer.ContentType));
        command.Parameters.Add(new NpgsqlParameter<string?>("location", answer.Location));
        command.Parameters.Add(new NpgsqlParameter<byte[]>("body", answer.Body));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Gives a key back: nothing was changed, and the request may be sent again, corrected or not.</summary>
    public async Task ReleaseAsync(long userId, string key, CancellationToken cancellation)
    {
        await using var command = CreateCommand(ReleaseSql, userId, key);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand CreateCommand(string sql, long userId, string key)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string>("key", key));
        return command;
    }
}

/// <param name="Status">HTTP status, 2xx.</param>
/// <param name="Body">Bytes as they were sent.</param>
public sealed record StoredAnswer(int Status, string? ContentType, string? Location, byte[] Body);

/// <summary>The request that had a key first.</summary>
/// <param name="IsSame">Whether it asked for the same.</param>
/// <param name="Answer">Null while it runs, or when its answer was lost.</param>
/// <param name="EntityType">What it made, when it was carried out and its answer was lost.</param>
/// <param name="EntityId">Key of what it made.</param>
public sealed record EarlierRequest(bool IsSame, StoredAnswer? Answer, string? EntityType, long? EntityId);
