using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>REST over the running product.</summary>
[Collection(nameof(ProductFixture))]
public sealed class MarketApiTests(ProductFixture product)
{
    private readonly ApiRig _rig = product.Rig;

    [Fact]
    public async Task Assets_are_listed_largest_volume_first_page_by_page()
    {
        // Volumes move, and with them the order: pages are of one order only while that lasts.
        string[] whole = [];
        List<string> paged = [];
        await Eventually.TrueAsync(async () =>
        {
            whole = await ListAsync();
            paged = [];
            string? after = null;
            do
            {
                var page = await _rig.GetAsync($"/api/v1/cryptocurrencies?limit=3&after={after}");
                paged.AddRange(page.GetProperty("items").EnumerateArray().Select(Symbol));
                after = page.GetProperty("next").GetString();
            }
            while (after is not null);
            var still = await ListAsync();
            return whole.SequenceEqual(still);
        });
        whole.Length.ShouldBe(ProductFixture.Symbols);
        whole.ShouldBeUnique();
        paged.ShouldBe(whole);

        async Task<string[]> ListAsync() =>
            [.. (await _rig.GetAsync("/api/v1/cryptocurrencies")).GetProperty("items").EnumerateArray().Select(Symbol)];
    }

    [Fact]
    public async Task An_asset_is_found_in_any_case_with_a_live_price()
    {
        JsonElement asset = default;
        await Eventually.TrueAsync(async () =>
        {
            asset = await _rig.GetAsync("/api/v1/cryptocurrencies/btc");
            return asset.GetProperty("price").ValueKind == JsonValueKind.Number;
        });
        asset.GetProperty("symbol").GetString().ShouldBe("BTC");
        asset.GetProperty("price").GetDecimal().ShouldBePositive();
        asset.GetProperty("volume24h").GetDecimal().ShouldBePositive();
    }

    [Theory]
    [InlineData("/api/v1/cryptocurrencies/NOPE")]
    [InlineData("/api/v1/cryptocurrencies/%01")]
    [InlineData("/api/v1/cryptocurrencies/NOPE/candles?timeframe=1m")]
    [InlineData("/api/v1/cryptocurrencies/NOPE/signals")]
    [InlineData("/api/v1/cryptocurrencies/' or 1=1/candles?timeframe=1m")]
    public async Task An_unknown_asset_is_404(string path) =>
        (await _rig.RefusedAsync(path, 404)).GetProperty("detail").GetString()!.ShouldContain("symbol");

