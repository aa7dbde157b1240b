using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Tests.Api.Notifications;

public sealed partial class NotificationApiTests(NotificationApiTests.Product product) : IClassFixture<NotificationApiTests.Product>
{
    [Fact]
    public async Task A_notification_is_shown_once_on_the_open_page_and_stands_in_the_list()
    {
        using var ada = await product.Rig.SignInAsync();
        using var eve = await product.Rig.SignInAsync();
        await using var page = await ConnectAsync(ada);
        await using var stranger = await ConnectAsync(eve);

        var id = await NotificationAccess.NotifyAsync(ada);
        var shown = await page.NextAsync("notification");
        shown.GetProperty("id").GetInt64().ShouldBe(id);
        shown.GetProperty("type").GetString().ShouldBe("system");
        shown.GetProperty("title").GetString().ShouldBe("Your password was changed");
        var alert = await AlertAsync(ada);
        var fired = await page.NextAsync("alert");
        fired.GetProperty("id").GetInt64().ShouldBe(alert);
        fired.GetProperty("data").GetProperty("symbol").GetString().ShouldBe("BTC");

        // What the outbox repeats after a crash before its record is not shown again.
        await RepeatAsync(ada, id);
        var last = await NotificationAccess.NotifyAsync(ada);
        (await page.NextAsync("notification")).GetProperty("id").GetInt64().ShouldBe(last);

        (await IdsAsync(ada)).ShouldBe([last, alert, id]);
        (await UnreadAsync(ada)).ShouldBe(3);
        (await IdsAsync(eve)).ShouldBeEmpty();
        while (stranger.Events.TryRead(out var other))
        {
            other.Name.ShouldNotBe("notification");
            other.Name.ShouldNotBe("alert");
        }
    }

    [Fact]
    public async Task What_was_missed_while_away_is_read_after_connecting()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = await NotificationAccess.NotifyAsync(ada);
        await DeliveredAsync(ada, id, "hub");

        await using var page = await ConnectAsync(ada);

