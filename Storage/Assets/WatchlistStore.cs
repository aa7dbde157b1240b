using System.Text.Json;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>
/// Watchlists and their assets. A change holds the list's row while it applies, so that no two can overwrite each other whoever makes
/// them; each is one transaction with its entry in the audit.
/// </summary>
public sealed partial class WatchlistStore(NpgsqlDataSource dataSource)
{
    // The owner, or for a default list an administrator. Everyone else is told that there is none.
    private const string HoldSql =
        """
        select w.user_id, w.version, u.role = 'admin' as is_admin
        from watchlists w join users u on u.id = @user
        where w.id = @id and w.is_active and (w.user_id = u.id or w.user_id is null)
        for no key update of w
        """;

    private const string SaveSql =
        """
        update watchlists set name = @name, description = @description, max_assets = @most, version = version + 1 where id = @id
        """;

    private const string SaveAssetsSql =
        """
        insert into watchlist_assets as a (
            watchlist_id, crypto_id, position_type, position, weight, target_allocation, notes, added_by, last_modified_by)
        select @id, c.id, t.side, t.position, t.weight, t.target, t.notes, @user, @user
        from unnest(@symbols, @sides, @positions, @weights, @targets, @notes) as t (symbol, side, position, weight, target, notes)
        join cryptocurrencies c on c.symbol = t.symbol
        on conflict (watchlist_id, crypto_id, position_type) do update set
            position = excluded.position,
            weight = excluded.weight,
            target_allocation = excluded.target_allocation,
            notes = excluded.notes,
            is_active = true,
            added_by = case when a.is_active then a.added_by else excluded.added_by end,
            created_at = case when a.is_active then a.created_at else now() end,
            last_modified_by = case
                when a.is_active and (a.weight, a.target_allocation, a.notes)
                    is not distinct from (excluded.weight, excluded.target_allocation, excluded.notes) then a.last_modified_by
                else excluded.last_modified_by end
        """;

    private const string RemoveSql =
        """
        update watchlist_assets as a set is_active = false, weight = null, last_modified_by = @user
        from unnest(@symbols, @sides) as t (symbol, side) join cryptocurrencies c on c.symbol = t.symbol
        where a.watchlist_id = @id and a.crypto_id = c.id and a.position_type = t.side
        """;

    private const string ShelfLockSql = "select pg_advisory_xact_lock(hashtextextended('watchlists of a user', coalesce(@owner, 0)))";

    private const string InsertSql =
        """
        insert into watchlists (name, description, user_id, watchlist_type, max_assets, sort_order)
        select @name, @description, @owner, case when @owner is null then 'default' else 'personal' end, @most, coalesce(max(sort_order) + 1, 0)
        from watchlists where user_id is not distinct from @owner and is_active
        having count(*) < @limit
        returning id
        """;

    private const string DeleteSql =
        "update watchlists set is_active = false, is_public = false, share_token = null, version = version + 1 where id = @id";

    private const string ShareSql =
        "update watchlists set is_public = @token is not null, share_token = @token, version = version + 1 where id = @id";

    private const string OrderSql =
        "select id from watchlists where user_id is not distinct from @owner and is_active order by sort_order, id for no key update";

    private const string SaveOrderSql =
        """
        update watchlists as w set sort_order = t.place - 1
        from unnest(@ids) with ordinality as t (id, place)
        where w.id = t.id and w.sort_order <> t.place - 1
        """;

    private const string IsAdminSql = "select role = 'admin' from users where id = @user";

