using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Sectors;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans;

namespace CryptoAI.Tests.Api.Sectors;

/// <summary>Sectors over the running product, from nothing known to rotation.</summary>
public sealed class SectorApiTests(SectorApiTests.Product product) : IClassFixture<SectorApiTests.Product>, IAsyncLifetime
{
    internal static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/sectors/", Access.Public),
        new("GET", "/api/v1/sectors/{id:long}", Access.Public),
        new("GET", "/api/v1/sectors/{id:long}/history", Access.Public),
        new("GET", "/api/v1/sectors/rotation", Access.Public),
        new("GET", "/api/v1/sectors/mapping/{symbol}", Access.Public),
        new("POST", "/api/v1/sectors/", Access.Admin) { Body = new { name = "Access" } },
        new("PUT", "/api/v1/sectors/{id:long}", Access.Admin) { Body = new { name = "Access" }, Headers = { ["If-Match"] = "*" } },
        new("DELETE", "/api/v1/sectors/{id:long}", Access.Admin),
        new("PUT", "/api/v1/sectors/mapping/{symbol}", Access.Admin) { Body = new { sectors = Array.Empty<object>() }, Headers = { ["If-Match"] = "*" } },
    ];

    private DateTimeOffset Today { get; set; }

    public async Task InitializeAsync()
    {
        Today = await Midnight.TodayAsync();
        // An hour of what is followed may close, and its history come in, between any two refreshes.
        await product.Rig.LiveAsync();
        await ExecuteAsync("delete from crypto_sector_mapping where crypto_id in (select id from cryptocurrencies where is_active)");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task From_nothing_known_to_rotation()
    {
        var rig = product.Rig;
        await using var client = await rig.ConnectAsync();
        // What its first look finds is no news.
        await Eventually.TrueAsync(() => rig.App.Services.GetServices<IHostedService>().OfType<SectorRelay>().Single().HasLooked);
        (await RotationGrain.RefreshAsync()).Rotations.ShouldBe(0);
        var rotation = await rig.GetAsync("/api/v1/sectors/rotation");
        rotation.GetProperty("unknown").GetString().ShouldBe("unknown: 0 of 3 sectors have enough assets with 60 days");
        rotation.GetProperty("sectors").EnumerateArray().ShouldAllBe(static sector => sector.GetProperty("unknown").GetString()!.Contains("of 2 usable assets", StringComparison.Ordinal));

        // Memes fall and DeFi rises in the last 20 of 100 days; the rest stays with the market.
        foreach (var (symbol, drift) in new[] { ("AAVE", 0.03), ("UNI", 0.03), ("DOGE", -0.03), ("SHIB", -0.03), ("ADA", 0), ("SOL", 0), ("LINK", 0), ("PYTH", 0) })
        {
            await AddAsync(symbol, drift);
        }

        var first = await RotationGrain.RefreshAsync();
        first.Reading.Unknown.ShouldBeNull();
        var told = await client.NextAsync("sector");
        while (told.GetProperty("rotations").GetArrayLength() == 0)
        {
            told = await client.NextAsync("sector");
        }

        told.GetProperty("at").GetDateTimeOffset().ShouldBe(first.Reading.At);
        told.GetProperty("sectors")[0].GetProperty("name").GetString().ShouldBe(first.Reading.Sectors[0].Name);
        told.GetProperty("sectors").EnumerateArray().Single(static sector => sector.GetProperty("name").GetString() == "DeFi").GetProperty("phase").GetString().ShouldBe("leading");
        var strongest = first.Reading.Rotations[0];
        strongest.To.ShouldBe("DeFi");
        first.Reading.Rotations.ShouldContain(static one => one.From == "Memes" && one.To == "DeFi");
        var again = await RotationGrain.RefreshAsync();
        if (again.Reading.At == first.Reading.At)
        {
            (again.Performances, again.Rotations).ShouldBe((0, 0), "the same again changes nothing");
            client.Events.TryPeek(out _).ShouldBeFalse("nor is it told again");
        }

        var shown = (await rig.GetAsync("/api/v1/sectors/rotation")).GetProperty("rotations")[0];
        shown.GetProperty("from").GetString().ShouldBe(strongest.From);
        shown.GetProperty("strength").GetDouble().ShouldBe(strongest.Strength);
        var defi = (await rig.GetAsync("/api/v1/sectors")).EnumerateArray().Single(static sector => sector.GetProperty("name").GetString() == "DeFi");
        defi.GetProperty("figures").GetProperty("performance7d").GetDouble().ShouldBeGreaterThan(10);
        defi.GetProperty("figures").GetProperty("weighting").GetString().ShouldBe("capitalisation");
        defi.GetProperty("figures").GetProperty("phase").GetString().ShouldBe("leading");
        var path = $"/api/v1/sectors/{defi.GetProperty("id")}";
        var detail = await rig.GetAsync(path);
        detail.GetProperty("assets").EnumerateArray().Select(static asset => asset.GetProperty("symbol").GetString()).ShouldBe(["AAVE", "UNI"]);
        detail.GetProperty("windows")[2].GetProperty("weights").EnumerateArray().Sum(static part => part.GetProperty("weight").GetDouble()).ShouldBe(1, 1e-12);
        var history = await rig.GetAsync($"{path}/history?limit=1");
        history.GetProperty("items")[0].GetProperty("performance7d").GetDouble().ShouldBe(defi.GetProperty("figures").GetProperty("performance7d").GetDouble());
        (await rig.RefusedAsync($"{path}/history?limit=0", 400)).GetProperty("errors").TryGetProperty("limit", out _).ShouldBeTrue();
        await rig.RefusedAsync($"{path}/history?after=x", 400);
        await rig.RefusedAsync("/api/v1/sectors/999999", 404);
    }

    [Fact]
    public async Task Old_rows_that_cannot_be_deleted_do_not_harm_a_refresh()
    {
        await ExecuteAsync(
            """
            insert into sector_performance (sector_id, created_at, performance_metrics) select id, '2020-01-01Z', '{}' from crypto_sectors limit 1;
            create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
            create trigger refuse before delete on sector_performance for each row execute function refuse()
            """);
        (await RotationGrain.RefreshAsync()).Deleted.ShouldBe(0);
        await ExecuteAsync("drop function refuse cascade");
        (await RotationGrain.RefreshAsync()).Deleted.ShouldBe(1);
    }

    [Fact]
    public async Task Administrators_change_sectors_and_mappings_and_overwrite_nobody()
    {
        using var admin = await product.Rig.SignInAsync(role: "admin");
        await AddAsync("ZZZ", 0);
        using var made = await SendAsync(admin, HttpMethod.Post, "/api/v1/sectors", new { name = "Science" }, null, "once");
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var repeated = await SendAsync(admin, HttpMethod.Post, "/api/v1/sectors", new { name = "Science" }, null, "once");
        (await repeated.Content.ReadAsStringAsync()).ShouldBe(await made.Content.ReadAsStringAsync());
        using var twice = await SendAsync(admin, HttpMethod.Post, "/api/v1/sectors", new { name = "Science" }, null);
        twice.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var path = made.Headers.Location!.ToString();
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        var tag = made.Headers.ETag!.ToString();

        using var blind = await SendAsync(admin, HttpMethod.Put, path, new { name = "Research" }, null);
        blind.StatusCode.ShouldBe(HttpStatusCode.PreconditionRequired);
        (await blind.Content.ReadAsStringAsync()).ShouldContain("the ETag of the sector as you read it");
        (await StatusAsync(admin, HttpMethod.Put, path, new { name = "Research" }, tag)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(admin, HttpMethod.Put, path, new { name = "Late" }, tag)).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StatusAsync(admin, HttpMethod.Put, path, new { name = "" }, "*")).ShouldBe(HttpStatusCode.BadRequest);

        const string Mapping = "/api/v1/sectors/mapping/zzz";
        using var read = await admin.Http.GetAsync(Mapping);
        var share = new { sectorId = id, allocationPercentage = 60, isPrimary = true };
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { sectors = new[] { share } }, read.Headers.ETag!.ToString())).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { sectors = new[] { share } }, read.Headers.ETag.ToString())).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { sectors = new[] { share with { allocationPercentage = 101 } } }, "*")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { sectors = new[] { share, share } }, "*")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { sectors = new[] { share, share with { sectorId = 1, allocationPercentage = 41, isPrimary = false } } }, "*")).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(admin, HttpMethod.Put, Mapping, new { }, "*")).ShouldBe(HttpStatusCode.BadRequest);
        (await admin.Http.GetOkAsync(path)).GetProperty("assets")[0].GetProperty("symbol").GetString().ShouldBe("ZZZ");

        (await StatusAsync(admin, HttpMethod.Delete, path, null, tag)).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await StatusAsync(admin, HttpMethod.Delete, path, null, null)).ShouldBe(HttpStatusCode.NoContent);
        (await product.Rig.GetAsync("/api/v1/sectors")).EnumerateArray().ShouldNotContain(sector => sector.GetProperty("id").GetInt64() == id);
    }

    /// <summary>Sectors are calculated when a test says so.</summary>
    public sealed class Product() : SharedRig("--Tasks:Schedules:sector-analysis", "on request", "--Api:RequestBurst", "1000000");

    private ISectorRotationGrain RotationGrain => product.Rig.App.Services.GetRequiredService<IGrainFactory>().GetGrain<ISectorRotationGrain>(0);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = product.Rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<HttpResponseMessage> SendAsync(Person admin, HttpMethod method, string path, object? body, string? version, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await admin.Http.SendAsync(request);
    }

    private static async Task<HttpStatusCode> StatusAsync(Person admin, HttpMethod method, string path, object? body, string? version)
    {
        using var answer = await SendAsync(admin, method, path, body, version);
        return answer.StatusCode;
    }

    /// <summary>An asset that is not followed, with 100 days of stated capitalisations.</summary>
    private async Task AddAsync(string symbol, double drift)
    {
        var data = product.Rig.App.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = data.CreateCommand(
            """
            with asset as (insert into cryptocurrencies (symbol, name, is_active) values (@symbol, @symbol, false) returning id)
            insert into market_caps (crypto_id, observed_at, source, market_cap, price, volume_24h)
            select asset.id, t.at, 'test', round(1e6 * t.price::numeric, 2), t.price::numeric, 1000 from asset cross join unnest(@times, @prices) as t (at, price)
            """);
        var random = new Random(symbol.Sum(static letter => letter));
        var (price, times, prices) = (100.0, new List<DateTimeOffset>(), new List<double>());
        for (var day = -100; day <= 0; day++)
        {
            price *= Math.Exp((day > -20 ? drift : 0) + (0.01 * ((2 * random.NextDouble()) - 1)));
            times.Add(Today.AddDays(day));
            prices.Add(price);
        }

        command.Parameters.AddWithValue("symbol", symbol);
        command.Parameters.AddWithValue("times", times.ToArray());
        command.Parameters.AddWithValue("prices", prices.ToArray());
        (await command.ExecuteNonQueryAsync()).ShouldBe(101, string.Create(CultureInfo.InvariantCulture, $"{symbol}"));
    }
}