        (await IdsAsync(ada, "?status=unread")).ShouldBe([id]);
    }

    [Fact]
    public async Task What_was_pushed_while_no_grain_knew_the_node_is_read_and_shown_once()
    {
        using var ada = await product.Rig.SignInAsync();
        using var eve = await product.Rig.SignInAsync();
        var before = await NotificationAccess.NotifyAsync(ada);
        var missed = new[] { await NotificationAccess.NotifyAsync(ada), await NotificationAccess.NotifyAsync(ada) };
        foreach (var id in (long[])[before, .. missed, await NotificationAccess.NotifyAsync(eve)])
        {
            await DeliveredAsync(ada, id, "hub");
        }

        // The grain pushed two of them to nobody, as far as the node can tell: after it had last asked for what it missed.
        await ScalarAsync<long>($"with moved as (update notification_deliveries set settled_at = now() - interval '1 hour' where notification_id = {before} returning 1) select count(*) from moved");
        await ScalarAsync<long>(
            $"with moved as (update notification_deliveries set settled_at = now() + interval '1 hour' where notification_id = any (array[{string.Join(',', missed)}]) returning 1) select count(*) from moved");

        await using var page = await ConnectAsync(ada);
        var last = await NotificationAccess.NotifyAsync(ada);

        var shown = new List<long>();
        while (shown.Count == 0 || shown[^1] != last)
        {
            shown.Add((await page.NextAsync("notification")).GetProperty("id").GetInt64());
        }

        shown.ShouldBe([.. missed, last]);
    }

    [Fact]
    public async Task A_notification_is_read_and_dismissed()
    {
        using var ada = await product.Rig.SignInAsync();
        var ids = new[] { await NotificationAccess.NotifyAsync(ada), await NotificationAccess.NotifyAsync(ada), await NotificationAccess.NotifyAsync(ada) };

        var read = await PostAsync(ada, $"/api/v1/notifications/{ids[0]}/read");
        read.GetProperty("status").GetString().ShouldBe("read");
        var readAt = read.GetProperty("readAt").GetString();
        (await PostAsync(ada, $"/api/v1/notifications/{ids[0]}/dismiss")).GetProperty("readAt").GetString().ShouldBe(readAt);
        (await PostAsync(ada, $"/api/v1/notifications/{ids[0]}/read")).GetProperty("status").GetString().ShouldBe("dismissed");
        (await UnreadAsync(ada)).ShouldBe(2);
        using var all = await ada.Http.PostAsJsonAsync("/api/v1/notifications/read", new { upTo = ids[1] });
        (await all.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("read").GetInt32().ShouldBe(1);
        (await IdsAsync(ada, "?status=unread")).ShouldBe([ids[2]]);
        (await IdsAsync(ada, "?status=dismissed")).ShouldBe([ids[0]]);
    }

    [Fact]
    public async Task The_list_is_paged_without_holes_or_repeats()
    {
        using var ada = await product.Rig.SignInAsync();
        var ids = new List<long>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await NotificationAccess.NotifyAsync(ada));
        }

        var seen = new List<long>();
        string? next = null;
        do
        {
            var page = await GetAsync(ada, $"/api/v1/notifications?limit=3{(next is null ? "" : $"&after={next}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        seen.ShouldBe(Enumerable.Reverse(ids));
        using var wrong = await ada.Http.GetAsync("/api/v1/notifications?status=seen&limit=0&after=xx");
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(error => error.Name)
            .ShouldBe(["status", "limit", "after"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_mail_with_a_token_becomes_a_file_and_the_token_leaves_the_database()
    {
        using var ada = await product.Rig.SignInAsync();
        var id = (await new NotificationStore(ada.Database).AddAsync(
            new NewNotification(ada.Id, NotificationTemplates.VerifyEmail, new JsonObject())
            {
                Channels = [NotificationChannel.Email],
                Secret = new JsonObject { ["token"] = "a-token-that-nobody-else-has" },
                ExpiresAt = DateTimeOffset.UtcNow.AddDays(1),
            },
            DateTimeOffset.UtcNow,
            CancellationToken.None))!.Value;

        await DeliveredAsync(ada, id, "email");

        var mail = await File.ReadAllTextAsync(Path.Combine(product.Mail, $"{id:D8}.eml"));
        mail.ShouldContain("To: <" + ada.Email + ">");
        mail.ShouldContain("\r\na-token-that-nobody-else-has\r\n");
        (await ScalarAsync<long>($"select count(*) from notifications where id = {id} and secret is null and notifications::text not like '%a-token%'")).ShouldBe(1);
        (await GetAsync(ada, "/api/v1/notifications")).GetRawText().ShouldNotContain("a-token");
    }

    [Fact]
    public async Task Preferences_are_kept_and_what_is_impossible_is_refused()
    {
        using var ada = await product.Rig.SignInAsync();
        await ExecuteAsync($$"""update users set preferences = '{"theme": "dark"}' where id = {{ada.Id}}""");
        (await GetAsync(ada, "/api/v1/notifications/preferences")).GetProperty("channels").GetArrayLength().ShouldBe(3);

        var wanted = new { channels = new[] { "email", "sms" }, quietHours = new { from = "22:00", to = "07:00" }, phone = "+491701234567" };
        using var set = await ada.Http.PutAsJsonAsync("/api/v1/notifications/preferences", wanted);
        set.StatusCode.ShouldBe(HttpStatusCode.OK);
        var kept = await GetAsync(ada, "/api/v1/notifications/preferences");
        kept.GetProperty("channels").EnumerateArray().Select(channel => channel.GetString()).ShouldBe(["email", "sms"]);
        kept.GetProperty("quietHours").GetProperty("to").GetString().ShouldBe("07:00");
        kept.GetProperty("phone").GetString().ShouldBe("+491701234567");
        (await ScalarAsync<string>($"select preferences->>'theme' from users where id = {ada.Id}")).ShouldBe("dark");
        (await ScalarAsync<long>($"select count(*) from user_activities where user_id = {ada.Id} and activity_type = 'notification_update' and details::text not like '%4917%'")).ShouldBe(1);

        foreach (var wrong in new object[]
        {
            new { channels = new[] { "pigeon" } },
            new { quietHours = new { from = "25:00", to = "07:00" } },
            new { quietHours = new { from = "07:00", to = "07:00" } },
            new { phone = "+49 170 1\r\nX-Header: 1" },
        })
        {
            using var answer = await ada.Http.PutAsJsonAsync("/api/v1/notifications/preferences", wrong);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, JsonSerializer.Serialize(wrong));
        }
    }

    [Theory]
    [InlineData("http://push.example.org/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://169.254.169.254/")]
    [InlineData("https://localhost/")]
    [InlineData("https://push.example.org:8443/")]
    [InlineData("https://user:secret@push.example.org/")]
    [InlineData("ftp://push.example.org/")]
    public async Task A_push_service_within_reach_of_the_product_only_is_refused(string endpoint)
    {
        using var ada = await product.Rig.SignInAsync();

        using var answer = await ada.Http.PostAsJsonAsync("/api/v1/notifications/push/subscriptions", NotificationAccess.Browser(endpoint));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("endpoint", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task The_push_key_stays_the_same_and_its_private_half_is_in_the_database_only()
    {
        using var ada = await product.Rig.SignInAsync();

        var first = (await GetAsync(ada, "/api/v1/notifications/push/key")).GetProperty("publicKey").GetString();

        first!.Length.ShouldBe(87);
        (await GetAsync(ada, "/api/v1/notifications/push/key")).GetProperty("publicKey").GetString().ShouldBe(first);
        (await ScalarAsync<long>("select count(*) from push_keys")).ShouldBe(1);
    }

    [Fact]
    public async Task An_administrator_sees_dead_letters_and_sends_them_again()
    {
        using var ada = await product.Rig.SignInAsync();
        using var admin = await product.Rig.SignInAsync(role: "admin");
        await ExecuteAsync($"update users set email = 'not an address@example.org' where id = {ada.Id}");
        var id = await AlertAsync(ada, NotificationChannel.Email);
        await Eventually.TrueAsync(async () => await ScalarAsync<long>($"select count(*) from notification_deliveries where notification_id = {id} and status = 'dead'") == 1);

        var letter = (await GetAsync(admin, "/api/v1/admin/notifications/dead-letters")).GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("notificationId").GetInt64() == id);
        letter.GetProperty("channel").GetString().ShouldBe("email");
        letter.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        await ExecuteAsync($"update users set email = '{ada.Email}' where id = {ada.Id}");
        using var resent = await admin.Http.PostAsync($"/api/v1/admin/notifications/dead-letters/{letter.GetProperty("id").GetInt64()}/resend", null);
        resent.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await DeliveredAsync(ada, id, "email");
        (await ScalarAsync<long>($"select count(*) from user_activities where user_id = {admin.Id} and activity_type = 'administration'")).ShouldBe(1);
        using var again = await admin.Http.PostAsync($"/api/v1/admin/notifications/dead-letters/{letter.GetProperty("id").GetInt64()}/resend", null);
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private Task<HubClient> ConnectAsync(Person person) => product.Rig.ConnectAsync(person);

    private static async Task<long> AlertAsync(Person person, params NotificationChannel[] channels) => (await new NotificationStore(person.Database).AddAsync(
        new NewNotification(person.Id, NotificationTemplates.PriceAbove, new JsonObject { ["symbol"] = "BTC", ["triggerValue"] = 1, ["price"] = 2 })
        {
            Type = NotificationType.Alert,
            Channels = channels,
        },
        DateTimeOffset.UtcNow,
        CancellationToken.None))!.Value;

    private async Task RepeatAsync(Person person, long id)
    {
        await DeliveredAsync(person, id, "hub");
        await ExecuteAsync($"update notification_deliveries set status = 'pending', settled_at = null, next_attempt_at = now() where notification_id = {id} and channel = 'hub'");
        await DeliveredAsync(person, id, "hub");
    }

    private static Task DeliveredAsync(Person person, long id, string channel) => Eventually.TrueAsync(async () =>
    {
        await using var command = person.Database.CreateCommand(
            $"select count(*) from notification_deliveries where notification_id = {id} and channel = '{channel}' and status = 'delivered'");
        return (long)(await command.ExecuteScalarAsync())! == 1;
    });

    private static async Task<JsonElement> GetAsync(Person person, string path)
    {
        using var answer = await person.Http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<JsonElement> PostAsync(Person person, string path)
    {
        using var answer = await person.Http.PostAsync(path, null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<long[]> IdsAsync(Person person, string query = "") =>
        [.. (await GetAsync(person, "/api/v1/notifications" + query)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64())];

    private static async Task<long> UnreadAsync(Person person) => (await GetAsync(person, "/api/v1/notifications/unread")).GetProperty("unread").GetInt64();

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = product.Rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = product.Rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The whole product, whose mail goes to a folder.</summary>
    public sealed class Product : IAsyncLifetime
    {
        internal ApiRig Rig { get; private set; } = null!;

        internal SmsGateway Gateway { get; private set; } = null!;

        internal ConcurrentQueue<string> Log { get; } = new();

        internal string Mail { get; } = Path.Combine(Path.GetTempPath(), $"cryptoai-mail-{Guid.NewGuid():N}");

        public async Task InitializeAsync()
        {
            Gateway = await SmsGateway.StartAsync();
            Rig = await ApiRig.StartAsync(
                builder => builder.Logging.AddProvider(new TextLog(Log)).AddFilter<TextLog>("CryptoAI.Grains.Notifications", LogLevel.Warning),
                "--Notifications:Sms:Url", Gateway.Address, "--Notifications:Smtp:Folder", Mail, "--Notifications:Interval", "00:00:00.050", "--Notifications:HubInterval", "00:00:00.020",
                "--Api:RequestBurst", "1000000", "--Plans:Free:RequestsPerMinute", "1000000");
        }

        public async Task DisposeAsync()
        {
            await Rig.DisposeAsync();
            await Gateway.DisposeAsync();
            Folders.Remove(Mail);
        }
    }
}
