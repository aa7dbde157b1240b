using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Assets;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Assets;

/// <summary>One watchlist: the rules over the stored list, one change at a time.</summary>
public sealed class WatchlistGrain(WatchlistStore store, PlanStore plans, IOptions<PlansOptions> limits) : Grain, IWatchlistGrain
{
    private long Id => this.GetPrimaryKeyLong();

    public Task<Watchlist> ChangeAsync(Actor actor, WatchlistText text, long? version) =>
        store.EditAsync(actor, Id, version, list => WatchlistRules.Change(list, text), "update", null, CancellationToken.None);

    public Task DeleteAsync(Actor actor, long? version) => store.DeleteAsync(actor, Id, version, CancellationToken.None);

    public async Task<Watchlist> AddAsync(Actor actor, string symbol, PositionSide side, WatchlistEntry entry, long? version)
    {
        var plan = await plans.GetAsync(actor.UserId, CancellationToken.None) ?? throw RefusedException.NotFound("account");
        var most = limits.Value.For(plan).MaxAssetsPerWatchlist;
        return await store.EditAsync(
            actor,
            Id,
            version,
            list => WatchlistRules.Add(list.UserId is null ? list : list with { MaxAssets = most }, symbol, side, entry),
            "create",
            symbol,
            CancellationToken.None);
    }

    public Task<Watchlist> ChangeAssetAsync(Actor actor, string symbol, PositionSide side, WatchlistEntry entry, long? version) =>
        EditAsync(actor, symbol, version, list => WatchlistRules.ChangeAsset(list, symbol, side, entry), "update");

    public Task<Watchlist> RemoveAsync(Actor actor, string symbol, PositionSide side, long? version) =>
        EditAsync(actor, symbol, version, list => WatchlistRules.Remove(list, symbol, side), "delete");

    public Task<Watchlist> MoveAssetAsync(Actor actor, string symbol, PositionSide side, int position, long? version) =>
        EditAsync(actor, symbol, version, list => WatchlistRules.Move(list, symbol, side, position), "update");

    public async Task<string> ShareAsync(Actor actor)
    {
        var token = Tokens.Create();
        await store.ShareAsync(actor, Id, Tokens.Hash(token), CancellationToken.None);
        return token;
    }

    public Task<Watchlist> UnshareAsync(Actor actor) => store.ShareAsync(actor, Id, tokenHash: null, CancellationToken.None);

    private Task<Watchlist> EditAsync(Actor actor, string symbol, long? version, Func<Watchlist, Watchlist> edit, string action) =>
        store.EditAsync(actor, Id, version, edit, action, symbol, CancellationToken.None);
}

/// <summary>The lists of one person, or the default ones.</summary>
public sealed class WatchlistShelfGrain(WatchlistStore store, PlanStore plans, IOptions<PlansOptions> limits) : Grain, IWatchlistShelfGrain
{
    /// <summary>Assets of a default list whose administrator says nothing else.</summary>
    private const int DefaultMaxAssets = 100;

    private const int MaxDefaultLists = 50;

    private long? Owner => this.GetPrimaryKeyLong() is not 0 and var id ? id : null;

    public async Task<Watchlist> CreateAsync(Actor actor, WatchlistText text)
    {
        RequireOwn(actor);
        var known = WatchlistRules.Checked(text, isDefault: Owner is null);
        var plan = await plans.GetAsync(actor.UserId, CancellationToken.None) ?? throw RefusedException.NotFound("account");
        var allowed = limits.Value.For(plan);
        return Owner is null
            ? await store.CreateAsync(actor, null, known, known.MaxAssets ?? DefaultMaxAssets, MaxDefaultLists, CancellationToken.None)
            : await store.CreateAsync(actor, Owner, known, allowed.MaxAssetsPerWatchlist, allowed.MaxWatchlists, CancellationToken.None);
    }

    public Task MoveAsync(Actor actor, long watchlistId, int position)
    {
        RequireOwn(actor);
        return position < 0
            ? throw RefusedException.Invalid("position", "Must not be negative.")
            : store.MoveAsync(actor, Owner, watchlistId, position, CancellationToken.None);
    }

    private void RequireOwn(Actor actor)
    {
        if (Owner is { } owner && owner != actor.UserId)
        {
            throw RefusedException.NotFound("watchlist");
        }
    }
}
