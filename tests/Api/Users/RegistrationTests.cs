using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Orleans;
using static CryptoAI.Tests.Api.Users.AccountsProduct;

namespace CryptoAI.Tests.Api.Users;

[Collection(nameof(AccountsProduct))]
public sealed class RegistrationTests(AccountsProduct product)
{
    [Fact]
    public async Task Somebody_registers_confirms_and_is_signed_in()
    {
        var email = NewEmail();
        var tokens = await product.JoinAsync(email);
        using var http = product.From(token: tokens.Text("sessionToken"));
        var profile = await http.GetOkAsync("/api/v1/users/me");
        profile.Text("email").ShouldBe(email);
        profile.Text("role").ShouldBe("public");
        profile.Text("plan").ShouldBe("free");
        profile.GetProperty("limits").GetProperty("maxWatchlists").GetInt32().ShouldBe(3);
        profile.GetProperty("referralCode").GetString()!.Length.ShouldBe(8);
    }

    [Fact]
    public async Task An_address_is_one_whatever_its_case_and_the_spaces_around_it()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        using var http = product.From();
        await http.PostOkAsync("/api/v1/auth/sign-in", new { email = $"  {email.ToUpperInvariant()} ", password = GoodPassword });
    }

    [Fact]
    public async Task Registering_answers_the_same_whether_or_not_there_is_an_account_and_tells_the_owner()
    {
        var email = NewEmail();
        await product.JoinAsync(email);
        using var http = product.From();
        var known = await http.PostAsJsonAsync("/api/v1/auth/register", new { email, password = "another password" });
        var unknown = await http.PostAsJsonAsync("/api/v1/auth/register", new { email = NewEmail(), password = "another password" });
        known.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        unknown.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await known.Content.ReadAsStringAsync()).ShouldBe(await unknown.Content.ReadAsStringAsync());
        (await product.MailsAsync(email, "account.email_taken")).ShouldBe(1);
        await http.PostOkAsync("/api/v1/auth/register", new { email, password = "another password" });
        (await product.MailsAsync(email, "account.email_taken")).ShouldBe(1, "nobody's mailbox is filled");
        await http.PostOkAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword });
    }

    [Fact]
    public async Task Nobody_confirms_an_account_with_somebody_elses_password()
    {
        var email = NewEmail();
        using var attacker = product.From();
        using var owner = product.From();
        await owner.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword });
        await attacker.PostOkAsync("/api/v1/auth/register", new { email, password = "the attacker's password" });
        var token = await product.MailedCodeAsync(email, "account.verify_email");
        await owner.PostRefusedAsync("/api/v1/auth/verify-email", new { token, password = GoodPassword }, HttpStatusCode.Unauthorized);
        await attacker.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = "the attacker's password" }, HttpStatusCode.Unauthorized);
        await owner.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword });
        await owner.PostOkAsync("/api/v1/auth/verify-email", new { token, password = GoodPassword });
    }

    [Fact]
    public async Task A_code_works_once_and_not_after_its_time()
    {
        var email = NewEmail();
        using var http = product.From();
        await http.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword });
        var token = await product.MailedCodeAsync(email, "account.verify_email");
        await product.ExecuteAsync("update users set email_verification_expires = now() - interval '1 second' where email = $1", email);
        await http.PostRefusedAsync("/api/v1/auth/verify-email", new { token, password = GoodPassword }, HttpStatusCode.Unauthorized);
        await product.ExecuteAsync("update users set email_verification_expires = now() + interval '1 hour' where email = $1", email);
        await http.PostOkAsync("/api/v1/auth/verify-email", new { token, password = GoodPassword });
        await http.PostRefusedAsync("/api/v1/auth/verify-email", new { token, password = GoodPassword }, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_code_is_nowhere_in_the_database_once_it_was_mailed()
    {
        var email = NewEmail();
        using var http = product.From();
        await http.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword });
        var token = await product.MailedCodeAsync(email, "account.verify_email");
        await CryptoAI.Tests.Shared.Eventually.TrueAsync(async () => await product.ScalarAsync<long>(
            "select count(*) from notifications where secret is not null and secret::text like '%' || $1 || '%'", token) == 0);
        foreach (var table in new[] { "users", "notifications", "user_activities", "user_sessions" })
        {
            (await product.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%' || $1 || '%'", token)).ShouldBe(0, table);
            (await product.ScalarAsync<long>($"select count(*) from {table} t where t::text like '%' || $1 || '%'", GoodPassword)).ShouldBe(0, table);
        }
    }

    [Fact]
    public async Task Who_recommends_the_product_is_counted_once_the_account_is_confirmed()
    {
        var tokens = await product.JoinAsync(NewEmail());
        using var ada = product.From(token: tokens.Text("sessionToken"));
        var code = (await ada.GetOkAsync("/api/v1/users/me")).Text("referralCode");
        using var http = product.From();
        await http.PostOkAsync("/api/v1/auth/register", new { email = NewEmail(), password = GoodPassword, referralCode = code });
        (await ada.GetOkAsync("/api/v1/users/me")).GetProperty("referralCount").GetInt32().ShouldBe(0);
        await product.JoinAsync(NewEmail(), referralCode: code.ToLowerInvariant());
        (await ada.GetOkAsync("/api/v1/users/me")).GetProperty("referralCount").GetInt32().ShouldBe(1);
        var problem = await http.PostRefusedAsync(
            "/api/v1/auth/register", new { email = NewEmail(), password = GoodPassword, referralCode = "NOBODYS1" }, HttpStatusCode.BadRequest);
        problem.GetProperty("errors").TryGetProperty("referralCode", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task An_account_that_a_mailed_code_for_a_new_password_confirms_counts_for_who_recommended_it_too()
    {
        var tokens = await product.JoinAsync(NewEmail());
        using var ada = product.From(token: tokens.Text("sessionToken"));
        var code = (await ada.GetOkAsync("/api/v1/users/me")).Text("referralCode");
        using var http = product.From();
        var email = NewEmail();
        await http.PostOkAsync("/api/v1/auth/register", new { email, password = GoodPassword, referralCode = code });
        await http.PostOkAsync("/api/v1/auth/forgot-password", new { email });
        var token = await product.MailedCodeAsync(email, "account.reset_password");

        // Copied from a mail written from right to left, where invisible marks surround it.
        await http.PostOkAsync("/api/v1/auth/reset-password", new { token = $" \u2068{token}\u2069\n", newPassword = "a better password" });

        (await ada.GetOkAsync("/api/v1/users/me")).GetProperty("referralCount").GetInt32().ShouldBe(1);
        await product.ExecuteAsync("update users set reset_password_expires = now() - interval '2 hours' where email = $1", email);
        await http.PostOkAsync("/api/v1/auth/forgot-password", new { email });
        await http.PostOkAsync(
            "/api/v1/auth/reset-password", new { token = await product.MailedCodeAsync(email, "account.reset_password"), newPassword = "a third password" });
        (await ada.GetOkAsync("/api/v1/users/me")).GetProperty("referralCount").GetInt32().ShouldBe(1, "once");
    }

    [Theory]
    [InlineData("email", "", GoodPassword)]
    [InlineData("email", "no-at-sign", GoodPassword)]
    [InlineData("email", "two@@example.org", GoodPassword)]
    [InlineData("email", "line\r\nBcc: x@example.org", GoodPassword)]
    [InlineData("email", "a b@example.org", GoodPassword)]
    [InlineData("email", "<a@example.org>", GoodPassword)]
    [InlineData("email", "a@example.org,b@example.org", GoodPassword)]
    [InlineData("email", "a@-example.org", GoodPassword)]
    [InlineData("password", "a@example.org", "short")]
    [InlineData("password", "a@example.org", "1234567890")]
    [InlineData("password", "a@example.org", "aaaaaaaaaaaaaaaa")]
    [InlineData("password", "somebody@example.org", "somebody@example.org")]
    public async Task What_cannot_be_an_account_is_refused_with_its_field(string field, string email, string password)
    {
        using var http = product.From();
        var problem = await http.PostRefusedAsync("/api/v1/auth/register", new { email, password }, HttpStatusCode.BadRequest);
        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.ToString());
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_mail_and_every_session_ends()
    {
        var email = NewEmail();
        var before = await product.JoinAsync(email);
        using var http = product.From();
        var known = await http.PostAsJsonAsync("/api/v1/auth/forgot-password", new { email });
        var unknown = await http.PostAsJsonAsync("/api/v1/auth/forgot-password", new { email = NewEmail() });
        (await known.Content.ReadAsStringAsync()).ShouldBe(await unknown.Content.ReadAsStringAsync());
        await http.PostOkAsync("/api/v1/auth/forgot-password", new { email });
        (await product.MailsAsync(email, "account.reset_password")).ShouldBe(1, "one mail a minute");

        var token = await product.MailedCodeAsync(email, "account.reset_password");
        await product.ExecuteAsync("update users set reset_password_expires = now() - interval '1 second' where email = $1", email);
        await http.PostRefusedAsync("/api/v1/auth/reset-password", new { token, newPassword = "a better password" }, HttpStatusCode.Unauthorized);
        await product.ExecuteAsync("update users set reset_password_expires = now() + interval '1 hour' where email = $1", email);
        var after = await http.PostOkAsync("/api/v1/auth/reset-password", new { token, newPassword = "a better password" });
        await http.PostRefusedAsync("/api/v1/auth/reset-password", new { token, newPassword = "a better password" }, HttpStatusCode.Unauthorized);
        using var old = product.From(token: before.Text("sessionToken"));
        (await old.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.Unauthorized);
        using var now = product.From(token: after.Text("sessionToken"));
        (await now.StatusAsync("/api/v1/users/me")).ShouldBe(HttpStatusCode.OK);
        (await product.MailsAsync(email, "account.password_changed")).ShouldBe(1);
        await http.PostRefusedAsync("/api/v1/auth/sign-in", new { email, password = GoodPassword }, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_first_administrator_comes_from_a_secret_that_works_once()
    {
        await using var rig = await ApiRig.StartAsync();
        var grains = rig.App.Services.GetRequiredService<IGrainFactory>();

        // The one that is printed at the start is made first.
        await CryptoAI.Tests.Shared.Eventually.TrueAsync(async () =>
        {
            await using var command = rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select count(*) from setup_secrets");
            return (long)(await command.ExecuteScalarAsync())! == 1;
        });
        var secret = await grains.GetGrain<CryptoAI.Grains.Interfaces.Users.IAccountsGrain>(0).CreateSetupSecretAsync();
        await rig.Http.PostRefusedAsync(
            "/api/v1/setup", new { secret = new string('A', 43), email = "root@example.org", password = GoodPassword }, HttpStatusCode.Unauthorized);
        await ExpireAsync(rig, "now() - interval '1 second'");
        await rig.Http.PostRefusedAsync("/api/v1/setup", new { secret, email = "root@example.org", password = GoodPassword }, HttpStatusCode.Unauthorized);
        await ExpireAsync(rig, "now() + interval '1 hour'");
        var tokens = await rig.Http.PostOkAsync("/api/v1/setup", new { secret, email = "root@example.org", password = GoodPassword });
        await rig.Http.PostRefusedAsync("/api/v1/setup", new { secret, email = "other@example.org", password = GoodPassword }, HttpStatusCode.Unauthorized);
        (await grains.GetGrain<CryptoAI.Grains.Interfaces.Users.IAccountsGrain>(0).CreateSetupSecretAsync()).ShouldBeNull();
        rig.Http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.Text("sessionToken"));
        (await rig.GetAsync("/api/v1/admin/users")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await rig.GetAsync("/api/v1/users/me")).Text("role").ShouldBe("admin");
    }

    private static async Task ExpireAsync(ApiRig rig, string when)
    {
        await using var command = rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand($"update setup_secrets set expires_at = {when}");
        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }
}
