using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Macro;
using CryptoAI.Tests.Postgres;

namespace CryptoAI.Tests.Storage.Macro;

public sealed class SeriesStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Day = new(2024, 2, 28, 0, 0, 0, TimeSpan.Zero);

    private TestDatabase database = null!;

    private SeriesStore Series => new(database.DataSource);

    private MarketCapStore Caps => new(database.DataSource);

    public async Task InitializeAsync() => database = await PostgresFixture.CreateDatabaseAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task A_value_stands_once_at_its_own_time_and_the_same_again_changes_nothing()
    {
        SeriesPoint[] given = [new(Day.AddDays(1), 13.84m), new(Day, 13.43m), new(Day, 13.4m)];
        (await WriteAsync("cboe", given)).ShouldBe(new SeriesCounts(New: 2, Equal: 0, Revised: 0, Differing: 0));
        var written = await database.ScalarAsync<string>("select string_agg(t::text, '|' order by id) from macro_indicators t");
        (await WriteAsync("cboe", given)).ShouldBe(new SeriesCounts(0, 2, 0, 0));

        (await database.ScalarAsync<string>("select string_agg(t::text, '|' order by id) from macro_indicators t")).ShouldBe(written);
        (await Series.ReadAsync("vix", Timeframe.D1, Day, Day.AddDays(2), default))
            .ShouldBe([new(Day, 13.4m), new(Day.AddDays(1), 13.84m)], "of two values for a time the last counts");
        var newest = (await Series.ListNewestAsync(default)).Single();
        (newest.Name, newest.Time, newest.Value, newest.Source, newest.Unit).ShouldBe(("vix", Day.AddDays(1), 13.84m, "cboe", "points"));
        (await Series.ListAsync("vix", Timeframe.D1, newest.Time, 5, default)).Single().Time.ShouldBe(Day);
    }

    [Fact]
    public async Task Only_the_source_of_a_value_may_revise_it_and_what_it_was_is_kept()
    {
        await WriteAsync("cboe", [new(Day, 13m)]);
        (await WriteAsync("other", [new(Day, 14m)])).Differing.ShouldBe(1);
        (await WriteAsync("cboe", [new(Day, 15m)], revise: false)).Differing.ShouldBe(1);
        (await WriteAsync("cboe", [new(Day, 15m)])).Revised.ShouldBe(1);

        (await database.ScalarAsync<string>("select value || ' ' || (metadata ->> 'previous') || ' ' || (metadata ->> 'source') from macro_indicators"))
            .ShouldBe("15 13 cboe");
    }

    [Fact]
    public async Task Capitalisations_are_kept_as_stated_and_the_newest_are_shown_with_their_rank()
    {
        var (btc, eth, old) = (await database.AddAssetAsync(), await database.AddAssetAsync("ETH"), await database.AddAssetAsync("OLD"));
        MarketCap[] given =
        [
            new(btc, Day, 0m, 1m, null, null),
            new(btc, Day.AddDays(1), 1_000_000.005m, 50_000m, 20m, 7m),
            new(eth, Day.AddDays(1), 500_000m, null, 10m, null),
            new(old, Day.AddDays(-30), 900_000m, null, null, null),
        ];
        (await Caps.WriteAsync("gecko", given, revise: true, default)).New.ShouldBe(4);
        (await Caps.WriteAsync("gecko", given, revise: true, default)).ShouldBe(new SeriesCounts(0, 4, 0, 0));
        (await Caps.WriteAsync("gecko", [given[0] with { Value = 3m }], revise: true, default)).Revised.ShouldBe(1);
        (await Caps.WriteAsync("other", [given[0]], revise: true, default)).Differing.ShouldBe(1);

        (await Caps.ShowNewestAsync(TimeSpan.FromDays(2), [], [], default)).ShouldBe(2);
        (await Caps.ShowNewestAsync(TimeSpan.FromDays(2), [], [], default)).ShouldBe(0, "they show it already");
        (await database.ScalarAsync<string>(
            "select string_agg(symbol || ' ' || coalesce(market_cap_rank::text, '-') || ' ' || coalesce(market_cap::text, '-'), ', ' order by symbol) from cryptocurrencies"))
            .ShouldBe("BTC 1 1000000.01, ETH 2 500000.00, OLD - -");
        await Caps.WriteAsync("gecko", [new(eth, Day.AddDays(60), 1m, null, null, null)], revise: true, default);
        (await Caps.ShowNewestAsync(TimeSpan.FromDays(2), [], [], default)).ShouldBe(2);
        (await database.ScalarAsync<int?>("select market_cap_rank from cryptocurrencies where symbol = 'BTC'")).ShouldBeNull("the newest figures leave it out");
        (await Caps.ReadAsync(Day, Day.AddDays(2), null, default)).Select(static cap => cap.Value).ShouldBe([3m, 1_000_000.01m, 500_000m]);
        (await Caps.ReadAsync(Day, Day.AddDays(2), eth, default)).Single().CirculatingSupply.ShouldBe(10m);

        await Caps.WriteAsync("gecko", [new(btc, Day.AddDays(61), 9m, null, 8m, null), new(eth, Day.AddDays(61), 7m, null, 6m, null)], revise: true, default);
        (await Caps.ShowNewestAsync(TimeSpan.FromDays(2), [btc], [eth], default)).ShouldBe(1);
        (await database.ScalarAsync<string>(
            "select string_agg(symbol || ' ' || coalesce(market_cap_rank::text, '-') || ' ' || coalesce(market_cap::text, '-') || ' ' || trim_scale(circulating_supply), ', ' order by symbol) from cryptocurrencies where symbol <> 'OLD'"))
            .ShouldBe("BTC - 1000000.01 20, ETH 1 7.00 10", "what is not believed is neither shown nor ranked");
    }

    private Task<SeriesCounts> WriteAsync(string source, SeriesPoint[] points, bool revise = true) =>
        Series.WriteAsync("vix", Timeframe.D1, source, "points", points, revise, default);
}