    /// <summary>Applies a change to a list as it is now.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="id">watchlists.id.</param>
    /// <param name="version">The version that the caller has read; null: whatever it is.</param>
    /// <param name="edit">From the list to what it becomes; a refusal leaves everything as it is.</param>
    /// <param name="action">For the audit: create, update or delete.</param>
    /// <param name="symbol">For the audit: the asset it is about; null: the list.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <returns>The list as it is stored then.</returns>
    /// <exception cref="RefusedException">It is no list of the actor's, another version, or <paramref name="edit"/> refuses.</exception>
    public async Task<Watchlist> EditAsync(
        Actor actor, long id, long? version, Func<Watchlist, Watchlist> edit, string action, string? symbol, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldAsync(connection, actor, id, version, cancellation);
        var before = (await FindAsync(connection, id, cancellation))!;
        var after = edit(before);
        await using (var save = new NpgsqlCommand(SaveSql, connection))
        {
            save.Parameters.Add(new NpgsqlParameter<long>("id", id));
            save.Parameters.Add(new NpgsqlParameter<string>("name", after.Name));
            save.Parameters.Add(new NpgsqlParameter<string?>("description", after.Description));
            save.Parameters.Add(new NpgsqlParameter<int>("most", after.MaxAssets));
            await save.ExecuteNonQueryAsync(cancellation);
        }

        await SaveAssetsAsync(connection, actor, id, before, after, cancellation);
        var details = JsonSerializer.Serialize(symbol is null ? (object)new { after.Name } : new { symbol }, JsonSerializerOptions.Web);
        await ActivityStore.AddAsync(connection, actor, new Activity("watchlist_update", symbol is null ? "watchlist" : "asset", action, id, details), cancellation);
        var stored = (await FindAsync(connection, id, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    /// <summary>A new list behind the others of its owner.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="owner">Whose it is; null for a default list, which takes an administrator.</param>
    /// <param name="text">Already checked.</param>
    /// <param name="maxAssets">Most assets it may hold.</param>
    /// <param name="limit">Most lists the owner may have.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<Watchlist> CreateAsync(
        Actor actor, long? owner, WatchlistText text, int maxAssets, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldShelfAsync(connection, actor, owner, cancellation);
        await using var insert = new NpgsqlCommand(InsertSql, connection);
        insert.Parameters.Add(new NpgsqlParameter<string>("name", text.Name));
        insert.Parameters.Add(new NpgsqlParameter<string?>("description", text.Description));
        insert.Parameters.Add(new NpgsqlParameter<long?>("owner", owner));
        insert.Parameters.Add(new NpgsqlParameter<int>("most", maxAssets));
        insert.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        if (await insert.ExecuteScalarAsync(cancellation) is not long id)
        {
            throw new RefusedException(Refusal.Limit, owner is null ? $"There are {limit} default lists already." : $"Your plan allows {limit} watchlists.");
        }

        await AuditAsync(connection, actor, "create", id, cancellation);
        var stored = (await FindAsync(connection, id, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    /// <summary>Ends a list and its sharing. Its rows stay, for what refers to them.</summary>
    public async Task DeleteAsync(Actor actor, long id, long? version, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldAsync(connection, actor, id, version, cancellation);
        await using var delete = new NpgsqlCommand(DeleteSql, connection);
        delete.Parameters.Add(new NpgsqlParameter<long>("id", id));
        await delete.ExecuteNonQueryAsync(cancellation);
        await AuditAsync(connection, actor, "delete", id, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Shares a list with whoever has the token of this hash, and with nobody else; null ends the sharing.</summary>
    public async Task<Watchlist> ShareAsync(Actor actor, long id, string? tokenHash, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldAsync(connection, actor, id, version: null, cancellation);
        await using var share = new NpgsqlCommand(ShareSql, connection);
        share.Parameters.Add(new NpgsqlParameter<long>("id", id));
        share.Parameters.Add(new NpgsqlParameter<string?>("token", tokenHash));
        await share.ExecuteNonQueryAsync(cancellation);
        await AuditAsync(connection, actor, "update", id, cancellation);
        var stored = (await FindAsync(connection, id, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    /// <summary>Moves a list among those of its owner.</summary>
    public async Task MoveAsync(Actor actor, long? owner, long id, int position, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldShelfAsync(connection, actor, owner, cancellation);
        var ids = new List<long>();
        await using (var order = new NpgsqlCommand(OrderSql, connection))
        {
            order.Parameters.Add(new NpgsqlParameter<long?>("owner", owner));
            await using var reader = await order.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                ids.Add(reader.GetInt64(0));
            }
        }

        if (!ids.Remove(id))
        {
            throw RefusedException.NotFound("watchlist");
        }

        ids.Insert(Math.Min(position, ids.Count), id);
        await using var save = new NpgsqlCommand(SaveOrderSql, connection);
        save.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. ids]));
        await save.ExecuteNonQueryAsync(cancellation);
        await AuditAsync(connection, actor, "update", id, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task HoldAsync(NpgsqlConnection connection, Actor actor, long id, long? version, CancellationToken cancellation)
    {
        await using var hold = new NpgsqlCommand(HoldSql, connection);
        hold.Parameters.Add(new NpgsqlParameter<long>("id", id));
        hold.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        await using var reader = await hold.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            throw RefusedException.NotFound("watchlist");
        }

        if (reader.IsDBNull(0) && !reader.GetBoolean(2))
        {
            throw new RefusedException(Refusal.Forbidden, "Default lists are changed by administrators.");
        }

        if (version is { } read && read != reader.GetInt64(1))
        {
            throw new RefusedException(Refusal.Stale, $"The list has version {reader.GetInt64(1)} by now: read it again.");
        }
    }

    private static async Task HoldShelfAsync(NpgsqlConnection connection, Actor actor, long? owner, CancellationToken cancellation)
    {
        if (owner is null)
        {
            await using var ask = new NpgsqlCommand(IsAdminSql, connection);
            ask.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
            if (await ask.ExecuteScalarAsync(cancellation) is not true)
            {
                throw new RefusedException(Refusal.Forbidden, "Default lists are changed by administrators.");
            }
        }

        await using var hold = new NpgsqlCommand(ShelfLockSql, connection);
        hold.Parameters.Add(new NpgsqlParameter<long?>("owner", owner));
        await hold.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task SaveAssetsAsync(
        NpgsqlConnection connection, Actor actor, long id, Watchlist before, Watchlist after, CancellationToken cancellation)
    {
        var known = before.Assets.ToDictionary(asset => (asset.Symbol, asset.Side));
        WatchlistAsset[] changed = [.. after.Assets.Where(asset => known.GetValueOrDefault((asset.Symbol, asset.Side)) != asset)];
        WatchlistAsset[] removed = [.. known.Values.ExceptBy(after.Assets.Select(asset => (asset.Symbol, asset.Side)), asset => (asset.Symbol, asset.Side))];
        if (changed.Length > 0)
        {
            await using var save = CreateCommand(SaveAssetsSql, connection, actor, id, changed);
            save.Parameters.Add(new NpgsqlParameter<int[]>("positions", [.. changed.Select(asset => asset.Position)]));
            save.Parameters.Add(new NpgsqlParameter<decimal?[]>("weights", [.. changed.Select(asset => asset.Entry.Weight)]));
            save.Parameters.Add(new NpgsqlParameter<decimal?[]>("targets", [.. changed.Select(asset => asset.Entry.TargetAllocation)]));
            save.Parameters.Add(new NpgsqlParameter<string?[]>("notes", [.. changed.Select(asset => asset.Entry.Notes)]));
            if (await save.ExecuteNonQueryAsync(cancellation) != changed.Length)
            {
                throw RefusedException.Invalid("symbol", "Is not a known asset.");
            }
        }

        if (removed.Length > 0)
        {
            await using var remove = CreateCommand(RemoveSql, connection, actor, id, removed);
            await remove.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static NpgsqlCommand CreateCommand(string sql, NpgsqlConnection connection, Actor actor, long id, WatchlistAsset[] assets)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<string[]>("symbols", [.. assets.Select(asset => asset.Symbol)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("sides", [.. assets.Select(asset => Code(asset.Side))]));
        return command;
    }

    private static Task AuditAsync(NpgsqlConnection connection, Actor actor, string action, long id, CancellationToken cancellation) =>
        ActivityStore.AddAsync(connection, actor, new Activity("watchlist_update", "watchlist", action, id), cancellation);
}
