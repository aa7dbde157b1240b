using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Api.Market;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.SignalR;
using Npgsql;
using static CryptoAI.Tests.Api.Users.AccountsProduct;

namespace CryptoAI.Tests.Api.Users;

/// <summary>What a signed-in person does with sessions, and the hub's part in it.</summary>
[Collection(nameof(AccountsProduct))]
public sealed class SessionTests(AccountsProduct product)
{
    [Fact]
    public async Task Sessions_are_listed_and_one_is_ended()
    {
        var email = NewEmail();
        var home = NewAddress();
        var first = await product.JoinAsync(email, address: home);
        using var other = product.From(home);
        var second = await other.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        using var http = product.From(token: first.Text("sessionToken"));
        var sessions = (await http.GetOkAsync("/api/v1/users/me/sessions")).EnumerateArray().ToArray();
        sessions.Length.ShouldBe(2);
        sessions.Single(session => session.GetProperty("isCurrent").GetBoolean()).GetProperty("id").GetInt64().ShouldBe(first.GetProperty("sessionId").GetInt64());
        sessions.ShouldAllBe(session => session.Text("address") == home && session.Text("device") == "tests/1.0");
        sessions[0].GetRawText().ShouldNotContain("oken");

        var secondId = second.GetProperty("sessionId").GetInt64();
        (await http.DeleteAsync($"/api/v1/users/me/sessions/{secondId}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.DeleteAsync($"/api/v1/users/me/sessions/{secondId}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var ended = product.From(token: second.Text("sessionToken"));
        (await ended.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        await ended.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = second.Text("refreshToken") }, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Signing_out_here_leaves_the_others_and_everywhere_leaves_none()
    {
        var email = NewEmail();
        var home = NewAddress();
        await product.JoinAsync(email, address: home);
        var clients = new List<HttpClient>();
        for (var i = 0; i < 3; i++)
        {
            using var door = product.From(home);
            clients.Add(product.From(token: (await door.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword })).Text("sessionToken")));
        }

        (await clients[0].PostAsync("/api/v1/auth/sign-out", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await clients[0].StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await clients[1].StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        (await clients[1].PostAsync("/api/v1/auth/sign-out-everywhere", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await clients[1].StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await clients[2].StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_tells_the_owner()
    {
        var email = NewEmail();
        var home = NewAddress();
        var first = await product.JoinAsync(email, address: home);
        using var door = product.From(home);
        var second = await door.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        using var http = product.From(token: first.Text("sessionToken"));
        await http.PostRefusedAsync("/api/v1/users/me/password", new { currentPassword = "not this one", newPassword = "a better password" }, HttpStatusCode.BadRequest);
        (await http.PostAsJsonAsync("/api/v1/users/me/password", new { currentPassword = GoodPassword, newPassword = "a better password" }))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        using var other = product.From(token: second.Text("sessionToken"));
        (await other.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await product.MailsAsync(email, "account.password_changed")).ShouldBe(1);
        await door.PostOkAsync("/api/v1/auth/sign-in", new { email, password = "a better password" });
    }

    [Fact]
    public async Task A_closed_account_is_gone_for_its_owner_and_comes_back_by_an_administrator()
    {
        var email = NewEmail();
        var home = NewAddress();
        var tokens = await product.JoinAsync(email, address: home);
        var id = tokens.GetProperty("userId").GetInt64();
        using var http = product.From(home, tokens.Text("sessionToken"));
        await http.PostRefusedAsync("/api/v1/users/me/delete", new { password = "not this one" }, HttpStatusCode.BadRequest);
        (await http.PostAsJsonAsync("/api/v1/users/me/delete", new { password = GoodPassword })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await http.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        using var door = product.From(home);
        await door.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword }, HttpStatusCode.Unauthorized);

        using var admin = await product.Rig.SignInAsync(role: "admin");
        (await admin.Http.PostAsync($"/api/v1/admin/users/{id}/restore", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await door.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        (await http.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized, "old sessions stay ended");
    }

    [Fact]
    public async Task A_ticket_opens_one_hub_connection_within_half_a_minute()
    {
        using var ada = await product.Rig.SignInAsync();
        var ticket = (await ada.Http.PostOkAsync("/api/v1/hub/ticket", new { })).Text("ticket");
        await using (var client = await ConnectAsync(ticket))
        {
            (await IsInGroupAsync(client, ada.Id)).ShouldBeTrue();
        }

        await using var again = await ConnectAsync(ticket);
        (await IsInGroupAsync(again, ada.Id)).ShouldBeFalse("a ticket works once");
        var late = (await ada.Http.PostOkAsync("/api/v1/hub/ticket", new { })).Text("ticket");
        await product.ExecuteAsync("update hub_tickets set expires_at = now() - interval '1 second'");
        await using var tooLate = await ConnectAsync(late);
        (await IsInGroupAsync(tooLate, ada.Id)).ShouldBeFalse("a ticket lives for 30 seconds");
        await using var withToken = await ConnectAsync(ada.Token);
        (await IsInGroupAsync(withToken, ada.Id)).ShouldBeFalse("a session token is no ticket");
    }

    [Theory]
    [InlineData("sign-out")]
    [InlineData("revoked")]
    [InlineData("elsewhere")]
    [InlineData("suspended")]
    public async Task The_hub_connections_of_a_session_end_with_it(string how)
    {
        using var ada = await product.Rig.SignInAsync();
        using var other = await product.Rig.SignInAsync(ada.Id, ada.Email);
        await using var client = await ConnectAsync((await ada.Http.PostOkAsync("/api/v1/hub/ticket", new { })).Text("ticket"));
        await using var untouched = await ConnectAsync((await other.Http.PostOkAsync("/api/v1/hub/ticket", new { })).Text("ticket"));
        (await IsInGroupAsync(client, ada.Id)).ShouldBeTrue();
        switch (how)
        {
            case "sign-out":
                (await ada.Http.PostAsync("/api/v1/auth/sign-out", null)).EnsureSuccessStatusCode();
                break;
            case "revoked":
                (await other.Http.DeleteAsync($"/api/v1/users/me/sessions/{ada.SessionId}")).EnsureSuccessStatusCode();
                break;
            case "elsewhere":
                await product.ExecuteAsync("update user_sessions set is_active = false where id = $1", ada.SessionId);
                break;
            default:
                await product.ExecuteAsync("update users set is_active = false where id = $1", ada.Id);
                break;
        }

        await client.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        if (how != "suspended")
        {
            (await IsInGroupAsync(untouched, ada.Id)).ShouldBeTrue("the other session goes on");
        }
    }

    [Fact]
    public async Task When_a_session_was_last_used_is_written_a_little_later()
    {
        using var ada = await product.Rig.SignInAsync();
        await product.ExecuteAsync("update user_sessions set last_used_at = now() - interval '1 hour' where id = $1", ada.SessionId);
        await ada.Http.GetOkAsync("/api/v1/users/me");
        await Eventually.TrueAsync(async () => await product.ScalarAsync<bool>(
            "select last_used_at > now() - interval '1 minute' from user_sessions where id = $1", ada.SessionId));
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_with_session_and_address()
    {
        var home = NewAddress();
        var tokens = await product.JoinAsync(NewEmail(), address: home);
        using var http = product.From(home, tokens.Text("sessionToken"));
        (await http.PatchAsJsonAsync("/api/v1/users/me", new { firstName = "Ada", timezone = "Asia/Tehran", language = "fa" })).EnsureSuccessStatusCode();
        (await http.PutAsJsonAsync("/api/v1/users/me/preferences", new { theme = "dark" })).EnsureSuccessStatusCode();
        var page = await http.GetOkAsync("/api/v1/users/me/activities?limit=2");
        var entries = page.GetProperty("items").EnumerateArray().ToArray();
        entries.Length.ShouldBe(2);
        entries.ShouldAllBe(entry => entry.Text("address") == home && entry.GetProperty("sessionId").GetInt64() == tokens.GetProperty("sessionId").GetInt64());
        entries[1].GetProperty("details").GetProperty("changed").EnumerateArray().Select(name => name.GetString()).ShouldBe(["firstName", "timezone", "language"]);
        var rest = await http.GetOkAsync($"/api/v1/users/me/activities?after={page.Text("next")}");
        rest.GetProperty("items").EnumerateArray().Select(entry => entry.Text("activityType")).ShouldContain("login");
        await Should.ThrowAsync<PostgresException>(product.ExecuteAsync("update user_activities set details = '{}'"));
        await Should.ThrowAsync<PostgresException>(product.ExecuteAsync("delete from user_activities"));
        await product.ExecuteAsync("delete from users where id = $1", tokens.GetProperty("userId").GetInt64());
    }

    [Fact]
    public async Task Preferences_leave_those_of_notifications_alone()
    {
        using var ada = await product.Rig.SignInAsync();
        await product.ExecuteAsync("""update users set preferences = '{"notifications": {"channels": ["email"]}, "old": 1}' where id = $1""", ada.Id);
        (await ada.Http.PutAsJsonAsync("/api/v1/users/me/preferences", new { theme = "dark", notifications = new { channels = Array.Empty<string>() } })).EnsureSuccessStatusCode();
        (await product.ScalarAsync<bool>(
            """select preferences = '{"notifications": {"channels": ["email"]}, "theme": "dark"}' from users where id = $1""", ada.Id)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_plan_that_is_over_counts_as_free_and_its_limit_of_requests_is_kept()
    {
        await using var rig = await ApiRig.StartAsync("--Plans:Free:RequestsPerMinute", "5", "--Plans:Basic:RequestsPerMinute", "30");
        using var ada = await rig.SignInAsync(plan: "basic");
        using var admin = await rig.SignInAsync(role: "admin", plan: "enterprise");
        await ServesAsync(ada, perMinute: 30);
        (await admin.Http.PatchAsJsonAsync($"/api/v1/admin/users/{ada.Id}", new { plan = "basic", subscriptionExpiresAt = DateTimeOffset.UtcNow.AddHours(1) }))
            .EnsureSuccessStatusCode();
        (await admin.Http.GetOkAsync($"/api/v1/admin/users/{ada.Id}")).Text("plan").ShouldBe("basic");
        await using (var over = ada.Database.CreateCommand($"update users set subscription_expires_at = now() - interval '1 second' where id = {ada.Id}"))
        {
            (await over.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        (await admin.Http.GetOkAsync($"/api/v1/admin/users/{ada.Id}")).Text("plan").ShouldBe("free");
        await ServesAsync(ada, perMinute: 5);
        for (var i = 0; i < 20; i++)
        {
            (await admin.Http.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        }

        // As many at once as a minute allows, and those that come back while they are asked.
        static async Task ServesAsync(Person person, int perMinute)
        {
            var since = Stopwatch.GetTimestamp();
            var served = 0;
            HttpStatusCode status;
            while ((status = await person.Http.StatusAsync("/api/v1/users/me")) == HttpStatusCode.OK)
            {
                served++;
            }

            status.ShouldBe(HttpStatusCode.TooManyRequests);
            served.ShouldBeInRange(perMinute, perMinute + 1 + (int)(perMinute * Stopwatch.GetElapsedTime(since).TotalMinutes));
        }
    }

    [Fact]
    public async Task An_administrator_keeps_the_balance_which_its_owner_sees_and_the_audit_names()
    {
        using var ada = await product.Rig.SignInAsync();
        using var admin = await product.Rig.SignInAsync(role: "admin");
        var path = $"/api/v1/admin/users/{ada.Id}";
        (await admin.Http.PatchAsJsonAsync(path, new { accountBalance = 12.5 })).EnsureSuccessStatusCode();
        (await admin.Http.PatchAsJsonAsync(path, new { notes = "Paid" })).EnsureSuccessStatusCode();
        (await ada.Http.GetOkAsync("/api/v1/users/me")).GetProperty("accountBalance").GetDecimal().ShouldBe(12.5m);
        (await product.ScalarAsync<string>(
            "select details ->> 'accountBalance' from user_activities where user_id = $1 and entity_id = $2 order by id limit 1", admin.Id, ada.Id)).ShouldBe("12.5");
        (await admin.Http.PatchAsJsonAsync(path, new { accountBalance = 0.001 })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.Http.PatchAsJsonAsync(path, new { accountBalance = 1e12 })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ada.Http.PatchAsJsonAsync("/api/v1/users/me", new { accountBalance = 1 })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<HubClient> ConnectAsync(string ticket)
    {
        var client = await HubClient.ConnectAsync(product.Rig.Address, path: $"/hubs/market?ticket={ticket}");

        // The handshake is answered before the connection is in its groups; calls are answered after.
        await client.InvokeAsync("Unsubscribe");
        return client;
    }

    /// <summary>Whether a message to a person's group reaches this connection: before one to everyone that is sent after it.</summary>
    private async Task<bool> IsInGroupAsync(HubClient client, long userId)
    {
        var name = $"probe{Guid.NewGuid():N}";
        var hub = product.Rig.App.Services.GetRequiredService<IHubContext<MarketHub>>();
        await hub.Clients.Group(HubAccess.GroupOf(userId)).SendAsync(name, "group");
        await hub.Clients.All.SendAsync(name, "all");
        return (await client.NextAsync(name)).GetString() == "group";
    }
}
