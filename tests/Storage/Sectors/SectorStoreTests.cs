using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Sectors;
using CryptoAI.Tests.Storage.Market;
using Npgsql;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Sectors;

public sealed class SectorStoreTests
{
    [Fact]
    public async Task The_map_is_applied_to_an_asset_when_it_appears_and_never_over_what_somebody_said()
    {
        await using var market = await CreateAsync();
        var store = new SectorStore(market.DataSource);
        (await market.ScalarAsync<long>("select count(*) from cryptocurrencies")).ShouldBe(0, "the map makes no assets");
        var sectors = (await store.ListAsync(CancellationToken.None)).ToDictionary(static sector => sector.Name, static sector => sector.Id);
        sectors.Count.ShouldBe(17);

        foreach (var symbol in new[] { "BTC", "NEAR", "MATIC", "POL", "MKR", "SKY", "EOS", "A", "FTM", "S", "NOBODYKNOWS" })
        {
            await market.AddAsync(symbol);
        }

        (await SharesAsync("BTC")).ShouldBe([new SectorShare(sectors["Payments"], 100, true)]);
        (await SharesAsync("NEAR")).ShouldBe([new SectorShare(sectors["Layer 1"], 70, true), new SectorShare(sectors["AI & data"], 30, false)], ignoreOrder: true);
        (await SharesAsync("NOBODYKNOWS")).ShouldBeEmpty();
        foreach (var (old, renamed) in new[] { ("MATIC", "POL"), ("MKR", "SKY"), ("EOS", "A"), ("FTM", "S") })
        {
            (await SharesAsync(old)).ShouldBe(await SharesAsync(renamed), old);
            (await SharesAsync(old)).ShouldNotBeEmpty();
        }

        var actor = await AdminAsync(market);
        await store.MapAsync(actor, "BTC", [], null, CancellationToken.None);
        await market.AddAsync("BTC");
        (await SharesAsync("BTC")).ShouldBeEmpty("its row was made before");

        async Task<SectorShare[]> SharesAsync(string symbol) => (await store.GetMappingAsync(symbol, CancellationToken.None))!.Shares;
    }

    [Fact]
    public async Task The_map_covers_two_hundred_coins_and_no_coin_counts_for_more_than_itself()
    {
        await using var market = await CreateAsync();
        (await market.ScalarAsync<long>("select count(distinct symbol) from sector_map")).ShouldBeGreaterThan(400);
        (await market.ScalarAsync<long>(
            "select count(*) from (select symbol from sector_map group by symbol having sum(allocation_percentage) <> 100 or count(*) filter (where is_primary_sector) <> 1) as wrong"))
            .ShouldBe(0);
        (await market.ScalarAsync<long>("select count(*) from crypto_sectors s where not exists (select from sector_map m where m.sector_id = s.id)")).ShouldBe(0);
    }

