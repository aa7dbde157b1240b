using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>Changes of a list within a transaction that changes something else as well.</summary>
public sealed partial class WatchlistStore
{
    private const string HoldAnySql = "select id from watchlists where id = @id and is_active for no key update";

    private const string TouchSql = "update watchlists set version = version + 1 where id = @id";

    /// <summary>Applies a change to a list's assets in the caller's transaction. Whether the actor may is the caller's to know.</summary>
    /// <returns>The list before and after.</returns>
    internal static async Task<(Watchlist Before, Watchlist After)> EditWithinAsync(
        NpgsqlConnection connection, Actor actor, long id, Func<Watchlist, Watchlist> edit, string details, CancellationToken cancellation)
    {
        await using (var hold = connection.Command(HoldAnySql, ("id", id)))
        {
            if (await hold.ExecuteScalarAsync(cancellation) is null)
            {
                throw new RefusedException(Refusal.Conflict, "The watchlist is there no more.");
            }
        }

        var before = (await FindAsync(connection, id, cancellation))!;
        var after = edit(before);
        await connection.Command(TouchSql, ("id", id)).ExecuteAsync(cancellation);
        await SaveAssetsAsync(connection, actor, id, before, after, cancellation);
        await ActivityStore.AddAsync(connection, actor, new Activity("watchlist_update", "watchlist", "update", id, details), cancellation);
        return (before, (await FindAsync(connection, id, cancellation))!);
    }
}