    [Theory]
    [InlineData("cryptocurrencies?limit=251", "limit")]
    [InlineData("cryptocurrencies?limit=0", "limit")]
    [InlineData("cryptocurrencies?limit=ten", "limit")]
    [InlineData("cryptocurrencies?after=!!", "after")]
    [InlineData("cryptocurrencies?after=BTC", "after")]
    [InlineData("cryptocurrencies/BTC/candles", "timeframe")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=2m", "timeframe")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1M", "timeframe")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&limit=1501", "limit")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&from=soon", "from")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&to=-1", "to")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&from=2025-01-02&to=2025-01-01", "from")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&after=x", "after")]
    [InlineData("cryptocurrencies/BTC/candles?timeframe=1m&indicators=magic", "indicators")]
    [InlineData("cryptocurrencies/BTC/signals?status=done", "status")]
    [InlineData("cryptocurrencies/BTC/signals?after=LTU", "after")]
    public async Task Bad_input_is_refused_with_field_and_reason(string path, string field)
    {
        var problem = await _rig.RefusedAsync("/api/v1/" + path, 400);
        var error = problem.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem();
        error.Name.ShouldBe(field);
        error.Value[0].GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Unknown_query_parameters_are_ignored() =>
        (await _rig.GetAsync("/api/v1/cryptocurrencies?limit=1&colour=red")).GetProperty("items").GetArrayLength().ShouldBe(1);

    [Theory]
    [InlineData("1m", 1)]
    [InlineData("5m", 5)]
    [InlineData("15m", 15)]
    [InlineData("1h", 60)]
    public async Task The_newest_candles_are_contiguous_and_end_with_the_open_one(string timeframe, int minutes)
    {
        JsonElement page = default;
        JsonElement[] items = [];
        await Eventually.TrueAsync(async () =>
        {
            // A candle that closed a moment ago may still be on its way to the database.
            page = await _rig.GetAsync($"/api/v1/cryptocurrencies/BTC/candles?timeframe={timeframe}&limit=20");
            items = [.. page.GetProperty("items").EnumerateArray()];
            return DateTimeOffset.UtcNow - Open(items[^1]) < TimeSpan.FromMinutes(2 * minutes);
        });
        page.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        items.Length.ShouldBe(20);
        for (var i = 1; i < items.Length; i++)
        {
            (Open(items[i]) - Open(items[i - 1])).ShouldBe(TimeSpan.FromMinutes(minutes));
        }

        // Between the close of a candle and the next trade there is no open one.
        items[..^1].ShouldAllBe(item => item.GetProperty("isClosed").GetBoolean());
        foreach (var item in items)
        {
            var (low, high) = (item.GetProperty("low").GetDecimal(), item.GetProperty("high").GetDecimal());
            item.GetProperty("close").GetDecimal().ShouldBeInRange(low, high);
            item.GetProperty("open").GetDecimal().ShouldBeInRange(low, high);
            item.TryGetProperty("indicators", out _).ShouldBeFalse();
            item.GetProperty("provenance").GetString().ShouldBeOneOf("streamed", "backfilled", "repaired");
        }
    }

    [Fact]
    public async Task Pages_of_a_window_join_without_hole_or_double()
    {
        var to = DateTimeOffset.UtcNow.AddHours(-1);
        var from = to.AddHours(-3);
        var query = string.Create(
            CultureInfo.InvariantCulture, $"/api/v1/cryptocurrencies/ETH/candles?timeframe=1m&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to.ToUnixTimeMilliseconds()}");
        var whole = await OpenTimesAsync(query + "&limit=1500");
        whole.Count.ShouldBeInRange(179, 181);

        var paged = new List<DateTimeOffset>();
        string? after = null;
        do
        {
            var page = await _rig.GetAsync($"{query}&limit=50&after={after}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(Open));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);

        paged.ShouldBe(whole);
    }

    [Fact]
    public async Task A_window_in_the_past_has_no_open_candle()
    {
        var to = DateTimeOffset.UtcNow.AddMinutes(-10);
        var page = await _rig.GetAsync($"/api/v1/cryptocurrencies/BTC/candles?timeframe=1m&limit=5&to={to.ToUnixTimeMilliseconds()}");
        page.GetProperty("items").EnumerateArray().ShouldAllBe(item => item.GetProperty("isClosed").GetBoolean() && Open(item) < to);
    }

    [Fact]
    public async Task Indicators_are_given_as_asked_for()
    {
        // They follow the candle that closed a moment ago.
        await Eventually.TrueAsync(async () => (await LastIndicatorsAsync("true")).Length > 10);
        await Eventually.TrueAsync(async () => (await LastIndicatorsAsync("rsi,sma20,macd")).SequenceEqual(["macd", "macdHistogram", "macdSignal", "rsi14", "sma20"]));
    }

    [Fact]
    public async Task Signals_are_listed_by_status()
    {
        foreach (var status in (string[])["", "?status=active", "?status=expired&limit=1"])
        {
            (await _rig.GetAsync("/api/v1/cryptocurrencies/BTC/signals" + status)).GetProperty("items").ValueKind.ShouldBe(JsonValueKind.Array);
        }
    }

    [Fact]
    public async Task The_feed_says_that_it_is_simulated_and_how_whole_it_is()
    {
        // A quiet coin may not have been heard of yet, nor a grain of a busy machine have answered, nor a gap been repaired.
        JsonElement feed = default;
        await Eventually.TrueAsync(async () =>
        {
            feed = await _rig.GetAsync("/api/v1/market/feed");
            return feed.GetProperty("shards")[0].GetProperty("connected").GetBoolean() && feed.GetProperty("symbols").EnumerateArray().All(static symbol =>
                symbol.GetProperty("lastMessageAgeSeconds") is { ValueKind: JsonValueKind.Number } age && age.GetDouble() is >= 0 and <= 60
                && symbol.GetProperty("gapsFound") is { ValueKind: JsonValueKind.Number } gaps && gaps.GetInt64() == symbol.GetProperty("gapsRepaired").GetInt64());
        });
        feed.GetProperty("source").GetString().ShouldBe("simulated");
        feed.GetProperty("isSimulated").GetBoolean().ShouldBeTrue();
        feed.GetProperty("notice").GetString()!.ShouldContain("SIMULATED");
        var symbols = feed.GetProperty("symbols").EnumerateArray().ToArray();
        symbols.Length.ShouldBe(ProductFixture.Symbols);
        foreach (var symbol in symbols)
        {
            symbol.GetProperty("minutesDiffering").GetInt64().ShouldBe(0);
        }
    }

    [Fact]
    public async Task The_product_is_ready()
    {
        JsonElement ready = default;
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await _rig.Http.GetAsync("/health/ready");
            ready = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return answer.IsSuccessStatusCode;
        });
        ready.GetProperty("status").GetString().ShouldBe("ready");
        ready.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()).ShouldBe(["database", "feed"]);
    }

    [Fact]
    public async Task The_page_says_loudly_that_the_market_is_simulated()
    {
        var page = await _rig.Http.GetStringAsync("/");
        page.ShouldContain("class=\"source simulated\"");
        page.ShouldContain("SIMULATED MARKET");
        page.ShouldContain("href=\"/openapi/v1.json\"");
        page.ShouldNotContain("<!--source-->");
        page.ShouldNotContain(" style=");
        foreach (var file in (string[])["/start.js", "/start.css"])
        {
            page.ShouldContain(file);
            (await _rig.Http.GetStringAsync(file)).Length.ShouldBeGreaterThan(500);
        }
    }

    [Fact]
    public async Task Metrics_tell_of_feed_database_runtime_and_requests()
    {
        await _rig.GetAsync("/api/v1/cryptocurrencies");
        var text = await _rig.Http.GetStringAsync("/metrics");
        text.ShouldContain("\ncryptoai_");
        text.ShouldContain("db_client_");
        text.ShouldContain("dotnet_gc_collections_total");
        text.ShouldContain("http_server_request_duration_seconds_bucket{");
        var types = text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).ToArray();
        types.ShouldBeUnique();
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            line.ShouldMatch("""^[a-z_][a-z0-9_]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*")*\})? (NaN|[+-]Inf|-?[0-9.]+(E[+-]?[0-9]+)?)$""");
        }
    }

    [Fact]
    public async Task The_API_is_described_with_types_ranges_and_problems()
    {
        var document = await _rig.GetAsync("/openapi/v1.json");
        document.GetProperty("openapi").GetString()!.ShouldStartWith("3.");
        var paths = document.GetProperty("paths");
        foreach (var path in (string[])[
            "/api/v1/cryptocurrencies", "/api/v1/cryptocurrencies/{symbol}", "/api/v1/cryptocurrencies/{symbol}/candles",
            "/api/v1/cryptocurrencies/{symbol}/signals", "/api/v1/market/feed", "/health/live", "/health/ready"])
        {
            var operation = paths.GetProperty(path).GetProperty("get");
            operation.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty(path);
            operation.GetProperty("responses").TryGetProperty("200", out _).ShouldBeTrue(path);
        }

        var candles = paths.GetProperty("/api/v1/cryptocurrencies/{symbol}/candles").GetProperty("get");
        candles.GetProperty("responses").TryGetProperty("400", out var bad).ShouldBeTrue();
        bad.GetProperty("content").TryGetProperty("application/problem+json", out _).ShouldBeTrue();
        foreach (var parameter in candles.GetProperty("parameters").EnumerateArray())
        {
            parameter.TryGetProperty("description", out _).ShouldBeTrue(parameter.ToString());
        }

        Parameter(candles, "timeframe").GetProperty("required").GetBoolean().ShouldBeTrue();
        Parameter(candles, "timeframe").GetProperty("schema").GetProperty("enum").GetArrayLength().ShouldBe(6);
        Parameter(candles, "limit").GetProperty("schema").GetProperty("type").GetString().ShouldBe("integer");
        var candle = document.GetProperty("components").GetProperty("schemas").GetProperty("CandleView").GetProperty("properties");
        candle.GetProperty("open").GetProperty("type").GetString().ShouldBe("number");
        candle.GetProperty("openTime").GetProperty("format").GetString().ShouldBe("date-time");
    }

    private static JsonElement Parameter(JsonElement operation, string name) =>
        operation.GetProperty("parameters").EnumerateArray().Single(parameter => parameter.GetProperty("name").GetString() == name);

    private static string Symbol(JsonElement asset) => asset.GetProperty("symbol").GetString()!;

    private static DateTimeOffset Open(JsonElement candle) => candle.GetProperty("openTime").GetDateTimeOffset();

    private async Task<List<DateTimeOffset>> OpenTimesAsync(string path) =>
        [.. (await _rig.GetAsync(path)).GetProperty("items").EnumerateArray().Select(Open)];

    private async Task<string[]> LastIndicatorsAsync(string asked)
    {
        var page = await _rig.GetAsync($"/api/v1/cryptocurrencies/BTC/candles?timeframe=1m&limit=3&indicators={asked}");
        var closed = page.GetProperty("items").EnumerateArray().Last(item => item.GetProperty("isClosed").GetBoolean());
        return closed.TryGetProperty("indicators", out var indicators) ? [.. indicators.EnumerateObject().Select(value => value.Name).Order()] : [];
    }
}
