using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>Recommendations as their readers see them.</summary>
public sealed partial class RecommendationStore
{
    private const string Owner =
        "case r.target_entity_type when 'watchlist' then w.user_id when 'portfolio' then p.user_id when 'user' then r.target_entity_id end";

    private const string From =
        """
        from ai_recommendations r
        left join watchlists w on w.id = r.watchlist_id
        left join portfolio p on r.target_entity_type = 'portfolio' and p.id = r.target_entity_id
        left join cryptocurrencies c on c.id = r.crypto_id
        """;

    private const string Columns =
        $"""
        select r.id, r.target_entity_type, r.target_entity_id, {Owner} as owner_id, c.symbol, r.recommendation_type, r.recommendation_title,
            r.recommendation_summary, r.recommendation_payload::text, r.status, r.priority_level, r.user_rating, r.user_feedback,
            r.outcome_result::text, r.reviewed_by, r.reviewed_at, r.implemented_at, r.expires_at, r.created_at, r.updated_at
        {From}
        """;

    /// <summary>What a person may see: the own ones, and those that are nobody's own.</summary>
    private const string Visible =
        $"""
        ({Owner} = @user or r.target_entity_type in ('asset', 'strategy') or (r.target_entity_type = 'watchlist' and w.user_id is null and w.is_active))
        """;

    private const string FindSql = $"{Columns} where r.id = @id";

    private const string GetSql = $"{Columns} where r.id = @id and {Visible}";

    private const string ListSql =
        $"""
        {Columns}
        where {Visible}
            and (@own is null or ({Owner} is not distinct from @user) = @own)
            and (@status::varchar is null or r.status = @status)
            and (@kind::varchar is null or r.target_entity_type = @kind)
            and (@after::bigint is null or r.id < @after)
        order by r.id desc
        limit @limit
        """;

    private const string ListAllSql =
        $"""
        {Columns}
        where (@status::varchar is null or r.status = @status) and (@after::bigint is null or r.id < @after)
        order by r.id desc
        limit @limit
        """;

    /// <summary>One of the person's own or everyone's; null when there is none of that id for them.</summary>
    public async Task<Recommendation?> GetAsync(long userId, long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(GetSql, ("id", id), ("user", userId)).OneAsync(Read, cancellation);
    }

    /// <summary>Whatever its owner, for administrators; null when there is none.</summary>
    public async Task<Recommendation?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await FindAsync(connection, id, cancellation);
    }

    /// <summary>The person's own and everyone's, newest first.</summary>
    /// <param name="userId">users.id.</param>
    /// <param name="own">True: only the own; false: only everyone's; null: both.</param>
    /// <param name="status">Only those; null: all.</param>
    /// <param name="kind">Only those for such targets; null: all.</param>
    /// <param name="after">Last id of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Recommendation[]> ListAsync(
        long userId, bool? own, RecommendationStatus? status, RecommendationTargetKind? kind, long? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var command = new NpgsqlCommand(ListSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<bool?>("own", own));
        command.Parameters.Add(new NpgsqlParameter<string?>("kind", kind is { } wanted ? RecommendationCodes.Code(wanted) : null));
        return await PageAsync(command, status, after, limit, cancellation);
    }

    /// <summary>Everybody's, newest first, for administrators.</summary>
    public async Task<Recommendation[]> ListAllAsync(RecommendationStatus? status, long? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await PageAsync(new NpgsqlCommand(ListAllSql, connection), status, after, limit, cancellation);
    }

    private static Task<Recommendation[]> PageAsync(NpgsqlCommand command, RecommendationStatus? status, long? after, int limit, CancellationToken cancellation)
    {
        command.Parameters.Add(new NpgsqlParameter<string?>("status", status is { } wanted ? RecommendationCodes.Code(wanted) : null));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return command.AllAsync(Read, cancellation);
    }

    private static Task<Recommendation?> FindAsync(NpgsqlConnection connection, long id, CancellationToken cancellation) =>
        connection.Command(FindSql, ("id", id)).OneAsync(Read, cancellation);

    private static Recommendation Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        new RecommendationTarget(RecommendationCodes.ParseKind(reader.GetString(1)), reader.GetInt64(2)),
        reader.IsDBNull(3) ? null : reader.GetInt64(3),
        reader.IsDBNull(4) ? null : reader.GetString(4),
        RecommendationCodes.ParseType(reader.GetString(5)),
        reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetString(7),
        reader.GetString(8),
        RecommendationCodes.ParseStatus(reader.GetString(9)),
        RecommendationCodes.ParsePriority(reader.GetString(10)),
        reader.IsDBNull(11) ? null : reader.GetInt32(11),
        reader.IsDBNull(12) ? null : reader.GetString(12),
        reader.GetString(13),
        reader.IsDBNull(14) ? null : reader.GetInt64(14),
        reader.IsDBNull(15) ? null : reader.GetFieldValue<DateTimeOffset>(15),
        reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16),
        reader.IsDBNull(17) ? null : reader.GetFieldValue<DateTimeOffset>(17),
        reader.GetFieldValue<DateTimeOffset>(18),
        reader.GetFieldValue<DateTimeOffset>(19));
}
