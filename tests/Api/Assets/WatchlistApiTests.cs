using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Market;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Assets;

[Collection(nameof(ProductFixture))]
public sealed class WatchlistApiTests(ProductFixture product)
{
    private const string Lists = "/api/v1/watchlists";

    [Fact]
    public async Task A_list_is_made_filled_ordered_and_ended()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await ada.CreateAsync(Lists, new { name = " Mine ", description = "What I look at" });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "btc", weight = 0.6, targetAllocation = 55.5, notes = "core" });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "ETH", weight = 0.4 });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "BTC", side = "short" });
        (await SendAsync(ada, HttpMethod.Post, $"{Lists}/{id}/assets/BTC/move?side=short", new { position = 0 })).Status.ShouldBe(HttpStatusCode.OK);

        var list = (await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Body;
        list.GetProperty("name").GetString().ShouldBe("Mine");
        list.GetProperty("maxAssets").GetInt32().ShouldBe(20);
        Assets(list).ShouldBe(["BTC short 0 ", "BTC long 1 0.6", "ETH long 2 0.4"]);
        (await SendAsync(ada, HttpMethod.Delete, $"{Lists}/{id}/assets/BTC")).Status.ShouldBe(HttpStatusCode.OK);
        Assets((await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Body).ShouldBe(["BTC short 0 ", "ETH long 1 0.4"]);

        (await SendAsync(ada, HttpMethod.Delete, $"{Lists}/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(ada, HttpMethod.Get, Lists)).Body.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task An_overwriting_change_needs_the_version_that_was_read()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await ada.CreateAsync(Lists, new { name = "Mine" });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "BTC" });
        var read = (await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).ETag!;
        var path = $"{Lists}/{id}/assets/BTC";

        (await SendAsync(ada, HttpMethod.Put, path, new { weight = 0.1 })).Status.ShouldBe((HttpStatusCode)428);
        var changed = await SendAsync(ada, HttpMethod.Put, path, new { weight = 0.1 }, read);
        changed.Status.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(ada, HttpMethod.Put, path, new { weight = 0.2 }, read)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await SendAsync(ada, HttpMethod.Put, $"{Lists}/{id}", new { name = "Other" }, "nonsense")).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await SendAsync(ada, HttpMethod.Put, $"{Lists}/{id}", new { name = "Other" }, changed.ETag)).Status.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(ada, HttpMethod.Put, path, new { weight = 0.2 }, "*")).Status.ShouldBe(HttpStatusCode.OK);
        Assets((await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Body).ShouldBe(["BTC long 0 0.2"]);
    }

    [Fact]
    public async Task Editors_at_once_lose_nothing()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await ada.CreateAsync(Lists, new { name = "Mine" });
        var symbols = (await product.Rig.GetAsync("/api/v1/cryptocurrencies")).GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("symbol").GetString()!).ToArray();

        var edits = symbols.SelectMany(symbol => new[] { "long", "short" }.Select(side => AddAndMoveAsync(symbol, side)));
        await Task.WhenAll(edits);

        var list = (await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Body;
        var assets = list.GetProperty("assets").EnumerateArray().ToArray();
        assets.Select(asset => asset.GetProperty("position").GetInt32()).ShouldBe(Enumerable.Range(0, symbols.Length * 2));
        assets.Select(asset => asset.GetProperty("symbol").GetString()).Distinct().ShouldBe(symbols, ignoreOrder: true);
        list.GetProperty("version").GetInt64().ShouldBe(1 + (symbols.Length * 4));

        async Task AddAndMoveAsync(string symbol, string side)
        {
            (await SendAsync(ada, HttpMethod.Post, $"{Lists}/{id}/assets", new { symbol, side, weight = 0.1 })).Status.ShouldBe(HttpStatusCode.Created);
            (await SendAsync(ada, HttpMethod.Post, $"{Lists}/{id}/assets/{symbol}/move?side={side}", new { position = 0 })).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_shared_list_is_read_by_its_link_until_the_link_ends()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await ada.CreateAsync(Lists, new { name = "Mine" });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "BTC", notes = "private" });
        var first = (await SendAsync(ada, HttpMethod.Put, $"{Lists}/{id}/share")).Body.GetProperty("path").GetString()!;
        var shared = await product.Rig.GetAsync(first);
        shared.GetProperty("name").GetString().ShouldBe("Mine");
        shared.ToString().ShouldNotContain("private");
        shared.GetProperty("assets")[0].GetProperty("symbol").GetString().ShouldBe("BTC");

        var second = (await SendAsync(ada, HttpMethod.Put, $"{Lists}/{id}/share")).Body.GetProperty("path").GetString()!;
        await product.Rig.RefusedAsync(first, 404);
        await product.Rig.GetAsync(second);

        // A closed account shares nothing until it is restored.
        await CloseAsync(ada, "now()");
        await product.Rig.RefusedAsync(second, 404);
        await CloseAsync(ada, "null");
        await product.Rig.GetAsync(second);
        (await SendAsync(ada, HttpMethod.Delete, $"{Lists}/{id}/share")).Status.ShouldBe(HttpStatusCode.NoContent);
        await product.Rig.RefusedAsync(second, 404);
        await product.Rig.RefusedAsync($"{Lists}/shared/short", 404);
    }

    private static async Task CloseAsync(Person person, string at)
    {
        await using var command = person.Database.CreateCommand($"update users set deleted_at = {at} where id = {person.Id}");
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Default_lists_are_everyones_to_read_and_administrators_to_change()
    {
        using var admin = await product.Rig.SignInAsync(role: "admin");
        using var ada = await product.Rig.SignInAsync();
        var id = await admin.CreateAsync($"{Lists}/default", new { name = "Majors", maxAssets = 1 });
        await admin.CreateAsync($"{Lists}/{id}/assets", new { symbol = "BTC" });
        (await SendAsync(admin, HttpMethod.Post, $"{Lists}/{id}/assets", new { symbol = "ETH" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await product.Rig.GetAsync($"{Lists}/default")).GetProperty("items").EnumerateArray().Select(list => list.GetProperty("id").ToString()).ShouldContain(id);
        var seen = await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}");
        seen.Body.GetProperty("type").GetString().ShouldBe("default");
        (await SendAsync(ada, HttpMethod.Put, $"{Lists}/{id}", new { name = "Ours" }, "*")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(ada, HttpMethod.Post, $"{Lists}/default", new { name = "Ours" })).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Lists_are_moved_and_paged_in_their_order_and_limited_by_plan()
    {
        using var ada = await product.Rig.SignInAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await ada.CreateAsync(Lists, new { name = $"List {i}" }));
        }

        (await SendAsync(ada, HttpMethod.Post, Lists, new { name = "One more" })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await SendAsync(ada, HttpMethod.Post, $"{Lists}/{ids[2]}/move", new { position = 0 })).Status.ShouldBe(HttpStatusCode.NoContent);
        var first = (await SendAsync(ada, HttpMethod.Get, $"{Lists}?limit=2")).Body;
        var second = (await SendAsync(ada, HttpMethod.Get, $"{Lists}?limit=2&after={first.GetProperty("next").GetString()}")).Body;
        first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(list => list.GetProperty("id").ToString()).ShouldBe([ids[2], ids[0], ids[1]]);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("""{"symbol":"BTC","weight":1.5}""", "weight", 400)]
    [InlineData("""{"symbol":"BTC","weight":0.7}""", "weight", 400)]
    [InlineData("""{"symbol":"BTC","weight":"much"}""", "weight", 400)]
    [InlineData("""{"symbol":"BTC","side":"sideways"}""", "side", 400)]
    [InlineData("""{"symbol":"BTC","targetAllocation":101}""", "targetAllocation", 400)]
    [InlineData("""{"symbol":"BTC","notes":"a\u0000b"}""", "notes", 400)]
    [InlineData("""{"symbol":"NOSUCH"}""", "symbol", 400)]
    [InlineData("""{}""", "symbol", 400)]
    [InlineData("""{"symbol":"ETH"}""", null, 409)]
    public async Task What_cannot_be_added_is_refused_with_its_reason(string body, string? field, int status)
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await ada.CreateAsync(Lists, new { name = "Mine" });
        await ada.CreateAsync($"{Lists}/{id}/assets", new { symbol = "ETH", weight = 0.4 });
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await ada.Http.PostAsync($"{Lists}/{id}/assets", content);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        ((int)answer.StatusCode).ShouldBe(status, problem.ToString());
        if (field is not null)
        {
            problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.ToString());
        }

        (await SendAsync(ada, HttpMethod.Get, $"{Lists}/{id}")).Body.GetProperty("version").GetInt64().ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"name":"  "}""", "name")]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"name":"a\tb"}""", "name")]
    [InlineData("""{"name":"a","maxAssets":1000}""", "maxAssets")]
    public async Task A_list_that_cannot_be_is_refused(string body, string field)
    {
        using var ada = await product.Rig.SignInAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await ada.Http.PostAsync(Lists, content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue();
    }

    private static string[] Assets(JsonElement list) =>
    [
        .. list.GetProperty("assets").EnumerateArray()
            .Select(asset => $"{asset.GetProperty("symbol")} {asset.GetProperty("side")} {asset.GetProperty("position")} {asset.GetProperty("weight")}"),
    ];

    private static async Task<(HttpStatusCode Status, JsonElement Body, string? ETag)> SendAsync(
        Person person, HttpMethod method, string path, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var answer = await person.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), answer.Headers.ETag?.ToString());
    }
}
