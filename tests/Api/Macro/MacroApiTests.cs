using System.Globalization;
using System.Text.Json;
using CryptoAI.Api.Macro;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Macro;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans;

namespace CryptoAI.Tests.Api.Macro;

/// <summary>The state of the whole market over the running product, from recorded days moved so that they end now. ETH is what the exchange is followed for.</summary>
public sealed class MacroApiTests : IAsyncLifetime
{
    private const string Bitcoin = "binance_spot_BTCUSDT_1d_to_2025-06.csv.gz";
    private const string Caps = "coingecko_top60_daily_2021.csv.gz";
    private const string FearGreed = "fear_greed_alternative_me_daily_to_2025-06.csv.gz";
    private const string Stablecoins = "stablecoin_supply_daily_to_2025-06.csv.gz";

    private DateTimeOffset Today { get; set; }

    public async Task InitializeAsync() => Today = await Midnight.TodayAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_fresh_installation_says_that_it_does_not_know()
    {
        await using var rig = await StartAsync();
        var regime = await rig.GetAsync("/api/v1/market/regime");
        regime.GetProperty("current").ValueKind.ShouldBe(JsonValueKind.Null);
        regime.GetProperty("unknown").GetString().ShouldBe("unknown: 0 of 366 days");
        (await rig.GetAsync("/api/v1/market/sentiment")).GetProperty("unknown").GetString()!.ShouldStartWith("unknown: BTC has 0 days");
        (await rig.GetAsync("/api/v1/market/dominance")).GetProperty("unknown").GetString()!.ShouldContain("fewer than 10 assets");
        (await rig.GetAsync("/api/v1/market/regime/history")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await rig.GetAsync("/api/v1/market/overview")).GetProperty("regime").GetProperty("unknown").GetString().ShouldBe("unknown: 0 of 366 days");

        await AddAssetAsync(rig, "BTC");
        await AddDaysAsync(rig, "BTC", [.. Enumerable.Range(0, 120).Select(i => (Today.AddDays(i - 120), 100m + i, 1m))]);
        await MacroGrain(rig).RefreshAsync();
        (await rig.GetAsync("/api/v1/market/regime")).GetProperty("unknown").GetString().ShouldBe("unknown: 120 of 366 days");

        (await rig.RefusedAsync("/api/v1/market/regime/history?limit=0", 400)).GetProperty("errors").GetProperty("limit").GetArrayLength().ShouldBe(1);
        (await rig.RefusedAsync("/api/v1/market/dominance/history?after=x", 400)).GetProperty("errors").TryGetProperty("after", out _).ShouldBeTrue();
        (await rig.RefusedAsync("/api/v1/market/macro-indicators/vix?timeframe=2d", 400)).GetProperty("errors").TryGetProperty("timeframe", out _).ShouldBeTrue();
    }

