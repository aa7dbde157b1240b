using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using static CryptoAI.Tests.Storage.Market.Market;

namespace CryptoAI.Tests.Storage.Market;

public sealed class CryptocurrencyStoreTests
{
    [Fact]
    public async Task An_unknown_asset_gets_a_row_and_a_known_one_keeps_what_others_said_of_it()
    {
        await using var market = await CreateAsync();
        var id = await market.Cryptocurrencies.EnsureAsync(Info("BTC"), "binance", CancellationToken.None);
        await market.ExecuteAsync(
            """update cryptocurrencies set name = 'Bitcoin', external_ids = external_ids || '{"coingecko":"bitcoin","binance":"OLD"}', is_active = false""");

        (await market.Cryptocurrencies.EnsureAsync(Info("BTC"), "binance", CancellationToken.None)).ShouldBe(id);
        (await market.Cryptocurrencies.EnsureAsync(Info("BTC"), "simulated", CancellationToken.None)).ShouldBe(id);

        var row = (await market.Cryptocurrencies.GetAsync("BTC"))!;
        row.Id.ShouldBe(id);
        row.Name.ShouldBe("Bitcoin");
        row.IsActive.ShouldBeTrue();
        row.IsSupported.ShouldBeTrue();
        row.ExternalIds.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()).ShouldBe(
            new Dictionary<string, string?> { ["binance"] = "BTCUSDT", ["coingecko"] = "bitcoin", ["simulated"] = "BTCUSDT" }, ignoreOrder: true);
        (await market.Cryptocurrencies.GetAsync("ETH")).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_changes()
    {
        await using var market = await CreateAsync();
        var id = await market.AddAsync();
        var version = await market.ScalarAsync<string>("select xmin::text || ctid::text from cryptocurrencies");

        (await market.AddAsync()).ShouldBe(id);

        (await market.ScalarAsync<string>("select xmin::text || ctid::text from cryptocurrencies")).ShouldBe(version);
    }