    [Fact]
    public async Task Changes_are_one_with_their_audit_and_refused_over_what_somebody_else_wrote()
    {
        await using var market = await CreateAsync();
        await market.AddAsync();
        var (store, actor) = (new SectorStore(market.DataSource), await AdminAsync(market));
        var sector = await store.CreateAsync(actor, new SectorText("Science", "Research"), CancellationToken.None);
        (await RefusedAsync(() => store.CreateAsync(actor, new SectorText("Science", null), CancellationToken.None))).ShouldBe(Refusal.Conflict);
        var changed = await store.ChangeAsync(actor, sector.Id, new SectorText("Research", null), sector.Version, CancellationToken.None);
        changed.Version.ShouldNotBe(sector.Version);
        (await RefusedAsync(() => store.ChangeAsync(actor, sector.Id, new SectorText("Late", null), sector.Version, CancellationToken.None))).ShouldBe(Refusal.Stale);
        (await RefusedAsync(() => store.ChangeAsync(actor, sector.Id, new SectorText("DeFi", null), null, CancellationToken.None))).ShouldBe(Refusal.Conflict);
        (await RefusedAsync(() => store.ChangeAsync(actor, 999, new SectorText("X", null), null, CancellationToken.None))).ShouldBe(Refusal.NotFound);

        var before = (await store.GetMappingAsync("BTC", CancellationToken.None))!;
        SectorShare[] shares = [new(before.Shares[0].SectorId, 60, false), new(sector.Id, 40, true)];
        var after = await store.MapAsync(actor, "BTC", shares, before.Version, CancellationToken.None);
        after.Shares.ShouldBe(shares);
        (await RefusedAsync(() => store.MapAsync(actor, "BTC", [], before.Version, CancellationToken.None))).ShouldBe(Refusal.Stale);
        (await RefusedAsync(() => store.MapAsync(actor, "BTC", [new(999, 1, false)], null, CancellationToken.None))).ShouldBe(Refusal.Invalid);
        (await RefusedAsync(() => store.MapAsync(actor, "NONE", [], null, CancellationToken.None))).ShouldBe(Refusal.NotFound);
        (await store.ListMembersAsync(sector.Id, CancellationToken.None)).ShouldBe([new SectorMember("BTC", "BTC", 40, true)]);

        await store.DeleteAsync(actor, sector.Id, null, CancellationToken.None);
        (await RefusedAsync(() => store.DeleteAsync(actor, sector.Id, null, CancellationToken.None))).ShouldBe(Refusal.NotFound);
        (await store.ListAsync(CancellationToken.None)).ShouldNotContain(one => one.Id == sector.Id);
        (await store.ChangeAsync(actor, sector.Id, new SectorText("Research", null), null, CancellationToken.None)).Assets.ShouldBe(1, "what belonged to it still does");
        (await market.ScalarAsync<string>("select string_agg(entity_type || ' ' || action, ', ' order by id) from user_activities where activity_type = 'administration'"))
            .ShouldBe("sector create, sector update, asset update, sector delete, sector update");
    }

    [Fact]
    public async Task Candles_count_before_stated_prices_and_hours_are_those_that_closed()
    {
        await using var market = await CreateAsync();
        var (btc, ltc) = (await market.AddAsync(), await market.AddAsync("LTC"));
        await market.ExecuteAsync(
            $"""
            select ensure_price_partitions('2025-05-01', '2025-06-30');
            insert into price_data (crypto_id, timeframe, open_price, high_price, low_price, close_price, volume, candle_time) values
                ({btc}, '1d', 1, 200, 1, 100, 11, '2025-05-29Z'), ({btc}, '1d', 1, 200, 1, 110, 12, '2025-05-30Z'), ({btc}, '1d', 1, 200, 1, 120, 13, '2025-05-31Z'),
                ({btc}, '1h', 1, 200, 1, 50, 1, '2025-05-31 05:00Z'), ({btc}, '1h', 1, 200, 1, 60, 1, '2025-05-31 06:00Z')
            """);
        await new MarketCapStore(market.DataSource).WriteAsync(
            "test",
            [
                new(btc, Midnight, 1_000, 999, null, 77), new(btc, Midnight.AddHours(-30), 900, 1, null, 1),
                new(ltc, Midnight.AddHours(-1), 500, 9, null, 5), new(ltc, Midnight, 510, 10, null, 6), new(ltc, Midnight.AddSeconds(1), 1, 1, null, 1),
            ],
            revise: false, CancellationToken.None);
        var payments = (await new SectorStore(market.DataSource).GetMappingAsync("BTC", CancellationToken.None))!.Shares[0].SectorId;
        var six = Midnight.AddHours(6);
        var assets = await new SectorInputStore(market.DataSource).ReadAsync(
            payments, Midnight.AddDays(-5), Midnight, [six, six.AddHours(1), six.AddHours(2), six.AddHours(3)], CancellationToken.None);

        assets.Select(static asset => (asset.Symbol, asset.Allocation)).ShouldBe([("BTC", 100m), ("LTC", 100m)]);
        var (may29, may30) = (new DateOnly(2025, 5, 29), new DateOnly(2025, 5, 30));
        assets[0].Days.ShouldBe([new(may29, 100, 11, 900), new(may30, 110, 12, 1_000)]);
        assets[1].Days.ShouldBe([new(may30, 10, 6, 510)]);
        assets[0].Prices.ShouldBe([50.0, 60.0, 60.0, null]);
        assets[1].Prices.ShouldBe([null, null, null, null]);
    }

