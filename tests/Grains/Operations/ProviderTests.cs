using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations.Providers;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Macro;
using CryptoAI.Tests.Grains.History;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Tests.Grains.Operations;

/// <summary>From files and mappings to rows.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    private HistoryRig rig = null!;

    public async Task InitializeAsync() => rig = await HistoryRig.CreateAsync();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task Each_configured_provider_is_a_job_that_stores_what_is_new()
    {
        var file = rig.Write("caps.csv", "date,id,symbol,market_cap", "2024-02-29,bitcoin,btc,1000", "2024-02-29,batcat,btc,1", "2024-02-29,new,NEW,5", "2024-03-01,bitcoin,btc,1100");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Providers:Sources:caps:Address"] = file,
            ["Providers:Sources:caps:Format"] = "csv",
            ["Providers:Sources:caps:Time"] = "date",
            ["Providers:Sources:caps:Schedule"] = "daily 00:20",
            ["Providers:Sources:caps:Caps:Id"] = "id",
            ["Providers:Sources:caps:Caps:Symbol"] = "symbol",
            ["Providers:Sources:caps:Caps:MarketCap"] = "market_cap",
        }).Build();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Action<CryptoAI.Grains.Interfaces.Operations.ApiCall>>(static _ => { })
            .AddSingleton(new SeriesStore(rig.Database.DataSource))
            .AddSingleton(new MarketCapStore(rig.Database.DataSource))
            .AddProviders(configuration)
            .BuildServiceProvider();
        await rig.Store.FindAsync("BTC", create: true, CancellationToken.None);

        var job = services.GetServices<IJob>().Single();
        (job.Name, job.Schedule.ToString()).ShouldBe(("poll-caps", "daily 00:20"));
        (await RunAsync()).ShouldBe("""{"answers":[{"caps":{"new":2,"equal":0,"revised":0,"differing":0,"unknown":2,"shown":1}}]}""");
        (await RunAsync()).ShouldBe("""{"answers":[{"caps":{"new":0,"equal":2,"revised":0,"differing":0,"unknown":2,"shown":0}}]}""");
        (await rig.ScalarAsync<decimal>("select market_cap from cryptocurrencies where symbol = 'BTC'")).ShouldBe(1100, "the largest of a symbol has it");

        async Task<string> RunAsync() => (await job.RunAsync(new JobRun(default, null), CancellationToken.None))!.ToJsonString();
    }

    [Fact]
    public async Task A_single_new_value_is_held_to_what_is_stored_before_it()
    {
        var intake = new ProviderIntake(new SeriesStore(rig.Database.DataSource), new MarketCapStore(rig.Database.DataSource));
        var day = new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero);
        var caps = new CapMapping { Symbol = "symbol", MarketCap = "cap", Create = true };
        (await StoreAsync([.. Enumerable.Range(0, 20).Select(i => (day.AddDays(i), 50m))], 1e9m)).ShouldNotContain("findings");
        (await StoreAsync([(day.AddDays(20), 51m)], 1.1e9m)).ShouldNotContain("findings", customMessage: "nothing is wrong with it");
        var spiked = await StoreAsync([(day.AddDays(21), 5100m)], 1.1e11m);
        spiked.ShouldContain("2024-02-22 has 100\\u00D7 the value of the day before");
        spiked.ShouldContain("X: 2024-02-22 has 100\\u00D7 the value of the day before");
        spiked.ShouldContain("\"excluded\"");
        (await rig.ScalarAsync<string>("select coalesce(market_cap_rank::text, '-') || ' ' || trim_scale(market_cap) from cryptocurrencies where symbol = 'X'")).ShouldBe("- 1100000000");
        (await StoreAsync([(day.AddDays(22), 52m)], 1.2e9m)).ShouldNotContain("excluded");
        (await rig.ScalarAsync<string>("select coalesce(market_cap_rank::text, '-') || ' ' || trim_scale(market_cap) from cryptocurrencies where symbol = 'X'")).ShouldBe("1 1200000000");

        // What no column holds is named and left out, and the rest is stored.
        var huge = await intake.StoreAsync("p", new ProviderAnswer([], [new CapReading("x", null, day.AddDays(23), 1.2e9m, 1e15m, -1m, null)]), caps, revise: true, CancellationToken.None);
        huge["caps"]!["findings"]![0]!.GetValue<string>().ShouldBe("X: the price 1000000000000000 of 2024-02-24 cannot be and is left out");
        huge["caps"]!["new"]!.GetValue<int>().ShouldBe(1);

        async Task<string> StoreAsync((DateTimeOffset Time, decimal Value)[] values, decimal cap) => (await intake.StoreAsync(
            "p", new ProviderAnswer([new SeriesReading("s", Timeframe.D1, null, values, 0)], [.. values.Select(value => new CapReading("x", null, value.Time, cap, null, null, null))]),
            caps, revise: true, CancellationToken.None)).ToJsonString();
    }

    [Fact]
    public async Task An_identifier_decides_where_an_asset_names_one_and_assets_are_made_when_asked_for()
    {
        var caps = new MarketCapStore(rig.Database.DataSource);
        await rig.ScalarAsync<object>(
            """insert into cryptocurrencies (symbol, name, external_ids) values ('LUNA2', 'x', '{"coingecko": "terra-luna-2"}'), ('UNI', 'x', '{"coingecko": "uniswap"}')""");
        (string?, string?, decimal?)[] given = [("LUNA", "terra-luna-2", 5m), ("UNI", "unicorn", 900m), ("SOL", "solana", 7m), (null, "nobody", 1m), ("no symbol", null, 1m)];

        (await caps.ResolveAsync("coingecko", given, create: false, CancellationToken.None)).Select(static id => id is not null)
            .ShouldBe([true, false, false, false, false], "UNI is another's symbol");
        (await caps.ResolveAsync("coingecko", given, create: true, CancellationToken.None)).Select(static id => id is not null)
            .ShouldBe([true, false, true, false, false]);
        (await rig.ScalarAsync<string>("select symbol || coingecko_id || is_active from cryptocurrencies where symbol = 'SOL'")).ShouldBe("SOLsolanafalse");
    }

    [RecordedDataFact("vix_daily_to_2025-06.csv.gz", "btc_dominance_daily_to_2025-06.csv.gz", "coinmarketcap_top200_monthly_2020_2024.csv.gz")]
    public async Task Recorded_series_come_in_once_with_their_own_times()
    {
        var import = new SeriesImport(rig.Database.DataSource, TimeProvider.System);
        (await ImportAsync("vix_daily_to_2025-06.csv.gz", "vix")).ShouldStartWith("""{"vix":{"new":8960,"equal":0,"revised":0,"differing":0,"holes":0,"findings":["1 days are missing from 2024-01-01 to""");
        (await ImportAsync("vix_daily_to_2025-06.csv.gz", "vix")).ShouldStartWith("""{"vix":{"new":0,"equal":8960,"revised":0,"differing":0,"holes":0,""");
        (await ImportAsync("btc_dominance_daily_to_2025-06.csv.gz", "btc_dominance")).ShouldContain("\"new\":4417");
        var vix = await new SeriesStore(rig.Database.DataSource).ReadAsync(
            "vix", Timeframe.D1, new(1990, 1, 2, 0, 0, 0, TimeSpan.Zero), new(1990, 1, 3, 0, 0, 0, TimeSpan.Zero), CancellationToken.None);
        vix.Single().Value.ShouldBe(17.24m);

        var caps = Path.Combine(RecordedData.Folder!, "coinmarketcap_top200_monthly_2020_2024.csv.gz");
        (await import.ImportCapsAsync(caps, create: true, "coinmarketcap", CancellationToken.None)).ToJsonString().ShouldContain("\"revised\":0");
        var first = await rig.RowsOfCapsAsync();
        (await import.ImportCapsAsync(caps, create: true, "coinmarketcap", CancellationToken.None)).ToJsonString().ShouldContain("\"new\":0");
        (await rig.RowsOfCapsAsync()).ShouldBe(first);

        async Task<string> ImportAsync(string file, string name) => (await import.ImportAsync(
            Path.Combine(RecordedData.Folder!, file), name, Timeframe.D1, null, null, CancellationToken.None)).ToJsonString();
    }

    [Fact]
    public async Task A_file_of_several_columns_needs_to_be_told_which_holds_the_series()
    {
        var path = rig.Write("mixed.csv", "date,a,b", "2024-02-29,1,2");
        var import = new SeriesImport(rig.Database.DataSource, TimeProvider.System);
        (await Should.ThrowAsync<ProviderException>(() => import.ImportAsync(path, "x", Timeframe.D1, null, null, CancellationToken.None))).Message.ShouldContain("--column");
        await import.ImportAsync(path, "x", Timeframe.D1, "b", "me", CancellationToken.None);
        (await rig.ScalarAsync<string>("select value || ' ' || (metadata ->> 'source') from macro_indicators")).ShouldBe("2 me");
    }
}
