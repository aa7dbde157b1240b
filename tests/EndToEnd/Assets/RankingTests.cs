using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.EndToEnd.Assets;

/// <summary>From files of history to what the API says of it: layers 1 to 3 in one go.</summary>
public sealed class RankingTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Days = 800;

    /// <summary>Four sectors; nobody follows them but by import.</summary>
    private static readonly string[] Assets = ["BTC", "LTC", "ETH", "SOL", "ADA", "UNI", "AAVE", "COMP", "DOGE", "SHIB"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cryptoai-e2e-import-");
    private readonly string _token = Tokens.Create();
    private TestDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        await using var command = _database.DataSource.CreateCommand(
            $"""
            with ada as (
                insert into users (email, password_hash, is_verified, role) values ('ada@example.org', 'x', true, 'admin') returning id)
            insert into user_sessions (user_id, session_token, token_expires_at, expires_at)
            select id, '{Tokens.Hash(_token)}', now() + interval '1 hour', now() + interval '1 day' from ada
            """);
        await command.ExecuteNonQueryAsync();
    }

    public async Task DisposeAsync()
    {
        Folders.Remove(_folder.FullName);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Imported_history_is_ranked_and_without_an_edge_nothing_is_recommended_and_the_api_says_why()
    {
        Write();
        var importer = new CandleImporter(new CandleHistoryStore(_database.DataSource), TimeProvider.System);
        foreach (var file in ImportPlan.Make([_folder.FullName], null, null, null).Files)
        {
            (await importer.ImportAsync(file, create: true, replace: false, static _ => { }, CancellationToken.None)).Counts.New.ShouldBe(Days);
        }

        await using var product = await ProductProcess.StartAsync(
            [], AppContext.BaseDirectory, null, output, 1, ("ConnectionStrings:Postgres", _database.ConnectionString), ("Feed:Source", "simulated"),
            ("Feed:Symbols", "XRPUSDT"), ("Feed:BackfillDays", "0"), ("Api:RequestBurst", "1000000"));
        product.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);

        // The job runs by itself: it never ran before.
        JsonElement? made = null;
        await Eventually.TrueAsync(async () => (made = await product.TryGetAsync("/api/v1/assets/ranking")) is not null, TimeSpan.FromMinutes(3));
        var ranking = made!.Value;
        output.WriteLine(ranking.GetProperty("reason").GetString());
        ranking.GetProperty("verdict").GetString().ShouldBe("no_edge");
        ranking.GetProperty("mayRecommend").GetBoolean().ShouldBeFalse();
        ranking.GetProperty("reason").GetString()!.ShouldStartWith("no edge: mean IC ");
        ranking.GetProperty("assets").EnumerateArray().Select(static asset => asset.GetProperty("symbol").GetString()).ShouldBe(Assets, ignoreOrder: true);

        // Layer 1 and layer 2 were heard.
        var regime = (await product.TryGetAsync("/api/v1/market/regime")).ShouldNotBeNull();
        output.WriteLine(regime.ToString());
        regime.ToString().ShouldContain($"\"{ranking.GetProperty("regime").GetString()}\"");
        ranking.GetProperty("assets").EnumerateArray().ShouldAllBe(static asset => asset.GetProperty("features").EnumerateArray()
            .Any(static feature => feature.GetProperty("name").GetString() == "sector_strength" && feature.GetProperty("value").ValueKind == JsonValueKind.Number));

        var list = await AskAsync(product, "/api/v1/watchlists", new { name = "Mine" });
        var look = await AskAsync(product, "/api/v1/recommendations/look", new { target = "watchlist", targetId = list.GetProperty("id").GetInt64() });
        look.GetProperty("made").GetInt32().ShouldBe(0);
        look.GetProperty("rankingReason").GetString().ShouldBe(ranking.GetProperty("reason").GetString());

        // What is recommended is not to choose by it.
        await using var command = _database.DataSource.CreateCommand("select id from ai_models where name = 'asset-ranking' and not is_active");
        await AskAsync(product, "/api/v1/recommendations/look", new { target = "strategy", targetId = (long)(await command.ExecuteScalarAsync())! });
        var told = (await product.TryGetAsync("/api/v1/recommendations?own=false&target=strategy")).ShouldNotBeNull().GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        told.GetProperty("title").GetString().ShouldBe("Do not choose assets by the ranking");
        told.GetProperty("payload").GetProperty("reasoning").GetProperty("verdict").GetString().ShouldBe("no_edge");
    }

    private static async Task<JsonElement> AskAsync(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>One market for all and noise that is gone a day later: what is bought and sold by it earns nothing, and trading costs.</summary>
    private void Write()
    {
        var random = new Random(5);
        var market = new double[Days];
        for (var day = 1; day < Days; day++)
        {
            market[day] = market[day - 1] + ((random.NextDouble() - 0.5) * 0.06);
        }

        var first = DateTime.UtcNow.Date.AddDays(-Days);
        foreach (var asset in Assets)
        {
            var lines = new List<string> { "open_time_utc,open,high,low,close,volume" };
            for (var day = 0; day < Days; day++)
            {
                var close = 100 * Math.Exp(market[day] + ((random.NextDouble() - 0.5) * 0.04));
                lines.Add(FormattableString.Invariant($"{first.AddDays(day):yyyy-MM-ddTHH:mm:ssZ},{close:0.0000},{close:0.0000},{close:0.0000},{close:0.0000},100000"));
            }

            File.WriteAllLines(Path.Combine(_folder.FullName, $"any_{asset}USDT_1d.csv"), lines);
        }
    }
}
