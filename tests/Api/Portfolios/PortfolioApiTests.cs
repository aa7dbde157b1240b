using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Portfolios;

/// <summary>One product for all; every test has people of its own.</summary>
public sealed partial class PortfolioApiTests : IClassFixture<PortfolioApiTests.Product>
{
    private const string Base = "/api/v1/portfolio";
    private readonly ApiRig _rig;

    public PortfolioApiTests(Product product) => _rig = product.Rig;

    [Fact]
    public async Task A_position_is_opened_added_to_reduced_and_closed()
    {
        using var ada = await _rig.SignInAsync();
        var opened = await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 100, quantity: 1));
        var path = $"{Base}/positions/{opened.Position}/actions";
        (await PostAsync(ada, path, new { type = "buy", price = 200, quantity = 1, fee = 2, emotion = "fomo" }, 201)).GetProperty("position").GetProperty("status").GetString().ShouldBe("accumulating");
        var reduced = await PostAsync(ada, path, new { type = "partial_sell", price = 300, quantity = 0.5m, fee = 1.5m }, 201);
        reduced.GetProperty("action").GetProperty("realizedProfit").GetDecimal().ShouldBe(72.875m); // 150 − 75 − a quarter of 2.5 in fees − 1.5
        var closed = (await PostAsync(ada, path, new { type = "sell", price = 100 }, 201)).GetProperty("position");
        closed.GetProperty("status").GetString().ShouldBe("closed");
        closed.GetProperty("quantity").GetDecimal().ShouldBe(0);
        closed.GetProperty("realizedProfit").GetDecimal().ShouldBe(-4); // 150 + 150 − 300 − 4
        closed.GetProperty("cashFlow").GetDecimal().ShouldBe(-4);

        var portfolio = await GetAsync(ada, Base);
        portfolio.GetProperty("positions").GetArrayLength().ShouldBe(0);
        portfolio.GetProperty("totals").GetProperty("realized").GetDecimal().ShouldBe(-4);
        portfolio.GetProperty("totals").GetProperty("fees").GetDecimal().ShouldBe(4);
        (await PostAsync(ada, path, new { type = "sell", price = 100 }, 409)).GetProperty("detail").GetString().ShouldBe("The position is closed.");
        (await GetAsync(ada, $"{Base}/positions?state=closed")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await GetAsync(ada, $"{Base}/positions?state=open")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Two_simultaneous_closes_sell_a_position_once()
    {
        using var ada = await _rig.SignInAsync();
        var opened = await PortfolioAccess.OpenAsync(ada);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            ada.Http.PostAsJsonAsync($"{Base}/positions/{opened.Position}/actions", new { type = "sell", price = 5 })));
        answers.Select(answer => answer.StatusCode).Order().ShouldBe([HttpStatusCode.Created, .. Enumerable.Repeat(HttpStatusCode.Conflict, 7)]);
        (await GetAsync(ada, $"{Base}/actions")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await GetAsync(ada, Base)).GetProperty("totals").GetProperty("realized").GetDecimal().ShouldBe(8.5m); // 15 − 6 − 0.5
    }

    [Fact]
    public async Task A_replayed_request_changes_nothing()
    {
        using var ada = await _rig.SignInAsync();
        async Task<(string Body, int Status)> SendAsync(string path, object body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
            request.Headers.Add("Idempotency-Key", path.GetHashCode(StringComparison.Ordinal).ToString("x8"));
            using var answer = await ada.Http.SendAsync(request);
            return (await answer.Content.ReadAsStringAsync(), (int)answer.StatusCode);
        }

        var first = await SendAsync($"{Base}/positions", PortfolioAccess.Position());
        first.Status.ShouldBe(201, first.Body);
        (await SendAsync($"{Base}/positions", PortfolioAccess.Position())).ShouldBe(first);
        var opened = JsonSerializer.Deserialize<JsonElement>(first.Body).GetProperty("position").GetProperty("id").GetInt64();
        var second = await SendAsync($"{Base}/positions/{opened}/actions", new { type = "partial_sell", price = 4, quantity = 1 });
        second.Status.ShouldBe(201, second.Body);
        (await SendAsync($"{Base}/positions/{opened}/actions", new { type = "partial_sell", price = 4, quantity = 1 })).ShouldBe(second);

        var portfolio = await GetAsync(ada, Base);
        portfolio.GetProperty("positions").GetArrayLength().ShouldBe(1);
        portfolio.GetProperty("positions")[0].GetProperty("quantity").GetDecimal().ShouldBe(2);
        (await GetAsync(ada, $"{Base}/actions")).GetProperty("items").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task An_action_is_taken_back_once_by_a_row_of_its_own()
    {
        using var ada = await _rig.SignInAsync();
        var opened = await PortfolioAccess.OpenAsync(ada, PortfolioAccess.Position(price: 100, quantity: 1));
        var path = $"{Base}/positions/{opened.Position}/actions";
        var wrong = (await PostAsync(ada, path, new { type = "sell", price = 1000 }, 201)).GetProperty("action").GetProperty("id").GetInt64();

        var back = await PostAsync(ada, $"{path}/{wrong}/reverse", new { reason = "typo" }, 201);

        back.GetProperty("action").GetProperty("realizedProfit").GetDecimal().ShouldBe(-899.5m);
        back.GetProperty("position").GetProperty("status").GetString().ShouldBe("open");
        (await PostAsync(ada, $"{path}/{wrong}/reverse", null, 409)).GetProperty("detail").GetString().ShouldBe("The action is reversed already.");
        await PostAsync(ada, path, new { type = "sell", price = 110 }, 201);
        var page = await GetAsync(ada, $"{Base}/actions?limit=2");
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("type").GetString()).ShouldBe(["sell", "sell"]);
        page.GetProperty("items")[1].GetProperty("reverses").GetInt64().ShouldBe(wrong);
        var rest = await GetAsync(ada, $"{Base}/actions?limit=2&after={page.GetProperty("next").GetString()}");
        rest.GetProperty("items").GetArrayLength().ShouldBe(2);
        rest.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        (await GetAsync(ada, Base)).GetProperty("totals").GetProperty("realized").GetDecimal().ShouldBe(9.5m);
        (await AuditAsync(ada)).ShouldBe(["position create", "trade_action create", "trade_action create", "trade_action create"]);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_by_its_field_and_nothing_is_stored()
    {
        using var ada = await _rig.SignInAsync();
        await RefusedAsync(new { asset = "BTC;", assetType = "crypto_asset", entry = Buy() }, "asset");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", leverage = 2, entry = Buy() }, "leverage");
        await RefusedAsync(new { asset = "BTC", assetType = "long_position", entry = Buy() }, "type");
        await RefusedAsync(new { asset = "BTC", assetType = "long_position", leverage = 0.5, entry = Buy("entry") }, "leverage");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1 } }, "quantity");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", quantity = 1 } }, "price");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 0.123456789m, quantity = 1 } }, "price");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1e11, quantity = 1 } }, "price");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1, quantity = 1, at = DateTimeOffset.UtcNow.AddDays(1) } }, "at");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1, quantity = 1, confidence = 11 } }, "confidence");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1, quantity = 1, notes = "a\u0000b" } }, "notes");
        await RefusedAsync(new { asset = "BTC", assetType = "crypto_asset", entry = new { type = "buy", price = 1, quantity = 1, signalId = 4711 } }, "signalId");
        await RefusedAsync(new { asset = "BTC", assetType = "long_position", entry = new { type = "entry", price = 1, quantity = 1, stopLoss = 2, takeProfit = 1.5 } }, "stopLoss");
        (await GetAsync(ada, $"{Base}/positions")).GetProperty("items").GetArrayLength().ShouldBe(0);

        static object Buy(string type = "buy") => new { type, price = 1, quantity = 1 };
        async Task RefusedAsync(object body, string field) =>
            (await PostAsync(ada, $"{Base}/positions", body, 400)).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(field);
    }

    [Fact]
    public async Task A_plan_allows_so_many_open_positions()
    {
        using var ada = await _rig.SignInAsync();
        var trades = new StringBuilder("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n");
        for (var i = 0; i < 50; i++)
        {
            trades.AppendLine($"2024-01-05 12:00:00,X{i}USDT,BUY,2,3X{i},6USDT,0");
        }

        (await ImportAsync(ada, trades.ToString(), 200)).GetProperty("positions").GetInt32().ShouldBe(50);
        (await PostAsync(ada, $"{Base}/positions", PortfolioAccess.Position(), 422)).GetProperty("detail").GetString().ShouldBe("Your plan allows 50 open positions.");
    }

    [Fact]
    public async Task Own_limits_warn_or_refuse_as_they_say()
    {
        using var ada = await _rig.SignInAsync();
        var limits = new { capital = 1_000, limits = new[] { Limit("position_size", 500, "refuse"), Limit("leverage", 2, "warn") } };
        (await PutAsync(ada, $"{Base}/risk", limits, 200)).GetProperty("limits").GetArrayLength().ShouldBe(2);
        (await PostAsync(ada, $"{Base}/positions", PortfolioAccess.Position(price: 501, quantity: 1), 422)).GetProperty("detail").GetString()
            .ShouldBe("position_size would be 501, above your limit of 500.");
        var recorded = await PostAsync(
            ada, $"{Base}/positions",
            new
            {
                asset = "ACORN", assetType = "short_position", leverage = 4, plan = new { maxAllocationPercent = 30 },
                entry = new { type = "entry", price = 100, quantity = 4, stopLoss = 110 },
            }, 201);
        recorded.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString())
            .ShouldBe(["leverage would be 4, above your limit of 2.", "The position takes 40 % of the capital, above its maximum of 30 %."]);

        var risk = await GetAsync(ada, $"{Base}/risk");
        risk.GetProperty("riskToStops").GetDecimal().ShouldBe(40);
        risk.GetProperty("totals").GetProperty("netExposure").GetDecimal().ShouldBe(-400);
        risk.GetProperty("totals").GetProperty("margin").GetDecimal().ShouldBe(100);
        risk.GetProperty("breaches").EnumerateArray().Single().GetString().ShouldBe("leverage would be 4, above your limit of 2.");
        risk.GetProperty("metrics").GetProperty("withoutHistory")[0].GetString().ShouldBe("ACORN");
        await using var kept = ada.Database.CreateCommand(
            $"select current_exposure ? 'ACORN' and risk_metrics ? 'days' and last_calculated is not null from risk_management where user_id = {ada.Id}");
        (await kept.ExecuteScalarAsync()).ShouldBe(true);
        var size = await PostAsync(ada, $"{Base}/risk/position-size", new { riskPercent = 2, entryPrice = 100, stopPrice = 95, targetPrice = 110 }, 200);
        size.GetProperty("quantity").GetDecimal().ShouldBe(4);
        size.GetProperty("rewardRisk").GetDecimal().ShouldBe(2);

        static object Limit(string kind, decimal value, string action) => new { kind, value, action };
    }

    [Fact]
    public async Task Statistics_group_closed_positions_by_what_was_noted()
    {
        using var ada = await _rig.SignInAsync();
        foreach (var (emotion, exit) in new[] { ("calm", 12m), ("calm", 11m), ("fomo", 8m) })
        {
            var opened = await PortfolioAccess.OpenAsync(
                ada, new { asset = "ACORN", assetType = "crypto_asset", entry = new { type = "buy", price = 10, quantity = 1, emotion, confidence = 7, stopLoss = 9, at = "2024-05-01T00:00:00Z" } });
            await PostAsync(ada, $"{Base}/positions/{opened.Position}/actions", new { type = "sell", price = exit, at = "2025-05-01T00:00:00Z" }, 201);
        }

        var performance = await GetAsync(ada, $"{Base}/performance");
        performance.GetProperty("all").GetProperty("profit").GetDecimal().ShouldBe(1);
        performance.GetProperty("all").GetProperty("profitFactor").GetDouble().ShouldBe(1.5);
        performance.GetProperty("byEmotion").EnumerateArray()
            .Select(group => (group.GetProperty("key").GetString(), group.GetProperty("figures").GetProperty("expectancy").GetDecimal()))
            .ShouldBe([("calm", 1.5m), ("fomo", -2m)]);
        performance.GetProperty("byConfidence")[0].GetProperty("key").GetString().ShouldBe("7");
        performance.GetProperty("all").GetProperty("averageR").GetDouble().ShouldBe(1.0 / 3, 1e-9);
        performance.GetProperty("moneyWeightedReturn").GetDouble().ShouldBe(1.0 / 30, 1e-9); // 30 became 31 within a year
        performance.GetProperty("timeWeightedReturn").GetDouble().ShouldBe(1.0 / 30, 1e-9);
    }

    [Fact]
    public async Task Binances_export_is_imported_once_and_an_overlapping_one_adds_what_is_new()
    {
        using var ada = await _rig.SignInAsync();
        const string header = "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n";
        const string buy = "2024-01-05 12:00:00,ACORNUSDT,BUY,100,2ACORN,200USDT,0.002ACORN\n";
        const string fee = "2024-01-05 12:00:00,BNBUSDT,BUY,300,1BNB,300USDT,0BNB\n";
        const string sell = "2024-01-06 12:00:00,ACORNUSDT,SELL,110,1ACORN,110USDT,0.001BNB\n";
        const string last = "2024-01-07 12:00:00,ACORNUSDT,SELL,120,0.998ACORN,119.76USDT,0.1USDT\n";
        var first = await ImportAsync(ada, header + buy + fee + sell, 200);
        first.GetProperty("recorded").GetInt32().ShouldBe(3);
        (await ImportAsync(ada, header + sell + fee + buy, 200)).GetProperty("recorded").GetInt32().ShouldBe(0);
        var second = await ImportAsync(ada, header + buy + sell + last + fee, 200);
        (second.GetProperty("recorded").GetInt32(), second.GetProperty("skipped").GetInt32()).ShouldBe((1, 3));

        var closed = (await GetAsync(ada, $"{Base}/positions?state=closed")).GetProperty("items")[0];
        closed.GetProperty("asset").GetString().ShouldBe("ACORN");
        closed.GetProperty("cashFlow").GetDecimal().ShouldBe(29.36m); // −200 + 110 − 0.3 + 119.76 − 0.1
        closed.GetProperty("fees").GetDecimal().ShouldBe(0.6m); // 0.2 + 0.3 + 0.1

        (await ImportAsync(ada, header + "2024-01-08 12:00:00,ACORNUSDT,SELL,120,1ACORN,120USDT,0\n", 400)).GetProperty("detail").GetString()!
            .ShouldContain("Line 2: sells 1 ACORN of which 0 are known");
        (await ImportAsync(ada, header + "2024-01-08 12:00:00,ACORNBTC,BUY,0.1,1ACORN,0.1BTC,0\n", 400)).GetProperty("detail").GetString()!.ShouldContain("Line 2: ACORN is paid in BTC");
        (await ImportAsync(ada, "hello", 400)).GetProperty("errors").TryGetProperty("file", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task An_export_makes_the_same_positions_in_another_journal_and_none_in_its_own()
    {
        using var ada = await _rig.SignInAsync();
        using var bob = await _rig.SignInAsync();
        var kept = await PortfolioAccess.OpenAsync(ada, new
        {
            asset = "ACORN", assetType = "short_position", leverage = 3,
            entry = new { type = "entry", price = 7.12345678m, quantity = 1.5m, fee = 0.01m, stopLoss = 8, emotion = "=calm", notes = "two\nlines, \"quoted\"", setup = "trend_follow" },
        });
        var wrong = await PostAsync(ada, $"{Base}/positions/{kept.Position}/actions", new { type = "full_exit", price = 1 }, 201);
        await PostAsync(ada, $"{Base}/positions/{kept.Position}/actions/{wrong.GetProperty("action").GetProperty("id").GetInt64()}/reverse", null, 201);
        await PostAsync(ada, $"{Base}/positions/{kept.Position}/actions", new { type = "partial_exit", price = 6, quantity = 0.5m }, 201);
        using var answer = await ada.Http.GetAsync($"{Base}/export");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var csv = await answer.Content.ReadAsStringAsync();

        (await ImportAsync(ada, csv, 200)).GetProperty("recorded").GetInt32().ShouldBe(0);
        (await ImportAsync(bob, csv, 200)).GetProperty("recorded").GetInt32().ShouldBe(2);
        (await ImportAsync(bob, csv, 200)).GetProperty("recorded").GetInt32().ShouldBe(0);

        var ours = (await GetAsync(ada, Base)).GetProperty("positions")[0];
        var theirs = (await GetAsync(bob, Base)).GetProperty("positions")[0];
        foreach (var field in new[] { "asset", "assetType", "leverage", "quantity", "entryPrice", "exitPrice", "margin", "fees", "realizedProfit", "cashFlow", "stopLoss", "status" })
        {
            theirs.GetProperty(field).ToString().ShouldBe(ours.GetProperty(field).ToString(), field);
        }

        var noted = (await GetAsync(bob, $"{Base}/actions")).GetProperty("items")[1];
        (noted.GetProperty("emotion").GetString(), noted.GetProperty("notes").GetString()).ShouldBe(("=calm", "two\nlines, \"quoted\""));
    }

    [Fact]
    public async Task The_examples_of_the_description_are_accepted()
    {
        using var ada = await _rig.SignInAsync();
        var paths = (await GetAsync(ada, "/openapi/v1.json")).GetProperty("paths");
        JsonElement Example(string path, string method, string type = "application/json") =>
            paths.GetProperty(path).GetProperty(method).GetProperty("requestBody").GetProperty("content").GetProperty(type).GetProperty("example");
        var opened = await PostAsync(ada, $"{Base}/positions", Example($"{Base}/positions", "post"), 201);
        var position = $"{Base}/positions/{opened.GetProperty("position").GetProperty("id").GetInt64()}";
        await PutAsync(ada, $"{position}/plan", Example($"{Base}/positions/{{id}}/plan", "put"), 200);
        var exit = await PostAsync(ada, $"{position}/actions", Example($"{Base}/positions/{{id}}/actions", "post"), 201);
        await PostAsync(
            ada, $"{position}/actions/{exit.GetProperty("action").GetProperty("id").GetInt64()}/reverse",
            Example($"{Base}/positions/{{id}}/actions/{{actionId}}/reverse", "post"), 201);
        await PutAsync(ada, $"{Base}/risk", Example($"{Base}/risk", "put"), 200);
        await PostAsync(ada, $"{Base}/risk/position-size", Example($"{Base}/risk/position-size", "post"), 200);
        (await ImportAsync(ada, Example($"{Base}/import", "post", "text/csv").GetString()!, 200)).GetProperty("recorded").GetInt32().ShouldBe(1);
        Example("/api/v1/signals/{id}/executions", "post").GetProperty("actionId").GetInt64().ShouldBePositive();
    }

    [Fact]
    public async Task A_file_larger_than_other_bodies_is_imported_and_its_repetition_gets_the_first_answer()
    {
        using var ada = await _rig.SignInAsync();
        var trades = new StringBuilder("Date(UTC),Pair,Side,Price,Executed,Amount,Fee\n");
        for (var i = 0; i < 2_000; i++)
        {
            trades.AppendLine($"2024-01-05 {i / 60 % 24:00}:{i % 60:00}:00,ACORNUSDT,BUY,2,3ACORN,6USDT,0.01USDT");
        }

        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Base}/import") { Content = new StringContent(trades.ToString(), Encoding.UTF8, "text/csv") };
            request.Headers.Add("Idempotency-Key", "file");
            using var answer = await ada.Http.SendAsync(request);
            answers.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        answers[0].ShouldBe("""200 {"recorded":2000,"skipped":0,"positions":1}""");
        answers[1].ShouldBe(answers[0]);
        (await GetAsync(ada, Base)).GetProperty("totals").GetProperty("cashFlow").GetDecimal().ShouldBe(-12_020);
    }

    [Fact]
    public async Task The_worth_of_the_portfolio_is_told_on_the_hub()
    {
        using var ada = await _rig.SignInAsync();
        await using var hub = await _rig.ConnectAsync(ada);
        await using var stranger = await _rig.ConnectAsync();
        await PortfolioAccess.OpenAsync(ada);
        JsonElement told;
        do
        {
            told = await hub.NextAsync("portfolio");
        }
        while (told.GetProperty("openPositions").GetInt32() == 0);
        told.GetProperty("equity").GetDecimal().ShouldBe(6);
        while (stranger.Events.TryRead(out var heard))
        {
            heard.Name.ShouldNotBe("portfolio");
        }
    }

    private static Task<JsonElement> GetAsync(Person person, string path) => SendAsync(person, HttpMethod.Get, path, null, 200);

    private static Task<JsonElement> PostAsync(Person person, string path, object? body, int status) => SendAsync(person, HttpMethod.Post, path, body, status);

    private static Task<JsonElement> PutAsync(Person person, string path, object? body, int status) => SendAsync(person, HttpMethod.Put, path, body, status);

    private static async Task<JsonElement> SendAsync(Person person, HttpMethod method, string path, object? body, int status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await person.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, $"{method} {path}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static async Task<JsonElement> ImportAsync(Person person, string csv, int status)
    {
        using var answer = await person.Http.PostAsync($"{Base}/import", new StringContent(csv, Encoding.UTF8, "text/csv"));
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static async Task<List<string>> AuditAsync(Person person)
    {
        await using var command = person.Database.CreateCommand(
            "select entity_type || ' ' || action from user_activities where user_id = $1 and session_id = $2 and activity_type = 'portfolio_update' order by id");
        command.Parameters.AddWithValue(person.Id);
        command.Parameters.AddWithValue(person.SessionId);
        await using var reader = await command.ExecuteReaderAsync();
        var entries = new List<string>();
        while (await reader.ReadAsync())
        {
            entries.Add(reader.GetString(0));
        }

        return entries;
    }

    public sealed class Product() : SharedRig("--Api:RequestBurst", "1000000", "--Plans:Free:RequestsPerMinute", "1000000");
}