    [Fact]
    public async Task Many_at_once_make_one_row()
    {
        await using var market = await CreateAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => market.AddAsync()));

        ids.Distinct().Count().ShouldBe(1);
        (await market.ScalarAsync<long>("select count(*) from cryptocurrencies")).ShouldBe(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Pages_are_complete_and_without_repeats(int limit)
    {
        await using var market = await CreateAsync();
        decimal?[] volumes = [5, null, 7.25m, 5, 0, null, 5, 0, 1e20m, null, 3];
        for (var i = 0; i < volumes.Length; i++)
        {
            await market.AddAsync($"S{i:00}");
            if (volumes[i] is { } volume)
            {
                await market.ExecuteAsync($"update cryptocurrencies set total_volume = {volume} where symbol = 'S{i:00}'");
            }
        }

        await market.ExecuteAsync("insert into cryptocurrencies (symbol, name, is_active) values ('GONE', 'gone', false)");
        string[] order = ["S08", "S02", "S00", "S03", "S06", "S10", "S04", "S07", "S01", "S05", "S09"];

        (await WalkAsync(row => row.Symbol)).ShouldBe(order);
        (await WalkAsync(row => row.Cursor)).ShouldBe(order);

        async Task<List<string>> WalkAsync(Func<CryptocurrencyRow, string> position)
        {
            var seen = new List<string>();
            string? after = null;
            while (await market.Cryptocurrencies.ListAsync(after, limit) is { Count: > 0 } page)
            {
                page.Count.ShouldBeLessThanOrEqualTo(limit);
                seen.AddRange(page.Select(row => row.Symbol));
                after = position(page[^1]);
            }

            return seen;
        }
    }

    [Fact]
    public async Task A_cursor_keeps_its_place_while_volumes_move()
    {
        await using var market = await CreateAsync();
        for (var i = 0; i < 6; i++)
        {
            await market.AddAsync($"S{i}");
            await market.ExecuteAsync($"update cryptocurrencies set total_volume = {100 - i} where symbol = 'S{i}'");
        }

        var first = await market.Cryptocurrencies.ListAsync(null, 3);
        await market.ExecuteAsync("update cryptocurrencies set total_volume = 1 where symbol = 'S2'");

        (await market.Cryptocurrencies.ListAsync(first[^1].Cursor, 2)).Select(row => row.Symbol).ShouldBe(["S3", "S4"]);
        (await market.Cryptocurrencies.ListAsync("NONE", 2)).ShouldBeEmpty();
        (await market.Cryptocurrencies.ListAsync("x~y", 2)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_latest_figures_win_and_older_ones_never_come_back()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        var writer = market.Writer();
        writer.SetQuote(btc, Quote(1m, 0), Info("BTC"));
        writer.SetQuote(btc, new Quote("BTC", 65000.123456789m, Midnight.AddSeconds(2), 9.876m, 1.23456m, null, -5m), Info("BTC"));
        writer.SetQuote(eth, Quote(3m, 1), Info("ETH"));
        await writer.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(async () => (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice is not null);

        var row = (await market.Cryptocurrencies.GetAsync("BTC"))!;
        row.CurrentPrice.ShouldBe(65000.12345679m);
        row.TotalVolume.ShouldBe(9.88m);
        row.PriceChangePercentage24h.ShouldBe(1.2346m);
        row.PriceChangePercentage7d.ShouldBeNull();
        row.PriceChangePercentage30d.ShouldBe(-5m);
        row.LastDataUpdate.ShouldBe(Midnight.AddSeconds(2));

        writer.SetQuote(btc, Quote(7m, 1), Info("BTC"));
        writer.SetQuote(eth, Quote(4m, 5), Info("ETH"));
        await Eventually.TrueAsync(async () => (await market.Cryptocurrencies.GetAsync("ETH"))!.CurrentPrice == 4m);
        (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice.ShouldBe(65000.12345679m);
    }

    [Fact]
    public async Task Impossible_figures_do_not_keep_others_out_and_unchanged_ones_are_not_written()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        var writer = await market.StartedWriterAsync();
        writer.SetQuote(btc, Quote(-1m, 1), Info("BTC"));
        writer.SetQuote(eth, Quote(3m, 1), Info("ETH"));
        await Eventually.TrueAsync(async () => (await market.Cryptocurrencies.GetAsync("ETH"))!.CurrentPrice == 3m);
        (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice.ShouldBeNull();

        var version = await market.ScalarAsync<string>("select xmin::text from cryptocurrencies where symbol = 'ETH'");
        writer.SetQuote(eth, Quote(3m, 1), Info("ETH"));
        writer.SetQuote(btc, Quote(2m, 2), Info("BTC"));
        await Eventually.TrueAsync(async () => (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice == 2m);
        (await market.ScalarAsync<string>("select xmin::text from cryptocurrencies where symbol = 'ETH'")).ShouldBe(version);
    }

    [Fact]
    public async Task Figures_set_while_the_database_is_away_arrive_when_it_is_back()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var writer = await market.StartedWriterAsync();
        await market.DisconnectEveryoneAsync(stayAway: true);
        writer.SetQuote(btc, Quote(1m, 1), Info("BTC"));
        await Eventually.TrueAsync(() => writer.Status.Failures >= 2);

        await market.LetInAsync();

        await Eventually.TrueAsync(async () => (await market.Cryptocurrencies.GetAsync("BTC"))!.CurrentPrice == 1m);
    }

    [Fact]
    public async Task Accesses_add_up_by_asset_and_timeframe()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        var eth = await market.AddAsync("ETH");
        await market.ExecuteAsync("""update cryptocurrencies set timeframe_usage = '{"1h": 7, "1d": 2}', access_count = 9 where symbol = 'BTC'""");
        using var counter = new AccessCounter(market.DataSource, TimeProvider.System, NullLogger<AccessCounter>.Instance);
        counter.Mark(btc, Timeframe.H1);
        counter.Mark(btc, Timeframe.H1);
        counter.Mark(btc, Timeframe.M1);
        counter.Mark(btc, null);
        counter.Mark(eth, null);
        await counter.FlushAsync(CancellationToken.None);
        await counter.FlushAsync(CancellationToken.None);

        var row = (await market.Cryptocurrencies.GetAsync("BTC"))!;
        row.AccessCount.ShouldBe(13);
        row.LastAccessedAt.ShouldNotBeNull();
        row.TimeframeUsage.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetInt64()).ShouldBe(
            new Dictionary<string, long> { ["1m"] = 1, ["1d"] = 2, ["1h"] = 9 }, ignoreOrder: true);
        var other = (await market.Cryptocurrencies.GetAsync("ETH"))!;
        other.AccessCount.ShouldBe(1);
        other.TimeframeUsage.EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task Accesses_that_could_not_be_written_are_kept()
    {
        await using var market = await CreateAsync();
        var btc = await market.AddAsync();
        using var counter = new AccessCounter(market.DataSource, TimeProvider.System, NullLogger<AccessCounter>.Instance);
        counter.Mark(btc, Timeframe.H1);
        await market.DisconnectEveryoneAsync(stayAway: true);
        await Should.ThrowAsync<Npgsql.NpgsqlException>(() => counter.FlushAsync(CancellationToken.None));
        counter.Mark(btc, Timeframe.H1);
        await market.LetInAsync();

        await counter.FlushAsync(CancellationToken.None);

        (await market.Cryptocurrencies.GetAsync("BTC"))!.AccessCount.ShouldBe(2);
    }

    private static Quote Quote(decimal price, int second) => new("X", price, Midnight.AddSeconds(second), null, null, null, null);
}
