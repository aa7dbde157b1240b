using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Orleans;

namespace CryptoAI.Tests.Api.Notifications;

/// <summary>Phones, announcements, and nodes that fail.</summary>
public sealed partial class NotificationApiTests
{
    [Fact]
    public async Task A_phone_number_is_confirmed_by_the_code_that_was_sent_to_it()
    {
        using var ada = await product.Rig.SignInAsync();
        const string Code = "/api/v1/notifications/phone/code", Confirm = "/api/v1/notifications/phone/confirm";
        (await StatusAsync(ada, Code, null)).ShouldBe(HttpStatusCode.Conflict, "there is no number");
        var number = $"+98912{ada.Id:D7}";
        using var set = await ada.Http.PutAsJsonAsync("/api/v1/notifications/preferences", new { phone = number });
        (await set.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("phoneConfirmed").GetBoolean().ShouldBeFalse();
        (await StatusAsync(ada, Confirm, new { code = "123456" })).ShouldBe(HttpStatusCode.BadRequest, "none was asked for");

        (await StatusAsync(ada, Code, null)).ShouldBe(HttpStatusCode.NoContent);
        (await StatusAsync(ada, Code, null)).ShouldBe(HttpStatusCode.TooManyRequests);
        await Eventually.TrueAsync(() => product.Gateway.Sent.Any(sms => sms.To == number));
        var code = SixDigits().Match(product.Gateway.Sent.Single(sms => sms.To == number).Text).Value;
        (await StatusAsync(ada, Confirm, new { code = code == "000000" ? "000001" : "000000" })).ShouldBe(HttpStatusCode.BadRequest);

        // As a Persian keyboard writes it, with a mark that came along when it was copied.
        var typed = "\u2068" + string.Concat(code.Select(static digit => (char)('\u06F0' + digit - '0'))) + "\u2069 ";
        using var confirmed = await ada.Http.PostAsJsonAsync(Confirm, new { code = typed });
        confirmed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await confirmed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("phoneConfirmed").GetBoolean().ShouldBeTrue();
        (await StatusAsync(ada, Code, null)).ShouldBe(HttpStatusCode.Conflict, "it is confirmed already");
        (await GetAsync(ada, "/api/v1/notifications")).GetRawText().ShouldNotContain(code);
    }

    [Fact]
    public async Task An_administrator_tells_people_something_now_or_later()
    {
        using var admin = await product.Rig.SignInAsync(role: "admin");
        using var ada = await product.Rig.SignInAsync();
        using var eve = await product.Rig.SignInAsync();
        await ExecuteAsync($"update users set language = 'fa-IR' where id = {ada.Id}");
        var now = new
        {
            type = "educational", title = "حد ضرر", message = "پیش از معامله\nحد ضرر بگذارید.", channels = new[] { "email" }, priority = "high",
            userIds = new[] { ada.Id, eve.Id }, language = "fa",
        };
        using var first = new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/notifications") { Content = JsonContent.Create(now), Headers = { { "Idempotency-Key", "tell" } } };
        using var answered = await admin.Http.SendAsync(first);
        (await answered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("people").GetInt32().ShouldBe(1);
        using var second = new HttpRequestMessage(HttpMethod.Post, "/api/v1/admin/notifications") { Content = JsonContent.Create(now), Headers = { { "Idempotency-Key", "tell" } } };
        (await admin.Http.SendAsync(second)).Dispose();

        var told = (await GetAsync(ada, "/api/v1/notifications")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (told.GetProperty("type").GetString(), told.GetProperty("title").GetString(), told.GetProperty("priority").GetString()).ShouldBe(("educational", "حد ضرر", "high"));
        await DeliveredAsync(ada, told.GetProperty("id").GetInt64(), "email");
        (await IdsAsync(eve)).ShouldBeEmpty();
        (await ScalarAsync<long>($"select count(*) from user_activities where user_id = {admin.Id} and entity_type = 'notification' and action = 'create'")).ShouldBe(1);

        // What is for later is not there yet, and comes when it is due.
        var at = DateTimeOffset.UtcNow.AddHours(1);
        (await StatusAsync(admin, "/api/v1/admin/notifications", new { title = "Later", message = "At eight", scheduledFor = at, userIds = new[] { eve.Id } }))
            .ShouldBe(HttpStatusCode.Accepted);
        (await IdsAsync(eve)).ShouldBeEmpty();
        (await UnreadAsync(eve)).ShouldBe(0);
        await ExecuteAsync($"update notifications set scheduled_for = now() - interval '1 second' where user_id = {eve.Id}");
        await ExecuteAsync($"update notification_deliveries d set next_attempt_at = now() from notifications n where n.id = d.notification_id and n.user_id = {eve.Id}");
        await DeliveredAsync(eve, (await IdsAsync(eve)).ShouldHaveSingleItem(), "hub");
    }

    [Fact]
    public async Task An_announcement_that_is_impossible_or_for_nobody_is_refused()
    {
        using var admin = await product.Rig.SignInAsync(role: "admin");
        var past = DateTimeOffset.UtcNow.AddDays(-1);
        foreach (var (field, body) in new (string, object)[]
        {
            ("title", new { title = "two\nlines", message = "x" }),
            ("title", new { title = " ", message = "x" }),
            ("message", new { title = "x", message = "" }),
            ("message", new { title = "x", message = "a\0b" }),
            ("type", new { title = "x", message = "x", type = "alert" }),
            ("scheduledFor", new { title = "x", message = "x", scheduledFor = past }),
            ("expiresAt", new { title = "x", message = "x", expiresAt = past }),
            ("userIds", new { title = "x", message = "x", userIds = Array.Empty<long>() }),
        })
        {
            using var answer = await admin.Http.PostAsJsonAsync("/api/v1/admin/notifications", body);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, JsonSerializer.Serialize(body));
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(field);
        }

        (await StatusAsync(admin, "/api/v1/admin/notifications", new { title = "x", message = "x", userIds = new[] { -1 } })).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_node_that_fails_is_dropped_and_the_log_says_so()
    {
        using var ada = await product.Rig.SignInAsync();
        var grains = product.Rig.App.Services.GetRequiredService<IGrainFactory>();
        var node = new FailingNode();
        var reference = grains.CreateObjectReference<INotificationObserver>(node);
        (await grains.GetGrain<INotificationGrain>(ada.Id).ObserveAsync(reference)).ShouldBeFalse();

        await DeliveredAsync(ada, await NotificationAccess.NotifyAsync(ada), "hub");

        product.Log.ShouldContain(line => line.Contains("this node is broken", StringComparison.Ordinal));
        (await grains.GetGrain<INotificationGrain>(ada.Id).ObserveAsync(reference)).ShouldBeFalse("it was dropped");
        GC.KeepAlive(node);
    }

    private static async Task<HttpStatusCode> StatusAsync(Person person, string path, object? body)
    {
        using var answer = body is null ? await person.Http.PostAsync(path, null) : await person.Http.PostAsJsonAsync(path, body);
        return answer.StatusCode;
    }

    [GeneratedRegex("[0-9]{6}")]
    private static partial Regex SixDigits();

    private sealed class FailingNode : INotificationObserver
    {
        public Task OnNotificationAsync(Notification notification) => throw new InvalidOperationException("this node is broken");
    }
}