    [Fact]
    public async Task Readings_are_stored_once_for_each_hour_follow_late_figures_and_go_after_their_time()
    {
        await using var market = await CreateAsync();
        var store = new SectorReadingStore(market.DataSource);
        var (a, b) = ((await new SectorStore(market.DataSource).ListAsync(CancellationToken.None))[0], (await new SectorStore(market.DataSource).ListAsync(CancellationToken.None))[1]);
        StandingReading standing = new(0.5, SectorPhase.Leading, 1, [new(5, 1.5, -0.25, null, 0.5)]);
        SectorReading reading = new(a.Id, Midnight, 1.5, null, -2.25, 10, null, new SectorMetrics(
            0.5, null, 3, 2, [new(1, SectorWeighting.Equal, [new("BTC", 0.75, 1.25)], [new("X", "It has no usable day.")])], standing, null));
        RotationReading rotation = new(
            Midnight, [new(b.Id, b.Name, a.Id, a.Name, 0.75, 1)], [new(a.Id, a.Name, standing, null), new(b.Id, b.Name, null, "has 1 of 2 usable assets")], null);

        (await WriteAsync(reading, rotation)).ShouldBe((1, 1));
        (await WriteAsync(reading, rotation)).ShouldBe((0, 0), "the same again changes nothing");
        var stored = (await store.ListNewestAsync(CancellationToken.None)).Single();
        (stored.Performance24h, stored.Performance7d, stored.Performance30d, stored.VolumeChange, stored.MarketCapChange).ShouldBe((1.5, null, -2.25, 10, null));
        stored.Metrics.Windows[0].Weights.ShouldBe(reading.Metrics.Windows[0].Weights);
        stored.Metrics.Standing!.Horizons.ShouldBe(standing.Horizons);
        (await WriteAsync(reading with { Performance7d = 3 }, rotation with { Rotations = [] })).ShouldBe((1, 1), "one follows, one is taken back");
        (await market.ScalarAsync<long>("select count(*) from sector_rotation_analysis")).ShouldBe(0);

        (await WriteAsync(reading with { At = Midnight.AddHours(1) }, rotation with { At = Midnight.AddHours(1) })).ShouldBe((1, 1));
        (await store.ListAsync(a.Id, null, 10, CancellationToken.None)).Select(static one => one.At).ShouldBe([Midnight.AddHours(1), Midnight]);
        (await store.ListAsync(a.Id, Midnight.AddHours(1), 10, CancellationToken.None)).Single().Performance7d.ShouldBe(3);
        (await WriteAsync(reading with { At = Midnight.AddDays(31) }, rotation with { At = Midnight.AddDays(31) })).ShouldBe((1, 1));
        (await store.DeleteAsync(Midnight.AddDays(1), CancellationToken.None)).ShouldBe(3);
        (await store.ListAsync(a.Id, null, 10, CancellationToken.None)).Single().At.ShouldBe(Midnight.AddDays(31));

        Task<(int, int)> WriteAsync(SectorReading one, RotationReading all) =>
            store.WriteAsync(one.At, [one], all, CancellationToken.None);
    }

    private static async Task<Actor> AdminAsync(Market.Market market) => new(
        await market.ScalarAsync<long>("insert into users (email, password_hash, role) values ('admin@example.org', 'x', 'admin') returning id"), null, null, null);

    private static async Task<Refusal> RefusedAsync(Func<Task> change) => (await Should.ThrowAsync<RefusedException>(change)).Refusal;
}