    [RecordedDataFact(Bitcoin, Caps, FearGreed, Stablecoins)]
    public async Task Recorded_days_are_told_once_and_a_change_is_heard()
    {
        await using var rig = await StartAsync();
        // The history of what is followed is there before the first look.
        await rig.LiveAsync();
        await using var client = await rig.ConnectAsync();
        // The relay has looked before anything is known, so that what comes is news.
        await Eventually.TrueAsync(() => rig.App.Services.GetServices<IHostedService>().OfType<RegimeRelay>().Single().HasLooked);
        await MacroGrain(rig).RefreshAsync();

        // They hold a collapse and end in a quiet autumn, moved to three days ago: the last two days are still to come.
        var days = Shifted(Bitcoin, 800, Today.AddDays(-3), static row => (row[4], row[5]), until: "2020-10-16");
        await AddAssetAsync(rig, "BTC");
        await AddDaysAsync(rig, "BTC", days);
        await AddCapsAsync(rig);
        var series = rig.App.Services.GetRequiredService<SeriesStore>();
        foreach (var (name, file) in new[] { ("fear_greed", FearGreed), ("stablecoin_supply", Stablecoins) })
        {
            SeriesPoint[] points = [.. Shifted(file, 800, Today.AddDays(-2), static row => (row[1], row[1])).Select(static day => new SeriesPoint(day.Day, day.Close))];
            await series.WriteAsync(name, Timeframe.D1, "recorded", null, points, revise: false, CancellationToken.None);
        }

        var first = await MacroGrain(rig).RefreshAsync();
        first.Regimes.ShouldBe(800 - 365);
        first.Sentiments.ShouldBeGreaterThan(400);
        first.Dominances.ShouldBe(365);
        var heard = await client.NextAsync("regime");
        heard.GetProperty("before").ValueKind.ShouldBe(JsonValueKind.Null);
        heard.GetProperty("now").GetProperty("regime").GetString().ShouldBe(first.State.Regime!.Regime.ToString().ToLowerInvariant());

        var again = await MacroGrain(rig).RefreshAsync();
        (again.Regimes, again.Sentiments, again.Dominances).ShouldBe((0, 0, 0), "the same again changes nothing");
        await CheckAnswersAsync(rig);

        // The market collapses in two days.
        var last = days[^1].Close;
        await AddDaysAsync(rig, "BTC", [(Today.AddDays(-2), last * 0.6m, 1m), (Today.AddDays(-1), last * 0.5m, 1m)]);
        var collapsed = await MacroGrain(rig).RefreshAsync();
        collapsed.Regimes.ShouldBe(2);
        collapsed.State.Regime!.Regime.ShouldBe(MarketRegime.Bear);
        var change = await client.NextAsync("regime");
        change.GetProperty("before").GetString().ShouldBe(first.State.Regime.Regime.ToString().ToLowerInvariant());
        change.GetProperty("now").GetProperty("regime").GetString().ShouldBe("bear");

        // Walking through everything anew says of the earlier days what was said then.
        var newest = (await rig.GetAsync("/api/v1/market/regime/history?limit=5")).GetProperty("items");
        newest[0].GetProperty("at").GetDateTimeOffset().ShouldBe(Today);
        newest[2].GetProperty("confidence").GetDouble().ShouldBe(first.State.Regime.Confidence);
    }

