using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Market;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Operations;

public sealed class TaskApiTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    internal static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/admin/tasks", Access.Admin),
        new("GET", "/api/v1/admin/tasks/{name}/runs", Access.Admin),
        new("POST", "/api/v1/admin/tasks/{name}/start", Access.Admin),
        new("POST", "/api/v1/admin/tasks/{name}/cancel", Access.Admin),
    ];

    private const string Retention = "/api/v1/admin/tasks/task-retention";

    [Fact]
    public async Task An_administrator_sees_starts_and_cannot_cancel_what_is_over()
    {
        using var admin = await product.Rig.SignInAsync(role: "admin");
        await Eventually.TrueAsync(async () => (await NewestAsync(admin)).GetProperty("status").GetString() == "completed");

        var (first, again) = (await StartAsync(admin, "once", "{}"), await StartAsync(admin, "once", "{}"));
        first.Status.ShouldBe(HttpStatusCode.Accepted);
        again.Body.GetProperty("id").GetInt64().ShouldBe(first.Body.GetProperty("id").GetInt64(), "a repeated request starts nothing again");
        JsonElement run = default;
        await Eventually.TrueAsync(async () =>
        {
            run = (await admin.Http.GetOkAsync($"{Retention}/runs")).GetProperty("items").EnumerateArray()
                .Single(one => one.GetProperty("id").GetInt64() == first.Body.GetProperty("id").GetInt64());
            return run.GetProperty("status").GetString() == "completed";
        });
        run.GetProperty("result").GetProperty("deleted").GetInt32().ShouldBe(0);
        run.GetProperty("executionSeconds").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        var page = await admin.Http.GetOkAsync($"{Retention}/runs?limit=1");
        page.GetProperty("items").GetArrayLength().ShouldBe(1);
        page.GetProperty("next").GetString().ShouldNotBeNull();

        using var cancelled = await admin.Http.PostAsync($"{Retention}/cancel", null);
        cancelled.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await StartAsync(admin, "wrong", """{"parameters":[1]}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.Http.PostRefusedAsync("/api/v1/admin/tasks/nothing/start", new { }, HttpStatusCode.NotFound)).Text("detail").ShouldContain("no such task");
    }

    private static async Task<JsonElement> NewestAsync(Person admin) =>
        (await admin.Http.GetOkAsync("/api/v1/admin/tasks")).EnumerateArray()
            .Single(static task => task.GetProperty("name").GetString() == "task-retention").GetProperty("newestRun") is { ValueKind: JsonValueKind.Object } run
            ? run
            : JsonElement.Parse("""{"id":0,"status":"none"}""");

    private static async Task<(HttpStatusCode Status, JsonElement Body)> StartAsync(Person admin, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Retention}/start")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        using var answer = await admin.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
