using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Grains.Users;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using static CryptoAI.Tests.Api.Users.AccountsProduct;

namespace CryptoAI.Tests.Api.Users;

/// <summary>Signing in, refreshing, revoking, and what attackers try there.</summary>
[Collection(nameof(AccountsProduct))]
public sealed class SignInTests(AccountsProduct product)
{
    [Fact]
    public async Task Guesses_from_many_addresses_are_held_up_and_the_owner_at_a_known_address_is_not()
    {
        var email = NewEmail();
        var home = NewAddress();
        var tokens = await product.JoinAsync(email, address: home);
        for (var guess = 0; guess < 12; guess++)
        {
            using var attacker = product.From();
            await attacker.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = $"wrong password {guess}" }, HttpStatusCode.Unauthorized);
        }

        (await product.ScalarAsync<int>("select failed_login_attempts from users where email = $1", email)).ShouldBe(5, "later guesses were not even looked at");
        using var elsewhere = product.From();
        await elsewhere.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword }, HttpStatusCode.Unauthorized);

        using var session = product.From(token: tokens.Text("sessionToken"));
        (await session.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        await elsewhere.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = tokens.Text("refreshToken") });
        using var owner = product.From(home);
        await owner.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        (await product.ScalarAsync<int>("select failed_login_attempts from users where email = $1", email)).ShouldBe(0);
    }

    [Fact]
    public async Task A_pause_grows_up_to_a_quarter_of_an_hour_and_a_mailed_code_ends_it()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        var longest = 0.0;
        for (var guess = 0; guess < 20; guess++)
        {
            using var attacker = product.From();
            await attacker.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = "wrong password" }, HttpStatusCode.Unauthorized);
            longest = Math.Max(longest, await product.ScalarAsync<double>(
                "select coalesce(extract(epoch from lockout_expires - now()), 0)::double precision from users where email = $1", email));
            await product.ExecuteAsync("update users set lockout_expires = now() - interval '1 second' where email = $1 and lockout_expires is not null", email);
        }

        longest.ShouldBeInRange(890, 900);
        using var away = product.From();
        await product.ExecuteAsync("update users set lockout_expires = now() + interval '15 minutes' where email = $1", email);
        await away.PostOkAsync("/api/v1/auth/forgot-password", new { email });
        var token = await product.MailedCodeAsync(email, "account.reset_password");
        await away.PostOkAsync("/api/v1/auth/reset-password", new { token, newPassword = "a better password" });
        await away.PostOkAsync("/api/v1/auth/sign-in", new { email, password = "a better password" });
    }

    [Fact]
    public async Task Simultaneous_guesses_are_counted_one_by_one()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        var clients = Enumerable.Range(0, 20).Select(_ => product.From()).ToArray();
        await Task.WhenAll(clients.Select(client => client.PostAsJsonAsync("/api/v1/auth/sign-in", new { email, password = "wrong password" })));
        (await product.ScalarAsync<int>("select failed_login_attempts from users where email = $1", email)).ShouldBe(5);
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task Words_do_not_tell_whether_there_is_an_account()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 9; i++)
        {
            await RefusedInAsync(email, answers);
            await RefusedInAsync(NewEmail(), answers);
        }

        answers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_takes_the_same_work_whether_or_not_there_is_an_account()
    {
        using var work = new PasswordWork(product.Rig);
        var old = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 100 })).HashPassword(new object(), GoodPassword);
        const string wrong = "wrong password";
        var paused = "failed_login_attempts = 9, lockout_expires = now() + interval '1 hour'";
        foreach (var (change, password, isHome) in ((string?, string, bool)[])
        [
            (null, wrong, false), (null, wrong, true), (paused, GoodPassword, false), ("is_verified = false", GoodPassword, true),
            ("is_active = false", GoodPassword, true), ("deleted_at = now()", GoodPassword, true), ($"password_hash = '{old}'", wrong, true),
            ("password_hash = 'none'", wrong, true), ("email = 'moved-' || email", GoodPassword, true),
        ])
        {
            var (email, home) = (NewEmail(), NewAddress());
            await product.JoinAsync(email, address: home);
            await product.ExecuteAsync($"update users set {change ?? "email = email"} where email = $1", email);
            using var http = product.From(isHome ? home : null);
            var before = work.Rounds;
            await http.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password }, HttpStatusCode.Unauthorized);
            (work.Rounds - before).ShouldBe(ApiRig.PasswordRounds, change ?? "a wrong password");
            before = work.Rounds;
            await http.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword });
            (work.Rounds - before).ShouldBe(ApiRig.PasswordRounds, $"registering: {change}");
        }
    }

    [Fact]
    public async Task An_old_hash_is_made_anew_at_the_next_sign_in()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        var old = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 100 })).HashPassword(new object(), GoodPassword);
        await product.ExecuteAsync("update users set password_hash = $2 where email = $1", email, old);
        using var http = product.From();
        await http.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        var stored = await product.ScalarAsync<string>("select password_hash from users where email = $1", email);
        stored.ShouldNotBe(old);
        await http.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        (await product.ScalarAsync<string>("select password_hash from users where email = $1", email)).ShouldBe(stored);
    }

    [Fact]
    public async Task A_refresh_gives_new_tokens_and_ends_the_old_ones()
    {
        var first = await product.JoinAsync(NewEmail());
        using var http = product.From();
        var second = await http.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        second.GetProperty("sessionId").GetInt64().ShouldBe(first.GetProperty("sessionId").GetInt64());
        using var old = product.From(token: first.Text("sessionToken"));
        (await old.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        using var now = product.From(token: second.Text("sessionToken"));
        (await now.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_token_that_comes_back_ends_the_session_and_its_owner_is_told()
    {
        var email = NewEmail();
        var first = await product.JoinAsync(email);
        using var owner = product.From();
        using var thief = product.From();
        var stolen = await thief.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        await owner.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") }, HttpStatusCode.Unauthorized);
        await thief.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = stolen.Text("refreshToken") }, HttpStatusCode.Unauthorized);
        using var session = product.From(token: stolen.Text("sessionToken"));
        (await session.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await product.MailsAsync(email, "account.refresh_token_reused")).ShouldBe(1);
        (await product.ScalarAsync<long>(
            "select count(*) from user_activities where user_id = $1 and details ->> 'reason' = 'refresh_token_reused'",
            first.GetProperty("userId").GetInt64())).ShouldBe(1);
    }

    [Fact]
    public async Task A_refresh_whose_answer_was_lost_is_answered_again_from_the_same_address_for_a_moment()
    {
        var email = NewEmail();
        var first = await product.JoinAsync(email);
        var id = first.GetProperty("userId").GetInt64();
        using var owner = product.From();
        var lost = await owner.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        await product.ExecuteAsync("update user_sessions set refreshed_at = refreshed_at - interval '10 seconds' where user_id = $1", id);
        var second = await owner.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        second.GetProperty("sessionId").GetInt64().ShouldBe(first.GetProperty("sessionId").GetInt64());
        using (var never = product.From(token: lost.Text("sessionToken")))
        {
            (await never.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized, "one pair at a time");
        }

        using var session = product.From(token: second.Text("sessionToken"));
        (await session.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        (await product.MailsAsync(email, "account.refresh_token_reused")).ShouldBe(0);

        // The moment counts from the first exchange, however often it is repeated.
        await product.ExecuteAsync("update user_sessions set refreshed_at = refreshed_at - interval '21 seconds' where user_id = $1", id);
        await owner.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") }, HttpStatusCode.Unauthorized);
        (await session.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        (await product.MailsAsync(email, "account.refresh_token_reused")).ShouldBe(1);
    }

    [Fact]
    public async Task Who_was_overtaken_within_the_moment_ends_the_session_with_the_next_refresh()
    {
        var email = NewEmail();
        var first = await product.JoinAsync(email);
        using var sameAddress = product.From();
        var owners = await sameAddress.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        var thiefs = await sameAddress.PostOkAsync("/api/v1/auth/refresh", new { refreshToken = first.Text("refreshToken") });
        await sameAddress.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = owners.Text("refreshToken") }, HttpStatusCode.Unauthorized);
        await sameAddress.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = thiefs.Text("refreshToken") }, HttpStatusCode.Unauthorized);
        (await product.MailsAsync(email, "account.refresh_token_reused")).ShouldBe(1);
    }

    [Fact]
    public async Task Invented_and_truncated_tokens_are_refused_and_end_nobodys_session()
    {
        var tokens = await product.JoinAsync(NewEmail());
        var (session, refresh) = (tokens.Text("sessionToken"), tokens.Text("refreshToken"));
        var invented = new string('x', 43);
        using var http = product.From();
        foreach (var wrong in new[] { "", "x", refresh[..^1], refresh + "x", $"{invented}.{invented}", $"{invented}.{refresh[44..]}", refresh.Replace('.', '_') })
        {
            await http.PostRefusedAsync("/api/v1/auth/refresh", new { refreshToken = wrong }, HttpStatusCode.Unauthorized);
        }

        foreach (var wrong in new[] { session[..^1], session + "x", Flipped(session), refresh, invented, "null", session.ToUpperInvariant(), "' or 1=1 --" })
        {
            using var liar = product.From();
            liar.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {wrong}");
            (await liar.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized, wrong);
        }

        using var twice = product.From(token: session);
        twice.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {invented}");
        (await twice.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized, "two headers");
        using var inAddress = product.From();
        (await inAddress.StatusAsync($"/api/v1/users/me?access_token={session}&ticket={session}")).ShouldBe(HttpStatusCode.Unauthorized, "in the address");
        using var still = product.From(token: session);
        (await still.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_in_never_takes_over_a_token_that_was_there_before()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        var planted = (await product.JoinAsync(NewEmail())).Text("sessionToken");
        using var http = product.From(token: planted);
        http.DefaultRequestHeaders.Add("Cookie", $"session={planted}; sessionToken={planted}");
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        var tokens = await answer.Content.ReadFromJsonAsync<JsonElement>();
        tokens.Text("sessionToken").ShouldNotBe(planted);
        using var attacker = product.From(token: planted);
        (await attacker.GetOkAsync("/api/v1/users/me")).Text("email").ShouldNotBe(email);
        await http.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword, sessionToken = planted }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_oldest_of_too_many_sessions_ends()
    {
        var email = NewEmail();
        var address = NewAddress();
        var first = await product.JoinAsync(email, address: address);
        for (var i = 0; i < 20; i++)
        {
            using var http = product.From(i < 10 ? address : NewAddress());
            await http.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
        }

        using var old = product.From(token: first.Text("sessionToken"));
        (await old.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_address_may_try_only_so_many_passwords_a_minute()
    {
        using var http = product.From();
        var refused = false;
        for (var i = 0; i < 200 && !refused; i++)
        {
            using var answer = await http.PostAsJsonAsync("/api/v1/auth/forgot-password", new { email = "not an address" });
            refused = answer.StatusCode == HttpStatusCode.TooManyRequests;
        }

        refused.ShouldBeTrue();
        (await http.StatusAsync("/api/v1/market/feed")).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Counts what one product spends on passwords.</summary>
    private sealed class PasswordWork : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _rounds;

        public PasswordWork(ApiRig rig)
        {
            var meters = rig.App.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == Passwords.RoundsCounter && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, rounds, _, _) => Interlocked.Add(ref _rounds, rounds));
            _listener.Start();
        }

        public long Rounds => Interlocked.Read(ref _rounds);

        public void Dispose() => _listener.Dispose();
    }

    private static string Flipped(string token) => (token[0] == 'A' ? 'B' : 'A') + token[1..];

    private async Task RefusedInAsync(string email, HashSet<string> answers)
    {
        using var http = product.From();
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/sign-in", new { email, password = "wrong password" });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        answers.Add($"{(int)answer.StatusCode} {body.Text("title")} {body.Text("detail")}");
    }
}