    private async Task CheckAnswersAsync(ApiRig rig)
    {
        var overview = await rig.GetAsync("/api/v1/market/overview");
        var regime = overview.GetProperty("regime").GetProperty("current");
        regime.GetProperty("at").GetDateTimeOffset().ShouldBe(Today.AddDays(-2));
        (regime.GetProperty("bear").GetDouble() + regime.GetProperty("sideways").GetDouble() + regime.GetProperty("bull").GetDouble()).ShouldBe(1, 1e-9);
        var sentiment = overview.GetProperty("sentiment").GetProperty("current");
        sentiment.GetProperty("index").GetDouble().ShouldBeInRange(0, 100);
        sentiment.GetProperty("external")[0].GetProperty("name").GetString().ShouldBe("fear_greed");
        var parts = sentiment.GetProperty("parts").EnumerateArray().ToDictionary(static part => part.GetProperty("name").GetString()!);
        parts["momentum"].GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Number);
        parts["breadth"].GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Null, "too few assets have days");
        var dominance = (await rig.GetAsync("/api/v1/market/dominance")).GetProperty("current");
        (dominance.GetProperty("btc").GetDouble() + dominance.GetProperty("eth").GetDouble() + dominance.GetProperty("alts").GetDouble()).ShouldBe(100, 1e-6);
        var standIns = dominance.GetProperty("doubted").EnumerateArray().Count(static asset => !asset.GetProperty("isLeftOut").GetBoolean());
        dominance.GetProperty("assets").GetInt32().ShouldBe(60 + standIns, "60 are stated each day, not always the same");
        standIns.ShouldBeGreaterThan(0);

        var page = await rig.GetAsync("/api/v1/market/regime/history?limit=300");
        var rest = await rig.GetAsync($"/api/v1/market/regime/history?limit=300&after={page.GetProperty("next").GetString()}");
        var times = page.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray())
            .Select(static item => item.GetProperty("at").GetDateTimeOffset()).ToArray();
        times.Length.ShouldBe(800 - 365);
        times.ShouldBe(times.OrderDescending());
        times.Distinct().Count().ShouldBe(times.Length);
        rest.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);

        var indicators = (await rig.GetAsync("/api/v1/market/macro-indicators")).EnumerateArray().Select(static item => item.GetProperty("name").GetString()).ToArray();
        indicators.ShouldBeSubsetOf(["fear_greed", "stablecoin_supply", "market_cap_total", "market_breadth_50d"]);
        indicators.ShouldContain("market_cap_total");
        (await rig.GetAsync("/api/v1/market/macro-indicators/fear_greed?limit=3")).GetProperty("items").GetArrayLength().ShouldBe(3);
    }

    private static Task<ApiRig> StartAsync() => ApiRig.StartAsync(
        "--Feed:Symbols", "ETHUSDT", "--Api:RequestBurst", "1000000", "--Tasks:Schedules:macro-analysis", "on request", "--Tasks:Schedules:asset-ranking", "on request");

    private static IMacroGrain MacroGrain(ApiRig rig) => rig.App.Services.GetRequiredService<IGrainFactory>().GetGrain<IMacroGrain>(MacroChannels.Key);

    /// <summary>The last rows of a recorded file whose first column is the day, moved so that the last one is on a day.</summary>
    private static (DateTimeOffset Day, decimal Close, decimal Volume)[] Shifted(
        string file, int count, DateTimeOffset lastDay, Func<string[], (string Close, string Volume)> read, string until = "9")
    {
        using var reader = RecordedData.Open(file);
        reader.ReadLine();
        var rows = new List<string[]>();
        while (reader.ReadLine() is { } line && string.CompareOrdinal(line, until) < 0)
        {
            rows.Add(line.Split(','));
        }

        var end = DateTimeOffset.Parse(rows[^1][0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return [.. rows.TakeLast(count).Select(row => (
            lastDay + (DateTimeOffset.Parse(row[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - end),
            decimal.Parse(read(row).Close, CultureInfo.InvariantCulture), decimal.Parse(read(row).Volume, CultureInfo.InvariantCulture)))];
    }

    private static async Task<long> AddAssetAsync(ApiRig rig, string symbol)
    {
        await using var command = rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "insert into cryptocurrencies (symbol, name) values ($1, $1) on conflict (symbol) do update set name = excluded.name returning id");
        command.Parameters.AddWithValue(symbol);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task AddDaysAsync(ApiRig rig, string symbol, (DateTimeOffset Day, decimal Close, decimal Volume)[] days)
    {
        var database = rig.App.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var months = database.CreateCommand("select ensure_price_partitions($1, $2)"))
        {
            months.Parameters.AddWithValue(days[0].Day);
            months.Parameters.AddWithValue(days[^1].Day);
            await months.ExecuteNonQueryAsync();
        }

        await using var command = database.CreateCommand(
            """
            insert into price_data (crypto_id, timeframe, open_price, high_price, low_price, close_price, volume, candle_time)
            select c.id, '1d', close, close, close, close, volume, at
            from cryptocurrencies c, unnest($2, $3, $4) as day (at, close, volume) where c.symbol = $1
            """);
        command.Parameters.AddWithValue(symbol);
        command.Parameters.AddWithValue(days.Select(static day => day.Day).ToArray());
        command.Parameters.AddWithValue(days.Select(static day => decimal.Round(day.Close, 8)).ToArray());
        command.Parameters.AddWithValue(days.Select(static day => decimal.Round(day.Volume, 2)).ToArray());
        await command.ExecuteNonQueryAsync();
    }

    private async Task AddCapsAsync(ApiRig rig)
    {
        using var reader = RecordedData.Open(Caps);
        reader.ReadLine();
        var ids = new Dictionary<string, long>(StringComparer.Ordinal);
        var caps = new List<MarketCap>();
        var end = new DateTimeOffset(2021, 12, 31, 0, 0, 0, TimeSpan.Zero);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            var symbol = fields[2] switch { "bitcoin" => "BTC", "ethereum" => "ETH", var other => other.ToUpperInvariant() };
            if (!ids.TryGetValue(symbol, out var id))
            {
                ids.Add(symbol, id = await AddAssetAsync(rig, symbol));
            }

            var at = Today.AddDays(-2) + (DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - end);
            caps.Add(new MarketCap(id, at, decimal.Parse(fields[4], CultureInfo.InvariantCulture), null, null, null));
        }

        await rig.App.Services.GetRequiredService<MarketCapStore>().WriteAsync("recorded", caps, revise: false, CancellationToken.None);
    }
}
