using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Tests.Api.Market;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Alerts;

[Collection(nameof(ProductFixture))]
public sealed class AlertApiTests(ProductFixture product)
{
    private const string Alerts = "/api/v1/alerts";

    [Fact]
    public async Task An_alert_fires_on_a_price_and_its_user_is_notified_once()
    {
        using var ada = await product.Rig.SignInAsync();
        var made = await MakeAsync(ada, new { symbol = "btc", type = "price_target", condition = "above", value = 1, channels = new[] { "push", "email" } });
        var id = made.GetProperty("id").GetInt64();
        made.GetProperty("symbol").GetString().ShouldBe("BTC");
        made.GetProperty("status").GetString().ShouldBe("active");

        await Eventually.TrueAsync(async () => (await ReadAsync(ada, id)).GetProperty("status").GetString() == "triggered");

        var notifications = (await ada.Http.GetFromJsonAsync<JsonElement>("/api/v1/notifications")).GetProperty("items");
        notifications.GetArrayLength().ShouldBe(1);
        notifications[0].GetProperty("data").GetProperty("alertId").GetInt64().ShouldBe(id);
        using var late = await ada.Http.DeleteAsync($"{Alerts}/{id}");
        late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        using var changed = await ada.Http.PutAsJsonAsync($"{Alerts}/{id}", new { condition = "below", value = 1 });
        changed.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task On_an_asset_that_is_followed_no_more_an_alert_is_refused_and_an_old_one_can_be_ended()
    {
        using var ada = await product.Rig.SignInAsync();
        await using var add = ada.Database.CreateCommand(
            $"""
            with ghost as (insert into cryptocurrencies (symbol, name, is_active) values ('GHOST', 'Ghost', true) returning id)
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value)
            select {ada.Id}, id, 'price_target', 'above', 1 from ghost
            returning id
            """);
        var old = (long)(await add.ExecuteScalarAsync())!;
        try
        {
            using var made = await ada.Http.PostAsJsonAsync(Alerts, new { symbol = "GHOST", type = "price_target", condition = "above", value = 1 });
            made.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString().ShouldBe("GHOST is not followed.");
            using var ended = await ada.Http.DeleteAsync($"{Alerts}/{old}");
            ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            (await ReadAsync(ada, old)).GetProperty("status").GetString().ShouldBe("cancelled");
        }
        finally
        {
            await using var gone = ada.Database.CreateCommand("update cryptocurrencies set is_active = false where symbol = 'GHOST'");
            await gone.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task An_alert_is_made_read_changed_and_ended()
    {
        using var ada = await product.Rig.SignInAsync();
        var made = await MakeAsync(ada, new
        {
            symbol = "BTC",
            type = "price_target",
            condition = "percentage_change",
            value = -50.5m,
            windowMinutes = 60,
            cooldownSeconds = 300,
            message = "Down!\nSell?",
            expiresAt = DateTimeOffset.UtcNow.AddYears(1).ToString("yyyy-MM-dd'T00:00:00Z'", System.Globalization.CultureInfo.InvariantCulture),
        });
        var id = made.GetProperty("id").GetInt64();
        var read = await ReadAsync(ada, id);
        foreach (var name in new[] { "symbol", "type", "condition", "value", "windowMinutes", "cooldownSeconds", "message", "channels", "status", "expiresAt", "createdAt" })
        {
            read.GetProperty(name).ToString().ShouldBe(made.GetProperty(name).ToString(), name);
        }

        read.GetProperty("channels").EnumerateArray().Single().GetString().ShouldBe("push");
        using var changed = await ada.Http.PutAsJsonAsync($"{Alerts}/{id}", new { condition = "above", value = 900_000_000, channels = new[] { "sms" } });
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        read = await ReadAsync(ada, id);
        read.GetProperty("value").GetDecimal().ShouldBe(900_000_000);
        read.GetProperty("windowMinutes").ValueKind.ShouldBe(JsonValueKind.Null);
        read.GetProperty("message").ValueKind.ShouldBe(JsonValueKind.Null);

        for (var i = 0; i < 2; i++)
        {
            using var ended = await ada.Http.DeleteAsync($"{Alerts}/{id}");
            ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await ReadAsync(ada, id)).GetProperty("status").GetString().ShouldBe("cancelled");
    }

    [Fact]
    public async Task Lists_are_paged_and_filtered()
    {
        using var ada = await product.Rig.SignInAsync();
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await MakeAsync(ada, new { symbol = i == 0 ? "ETH" : "BTC", type = "signal_generated" })).GetProperty("id").GetInt64());
        }

        await ada.Http.DeleteAsync($"{Alerts}/{ids[1]}");
        var seen = new List<long>();
        string? after = null;
        do
        {
            var page = await ada.Http.GetFromJsonAsync<JsonElement>($"{Alerts}?limit=2&after={after}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(alert => alert.GetProperty("id").GetInt64()));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);

        seen.ShouldBe(ids);
        (await IdsAsync("?state=cancelled")).ShouldBe([ids[1]]);
        (await IdsAsync("?symbol=eth")).ShouldBe([ids[4]]);
        (await IdsAsync("?state=active&symbol=BTC")).ShouldBe([ids[0], ids[2], ids[3]]);

        async Task<long[]> IdsAsync(string query) =>
            [.. (await ada.Http.GetFromJsonAsync<JsonElement>(Alerts + query)).GetProperty("items").EnumerateArray().Select(alert => alert.GetProperty("id").GetInt64())];
    }

    [Theory]
    [InlineData("""{"symbol":"BTC"}""", "type")]
    [InlineData("""{"symbol":"NOSUCH","type":"signal_generated"}""", "symbol")]
    [InlineData("""{"type":"signal_generated"}""", "symbol")]
    [InlineData("""{"symbol":"BTC","type":"price_target","value":5}""", "condition")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"above"}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"above","value":-1}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"above","value":"high"}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"percentage_change","value":0}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"percentage_change","value":5,"windowMinutes":7}""", "windowMinutes")]
    [InlineData("""{"symbol":"BTC","type":"price_target","condition":"above","value":5,"windowMinutes":5}""", "windowMinutes")]
    [InlineData("""{"symbol":"BTC","type":"volume_spike","value":0.5}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","value":5}""", "value")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","cooldownSeconds":5}""", "cooldownSeconds")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","channels":[]}""", "channels")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","channels":["push","push"]}""", "channels")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"symbol":"BTC","type":"signal_generated","message":"a\u0000b"}""", "message")]
    [InlineData("""{"symbol":"BTC","type":"telepathy"}""", "type")]
    [InlineData("""{"symbol":"BTC",""", "body")]
    public async Task What_is_wrong_is_named(string body, string field)
    {
        using var ada = await product.Rig.SignInAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await ada.Http.PostAsync(Alerts, content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldContain(field, problem.ToString());
    }

    [Fact]
    public async Task A_plan_limits_how_many_are_active()
    {
        using var ada = await product.Rig.SignInAsync();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 22; i++)
        {
            using var answer = await ada.Http.PostAsJsonAsync(Alerts, new { symbol = "BTC", type = "signal_generated" });
            statuses.Add(answer.StatusCode);
        }

        statuses.Count(status => status == HttpStatusCode.Created).ShouldBe(20);
        statuses[^1].ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_repeated_request_makes_one_alert()
    {
        using var ada = await product.Rig.SignInAsync();
        ada.Http.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        var first = await MakeAsync(ada, new { symbol = "BTC", type = "signal_generated" });
        var again = await MakeAsync(ada, new { symbol = "BTC", type = "signal_generated" });
        again.GetProperty("id").GetInt64().ShouldBe(first.GetProperty("id").GetInt64());
        (await ada.Http.GetFromJsonAsync<JsonElement>(Alerts)).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    private static async Task<JsonElement> MakeAsync(Person person, object body)
    {
        using var answer = await person.Http.PostAsJsonAsync(Alerts, body);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();
        answer.Headers.Location!.ToString().ShouldBe($"{Alerts}/{made.GetProperty("id")}");
        return made;
    }

    private static Task<JsonElement> ReadAsync(Person person, long id) => person.Http.GetFromJsonAsync<JsonElement>($"{Alerts}/{id}");
}
