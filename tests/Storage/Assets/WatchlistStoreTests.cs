using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Tests.Storage.Assets;

public sealed class WatchlistStoreTests : IAsyncLifetime
{
    private const int Coins = 12;

    private Market.Market _market = null!;
    private WatchlistStore _store = null!;
    private Actor _ada = null!;
    private Actor _admin = null!;

    public async Task InitializeAsync()
    {
        _market = await Market.Market.CreateAsync();
        _store = new WatchlistStore(_market.DataSource);
        for (var i = 0; i < Coins; i++)
        {
            await _market.AddAsync($"C{i}");
        }

        _ada = await UserAsync("ada", "public");
        _admin = await UserAsync("root", "admin");
    }

    public async Task DisposeAsync() => await _market.DisposeAsync();

    [Fact]
    public async Task Parallel_random_edits_end_as_they_would_one_after_another()
    {
        var seed = Random.Shared.Next();
        var list = await MakeAsync(_ada, _ada.UserId);
        var log = new List<(long Version, Func<Watchlist, Watchlist> Edit)>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async editor =>
        {
            var random = new Random(seed + editor);
            for (var i = 0; i < 25; i++)
            {
                var edit = Edit(random.Next(3), $"C{random.Next(Coins)}", random.Next(Coins));
                var stored = await _store.EditAsync(_ada, list.Id, null, edit, "update", "C0", CancellationToken.None);
                lock (log)
                {
                    log.Add((stored.Version, edit));
                }
            }
        }));

        var expected = list;
        foreach (var (_, edit) in log.OrderBy(entry => entry.Version))
        {
            expected = edit(expected);
        }

        var ended = (await _store.GetAsync(_ada.UserId, list.Id, CancellationToken.None))!;
        ended.Version.ShouldBe(201, $"seed {seed}");
        ended.Assets.Select(asset => (asset.Symbol, asset.Position, asset.Entry))
            .ShouldBe(expected.Assets.Select(asset => (asset.Symbol, asset.Position, asset.Entry)), $"seed {seed}");
        (await _market.ScalarAsync<long>("select count(*) from user_activities where entity_type = 'asset'")).ShouldBe(200);
    }

    [Fact]
    public async Task A_refused_edit_leaves_everything_as_it_was()
    {
        var list = await MakeAsync(_ada, _ada.UserId);
        await _store.EditAsync(_ada, list.Id, null, Edit(0, "C1", 0), "create", "C1", CancellationToken.None);
        var before = await _store.GetAsync(_ada.UserId, list.Id, CancellationToken.None);

        await RefusedAsync(Refusal.Invalid, () => _store.EditAsync(_ada, list.Id, null, Edit(0, "NOSUCH", 0), "create", "NOSUCH", CancellationToken.None));
        await RefusedAsync(Refusal.Stale, () => _store.EditAsync(_ada, list.Id, 1, Edit(0, "C2", 0), "create", "C2", CancellationToken.None));
        await RefusedAsync(
            Refusal.Limit,
            () => _store.EditAsync(_ada, list.Id, 2, _ => throw new RefusedException(Refusal.Limit, "Full."), "create", "C2", CancellationToken.None));

        (await _store.GetAsync(_ada.UserId, list.Id, CancellationToken.None))!.ShouldBeEquivalentTo(before);
        (await _market.ScalarAsync<long>("select count(*) from user_activities")).ShouldBe(2);
    }

    [Fact]
    public async Task An_asset_that_comes_back_says_who_added_it_then()
    {
        var list = await MakeAsync(_admin, null);
        var other = await UserAsync("eve", "admin");
        await _store.EditAsync(_admin, list.Id, null, Edit(0, "C1", 0), "create", "C1", CancellationToken.None);
        await _store.EditAsync(other, list.Id, null, Edit(0, "C2", 0), "create", "C2", CancellationToken.None);
        var moved = await _store.EditAsync(other, list.Id, null, Edit(2, "C1", 5), "update", "C1", CancellationToken.None);
        moved.Assets.Select(asset => (asset.Symbol, asset.AddedBy, asset.LastModifiedBy))
            .ShouldBe([("C2", other.UserId, other.UserId), ("C1", _admin.UserId, _admin.UserId)]);

        await _store.EditAsync(_admin, list.Id, null, Edit(1, "C1", 0), "delete", "C1", CancellationToken.None);
        var back = await _store.EditAsync(other, list.Id, null, Edit(0, "C1", 0), "create", "C1", CancellationToken.None);
        back.Assets.Select(asset => (asset.Symbol, asset.AddedBy)).ShouldBe([("C2", other.UserId), ("C1", other.UserId)]);
        (await _market.ScalarAsync<long>("select count(*) from watchlist_assets")).ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_reaches_the_lists_of_others_and_only_administrators_the_default_ones()
    {
        var own = await MakeAsync(_ada, _ada.UserId);
        var everyones = await MakeAsync(_admin, null);

        (await _store.GetAsync(_admin.UserId, own.Id, CancellationToken.None)).ShouldBeNull();
        (await _store.GetAsync(_ada.UserId, everyones.Id, CancellationToken.None)).ShouldNotBeNull();
        await RefusedAsync(Refusal.NotFound, () => _store.EditAsync(_admin, own.Id, null, list => list, "update", null, CancellationToken.None));
        await RefusedAsync(Refusal.NotFound, () => _store.DeleteAsync(_admin, own.Id, null, CancellationToken.None));
        await RefusedAsync(Refusal.NotFound, () => _store.ShareAsync(_admin, own.Id, "hash", CancellationToken.None));
        await RefusedAsync(Refusal.NotFound, () => _store.MoveAsync(_admin, _admin.UserId, own.Id, 0, CancellationToken.None));
        await RefusedAsync(Refusal.Forbidden, () => _store.EditAsync(_ada, everyones.Id, null, list => list, "update", null, CancellationToken.None));
        await RefusedAsync(Refusal.Forbidden, () => _store.MoveAsync(_ada, null, everyones.Id, 0, CancellationToken.None));
        await RefusedAsync(Refusal.Forbidden, () => MakeAsync(_ada, null));
    }

    [Fact]
    public async Task A_limit_of_lists_holds_however_many_are_made_at_once()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            try
            {
                await MakeAsync(_ada, _ada.UserId, limit: 5);
                return true;
            }
            catch (RefusedException refused) when (refused.Refusal == Refusal.Limit)
            {
                return false;
            }
        }));

        made.Count(isMade => isMade).ShouldBe(5);
        (await _store.ListAsync(_ada.UserId, null, 10, CancellationToken.None)).Select(list => list.SortOrder).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public async Task A_deleted_list_is_gone_for_its_link_too()
    {
        var list = await MakeAsync(_ada, _ada.UserId);
        await _store.ShareAsync(_ada, list.Id, "hash", CancellationToken.None);
        (await _store.GetSharedAsync("hash", CancellationToken.None)).ShouldNotBeNull();
        await _store.DeleteAsync(_ada, list.Id, null, CancellationToken.None);
        (await _store.GetSharedAsync("hash", CancellationToken.None)).ShouldBeNull();
        (await _store.GetAsync(_ada.UserId, list.Id, CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>Adds (0), removes (1) or moves (2) an asset; what cannot be done changes nothing.</summary>
    private static Func<Watchlist, Watchlist> Edit(int kind, string symbol, int position) => list =>
    {
        var assets = list.Assets.ToList();
        var index = assets.FindIndex(asset => asset.Symbol == symbol);
        if (kind == 0 && index < 0)
        {
            assets.Add(new WatchlistAsset(symbol, PositionSide.Long, 0, new WatchlistEntry(0.01m * position, null, "note"), null, null, default, default));
        }
        else if (kind != 0 && index >= 0)
        {
            var asset = assets[index];
            assets.RemoveAt(index);
            if (kind == 2)
            {
                assets.Insert(Math.Min(position, assets.Count), asset);
            }
        }

        return list with { Assets = [.. assets.Select((asset, place) => asset with { Position = place })] };
    };

    private static async Task RefusedAsync(Refusal refusal, Func<Task> call) =>
        (await Should.ThrowAsync<RefusedException>(call)).Refusal.ShouldBe(refusal);

    private Task<Watchlist> MakeAsync(Actor actor, long? owner, int limit = 50) =>
        _store.CreateAsync(actor, owner, new WatchlistText("A list", null, null), 50, limit, CancellationToken.None);

    private async Task<Actor> UserAsync(string name, string role) => new(
        await _market.ScalarAsync<long>($"insert into users (email, password_hash, role) values ('{name}@example.org', 'x', '{role}') returning id"),
        null, null, null);
}
