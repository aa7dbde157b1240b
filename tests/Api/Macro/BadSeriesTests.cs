using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;

namespace CryptoAI.Tests.Api.Macro;

/// <summary>From a provider's bad answer over HTTP to what an operator and a caller of the API see, and to what is calculated.</summary>
public sealed class BadSeriesTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> answers = [];
    private WebApplication provider = null!;
    private ApiRig rig = null!;
    private Person admin = null!;

    private static DateTimeOffset Today { get; set; }

    public async Task InitializeAsync()
    {
        Today = await Midnight.TodayAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        provider = builder.Build();
        provider.MapGet("/{name}", (string name) => answers[name]);
        await provider.StartAsync();
        rig = await ApiRig.StartAsync(
        [
            "--Feed:Symbols", "ETHUSDT", "--Api:RequestBurst", "1000000", "--Tasks:Schedules:macro-analysis", "on request",
            .. Source("series", "--Series:fear_greed:Value", "fear", "--Series:stablecoin_supply:Value", "stable", "--Series:btc_dominance:Value", "share", "--Series:vix:Value", "vix"),
            .. Source("caps", "--Caps:Symbol", "symbol", "--Caps:MarketCap", "cap", "--Caps:CirculatingSupply", "supply", "--Caps:Create", "true"),
            .. Source("future", "--Series:fear_greed:Value", "fear"),
        ]);
        admin = await rig.SignInAsync(role: "admin");

        IEnumerable<string> Source(string name, params string[] more) =>
        [
            $"--Providers:Sources:{name}:Address", $"{provider.Urls.Single()}/{name}", $"--Providers:Sources:{name}:Format", "csv",
            $"--Providers:Sources:{name}:Time", "date", $"--Providers:Sources:{name}:Schedule", "on request",
            .. more.Select(text => text.StartsWith("--", StringComparison.Ordinal) ? $"--Providers:Sources:{name}:{text[2..]}" : text),
        ];
    }

    public async Task DisposeAsync()
    {
        admin.Dispose();
        await rig.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task What_is_wrong_is_named_and_has_no_part_in_what_is_calculated()
    {
        answers["series"] = Csv("date,fear,stable,share,vix", Enumerable.Range(-119, 119).SelectMany(static day => day == -5 ? new[] { Row(day, 60), Row(day, 7) } : [Row(day, 60)]));
        answers["caps"] = Csv("date,symbol,cap,supply", Enumerable.Range(-60, 61).SelectMany(Caps));
        answers["future"] = Csv("date,fear", [Invariant($"{Today.AddDays(-400):yyyy-MM-dd},50"), "2099-01-01,50"]);

        // The operator.
        var series = (await RunAsync("poll-series", "completed")).GetProperty("result").GetProperty("answers")[0];
        Findings(series, "fear_greed").ShouldContain(text => text.Contains("has 100× the value of the day before", StringComparison.Ordinal));
        Findings(series, "stablecoin_supply").ShouldContain(text => text.StartsWith("7 days are missing", StringComparison.Ordinal));
        Findings(series, "stablecoin_supply").ShouldContain(text => text.EndsWith("has the value 0", StringComparison.Ordinal));
        Findings(series, "btc_dominance").ShouldContain(text => text.EndsWith("is there 2 times with different values and is left out", StringComparison.Ordinal));
        series.GetProperty("vix").GetProperty("excluded")[0].GetString()!.ShouldContain("believed again from");
        var caps = (await RunAsync("poll-caps", "completed")).GetProperty("result").GetProperty("answers")[0];
        foreach (var text in (string[])["ETH: ", "ZERO: ", "DUP: ", "GAP: 7 days are missing", "C01 supply: "])
        {
            Findings(caps, "caps").ShouldContain(finding => finding.StartsWith(text, StringComparison.Ordinal), text);
        }

        (await RunAsync("poll-future", "failed")).GetProperty("error").GetString()!.ShouldContain("'date' holds 2099-01-01 00:00:00Z, more than a day after now");
        (await ScalarAsync<long>("select count(*) from macro_indicators where created_at > now() or metadata ->> 'source' = 'future'")).ShouldBe(0);
        (await ScalarAsync<string>("select string_agg(symbol || coalesce(market_cap_rank::text, '-') || coalesce(trim_scale(circulating_supply)::text, ''), ' ' order by symbol) from cryptocurrencies where symbol in ('BTC', 'ETH', 'ZERO', 'C01')"))
            .ShouldBe("BTC1 C012 ETH- ZERO-", "what is not believed is not ranked, nor is its supply shown");

        // What is calculated.
        await ScalarAsync<object>(
            $"""
            select ensure_price_partitions('{Today.AddDays(-300):yyyy-MM-dd}', '{Today:yyyy-MM-dd}');
            insert into price_data (crypto_id, timeframe, open_price, high_price, low_price, close_price, volume, candle_time)
            select c.id, '1d', 100, 200, 100, 100 + d % 13, 1000 + d % 7, timestamptz '{Today:yyyy-MM-dd} 00:00Z' - d * interval '1 day'
            from cryptocurrencies c, generate_series(1, 300) as d where c.symbol = 'BTC'
            """);
        await rig.App.Services.GetRequiredService<IGrainFactory>().GetGrain<IMacroGrain>(MacroChannels.Key).RefreshAsync();
        var dominance = (await rig.GetAsync("/api/v1/market/dominance")).GetProperty("current");
        dominance.GetProperty("at").GetDateTimeOffset().ShouldBe(Today);
        dominance.GetProperty("totalCap").GetDouble().ShouldBe(1e12 + 3e11 + 10e9 + 4e9);
        var doubted = dominance.GetProperty("doubted").EnumerateArray().ToDictionary(static asset => asset.GetProperty("symbol").GetString()!);
        doubted.Keys.Order().ShouldBe(["DUP", "ETH", "MATIC", "ZERO"]);
        doubted["ETH"].GetProperty("reason").GetString()!.ShouldContain("30000000000000 stated for");
        doubted["ZERO"].GetProperty("reason").GetString()!.ShouldStartWith("0 stated for");
        doubted["MATIC"].GetProperty("reason").GetString()!.ShouldContain("MATIC became POL");
        doubted.Where(static asset => asset.Value.GetProperty("isLeftOut").GetBoolean()).Select(static asset => asset.Key).ShouldBe(["MATIC"]);
        var hole = (await rig.GetAsync("/api/v1/market/dominance/history")).GetProperty("items").EnumerateArray().Single(static item => item.GetProperty("at").GetDateTimeOffset() == Today.AddDays(-15));
        hole.GetProperty("doubted").EnumerateArray().Single().GetProperty("symbol").GetString().ShouldBe("GAP");

        // What callers see of the series.
        var overview = await rig.GetAsync("/api/v1/market/overview");
        var shown = overview.GetProperty("indicators").EnumerateArray().ToDictionary(static one => one.GetProperty("name").GetString()!);
        (await rig.GetAsync("/api/v1/market/macro-indicators")).ToString().ShouldBe(overview.GetProperty("indicators").ToString());
        shown["fear_greed"].GetProperty("doubt").GetString()!.ShouldContain("100×");
        shown["stablecoin_supply"].GetProperty("doubt").GetString()!.ShouldContain("has the value 0");
        shown["btc_dominance"].GetProperty("doubt").GetString()!.ShouldContain("1 days are missing");
        shown.Where(static one => one.Value.GetProperty("isExcluded").GetBoolean()).Select(static one => one.Key).ShouldBe(["vix"]);
        shown["market_cap_total"].GetProperty("doubt").ValueKind.ShouldBe(JsonValueKind.Null);
        var moods = (await rig.GetAsync("/api/v1/market/sentiment/history?limit=30")).GetProperty("items").EnumerateArray()
            .ToDictionary(static item => item.GetProperty("at").GetDateTimeOffset(), static item => item.GetProperty("external").GetArrayLength());
        (moods[Today.AddDays(-8)], moods[Today.AddDays(-9)]).ShouldBe((1, 0), "the index of the spiked day is not shown beside ours");

        static string Row(int day, int share) => Invariant(
            $"{Today.AddDays(day):yyyy-MM-dd},{(day == -10 ? 5000 : 50)},{(day == -8 ? "0" : day is >= -30 and < -23 ? "" : "100000000000")},{share},{(day >= -2 ? 2000 : 20)}");
    }

    /// <summary>Capitalisations of one day: twelve without fault and five with one.</summary>
    private static IEnumerable<string> Caps(int day)
    {
        yield return Cap("BTC", 1e12);
        yield return Cap("ETH", day == 0 ? 3e13 : 3e11);
        for (var i = 1; i <= 10; i++)
        {
            yield return Cap(Invariant($"C{i:00}"), 1e9) + (i == 1 ? day == 0 ? "900" : "9" : "");
        }

        yield return Cap("ZERO", day == 0 ? 0 : 1e9);
        yield return Cap(day < -10 ? "MATIC" : "POL", 1e9);
        yield return Cap("DUP", 1e9);
        if (day == 0)
        {
            yield return Cap("DUP", 2e9);
        }

        if (day is < -20 or > -14)
        {
            yield return Cap("GAP", 1e9);
        }

        string Cap(string symbol, double cap) => Invariant($"{Today.AddDays(day):yyyy-MM-dd},{symbol},{cap:0},");
    }

    private static string Csv(string header, IEnumerable<string> rows) => $"{header}\n{string.Join('\n', rows)}\n";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string[] Findings(JsonElement answer, string name) =>
        [.. answer.GetProperty(name).GetProperty("findings").EnumerateArray().Select(static text => text.GetString()!)];

    private async Task<JsonElement> RunAsync(string job, string status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/admin/tasks/{job}/start")
        {
            Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", job } },
        };
        using var answer = await admin.Http.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(job);
        JsonElement run = default;
        await Eventually.TrueAsync(async () =>
        {
            run = (await admin.Http.GetOkAsync($"/api/v1/admin/tasks/{job}/runs?limit=1")).GetProperty("items")[0];
            return run.GetProperty("status").GetString() is "completed" or "failed";
        });
        run.GetProperty("status").GetString().ShouldBe(status, run.ToString());
        return run;
    }

    private async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }
}
