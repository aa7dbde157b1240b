using CryptoAI.Grains.Interfaces.Assets;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>Watchlists as their readers see them.</summary>
public sealed partial class WatchlistStore
{
    private const string Columns =
        """
        select w.id, w.user_id, w.name, w.description, w.is_public, w.max_assets, w.sort_order, w.version, w.created_at, w.updated_at
        from watchlists w
        """;

    private const string FindSql = $"{Columns} where w.id = @id and w.is_active";

    private const string ReadableSql = $"{Columns} where w.id = @id and w.is_active and (w.user_id = @user or w.user_id is null)";

    // A closed or suspended account shares nothing while it is so.
    private const string SharedSql =
        $"""
        {Columns}
        where w.share_token = @token and w.is_public and w.is_active
            and not exists (select from users u where u.id = w.user_id and (u.deleted_at is not null or not u.is_active))
        """;

    private const string ListSql =
        $"""
        {Columns}
        where w.user_id is not distinct from @owner and w.is_active
            and (@afterId::bigint is null or (w.sort_order, w.id) > (@afterOrder, @afterId))
        order by w.sort_order, w.id
        limit @limit
        """;

    private const string AssetsSql =
        """
        select a.watchlist_id, c.symbol, a.position_type, a.position, a.weight, a.target_allocation, a.notes, a.added_by, a.last_modified_by,
            a.created_at, a.updated_at
        from watchlist_assets a join cryptocurrencies c on c.id = a.crypto_id
        where a.watchlist_id = any (@ids) and a.is_active
        order by a.watchlist_id, a.position, a.id
        """;

    /// <summary>A list of this user's, or a default one; null when there is none of that id for them.</summary>
    public async Task<Watchlist?> GetAsync(long userId, long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(ReadableSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        return (await ReadAsync(command, connection, cancellation)).SingleOrDefault();
    }

    /// <summary>The list shared with whoever has the token of this hash; null when there is none, or no more.</summary>
    public async Task<Watchlist?> GetSharedAsync(string tokenHash, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(SharedSql, connection);
        command.Parameters.Add(new NpgsqlParameter<string>("token", tokenHash));
        return (await ReadAsync(command, connection, cancellation)).SingleOrDefault();
    }

    /// <summary>Lists in their order.</summary>
    /// <param name="owner">Whose; null for the default ones.</param>
    /// <param name="after">Order and id of the last list of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Watchlist[]> ListAsync(long? owner, (int Order, long Id)? after, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(ListSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long?>("owner", owner));
        command.Parameters.Add(new NpgsqlParameter<int?>("afterOrder", after?.Order));
        command.Parameters.Add(new NpgsqlParameter<long?>("afterId", after?.Id));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ReadAsync(command, connection, cancellation);
    }

    private static string Code(PositionSide side) => side == PositionSide.Long ? "long" : "short";

    private static async Task<Watchlist?> FindAsync(NpgsqlConnection connection, long id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(FindSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        return (await ReadAsync(command, connection, cancellation)).SingleOrDefault();
    }

    private static async Task<Watchlist[]> ReadAsync(NpgsqlCommand command, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var lists = new List<Watchlist>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                lists.Add(new Watchlist(
                    reader.GetInt64(0),
                    reader.IsDBNull(1) ? null : reader.GetInt64(1),
                    reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.GetBoolean(4),
                    reader.GetInt32(5),
                    reader.GetInt32(6),
                    reader.GetInt64(7),
                    reader.GetFieldValue<DateTimeOffset>(8),
                    reader.GetFieldValue<DateTimeOffset>(9),
                    []));
            }
        }

        var assets = lists.Count == 0 ? null : await ReadAssetsAsync([.. lists.Select(list => list.Id)], connection, cancellation);
        return [.. lists.Select(list => list with { Assets = [.. assets![list.Id]] })];
    }

    private static async Task<ILookup<long, WatchlistAsset>> ReadAssetsAsync(long[] ids, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(AssetsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", ids));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var assets = new List<(long Id, WatchlistAsset Asset)>();
        while (await reader.ReadAsync(cancellation))
        {
            assets.Add((reader.GetInt64(0), new WatchlistAsset(
                reader.GetString(1),
                reader.GetString(2) == "long" ? PositionSide.Long : PositionSide.Short,
                reader.GetInt32(3),
                new WatchlistEntry(
                    reader.IsDBNull(4) ? null : reader.GetDecimal(4),
                    reader.IsDBNull(5) ? null : reader.GetDecimal(5),
                    reader.IsDBNull(6) ? null : reader.GetString(6)),
                reader.IsDBNull(7) ? null : reader.GetInt64(7),
                reader.IsDBNull(8) ? null : reader.GetInt64(8),
                reader.GetFieldValue<DateTimeOffset>(9),
                reader.GetFieldValue<DateTimeOffset>(10))));
        }

        return assets.ToLookup(item => item.Id, item => item.Asset);
    }
}
