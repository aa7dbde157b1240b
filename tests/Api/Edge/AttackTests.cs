using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;
using CryptoAI.Tests.Api.Users;
using Npgsql;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>What is sent to break things, to every endpoint there is. Nothing may answer with a failure of the server.</summary>
public sealed class AttackTests(AttackTests.Product product, ITestOutputHelper output) : IClassFixture<AttackTests.Product>, IAsyncLifetime
{
    private static readonly ImmutableArray<string> Texts =
    [
        "'; drop table users; --", "\" or \"\"=\"", "$1); delete from user_sessions; --", "\\'; select pg_sleep(10); --", "%'/**/or/**/1=1--",
        "x\r\nSet-Cookie: stolen=1\r\n\r\n<script>alert(1)</script>", "{{7*7}}${7*7}<%= 7*7 %>", "../../../../etc/passwd", "\u0000", "a\u0000b", "\ud800",
        "\udfff\ud800", "\uffff\ufffe", "\u202egnp.exe", "\u001b[2J", "\u0001\u0007\u007f", "e\u0301\u0301\u0301", "\ufdfa", "NaN", "-Infinity", "1e400", "true", "null",
        "9223372036854775808", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "__proto__", "{\"$type\":\"System.Object\"}", new string('A', 40_000),
    ];

    private readonly ApiRig _rig = product.Rig;
    private Person _admin = null!;

    public async Task InitializeAsync() => _admin = await _rig.SignInAsync(role: "admin", plan: "enterprise");

    public Task DisposeAsync()
    {
        _admin.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Hostile_text_in_every_field_of_every_body_breaks_nothing()
    {
        var wrong = new List<string>();
        var tried = 0;
        foreach (var (method, pattern, body) in Bodies())
        {
            foreach (var field in TextFields(body).DefaultIfEmpty(null))
            {
                foreach (var text in Texts)
                {
                    tried++;
                    var json = field is null ? Quoted(text) : $$"""{"{{field}}":{{Quoted(text)}}}""";
                    await TryAsync(method, pattern, new StringContent(json, Encoding.UTF8, "application/json"), wrong, $"{field} = {text[..Math.Min(20, text.Length)]}");
                }
            }
        }

        output.WriteLine($"{tried} tried");
        wrong.ShouldBeEmpty();
        (await CountAsync("select count(*) from users")).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Hostile_text_in_paths_and_queries_breaks_nothing()
    {
        var wrong = new List<string>();
        var (paths, queries) = (0, 0);
        foreach (var route in Targets())
        {
            foreach (var text in Texts.Where(static text => text.Length < 200 && !text.Any(char.IsSurrogate)).Append("999999999999999999999").Append("-1"))
            {
                var value = Uri.EscapeDataString(text);
                if (route.Pattern.Contains('{'))
                {
                    paths++;
                    await TryAsync(route.Method, Routes.Fill(route.Pattern, value), EmptyFor(route.Method), wrong, text);
                }

                foreach (var name in route.QueryNames)
                {
                    queries++;
                    await TryAsync(route.Method, $"{Routes.Sample(route.Pattern)}?{name}={value}", EmptyFor(route.Method), wrong, $"{name} = {text}");
                }
            }
        }

        output.WriteLine($"{paths} paths and {queries} queries tried");
        wrong.ShouldBeEmpty();
        paths.ShouldBeGreaterThan(500);
        queries.ShouldBeGreaterThan(500);
    }

    [Fact]
    public async Task Bodies_too_large_too_deep_and_not_even_UTF_8_are_refused_with_4xx()
    {
        var wrong = new List<string>();
        var large = Encoding.UTF8.GetBytes($$"""{"email":"{{new string('a', 10 * 1024 * 1024)}}"}""");
        var deep = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"a":""", 1_000)) + "1" + new string('}', 1_000));
        byte[] notUtf8 = [.. """{"email":"a"""u8, 0xff, 0xfe, 0xc0, 0xaf, .. "\",\"name\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8];
        foreach (var (method, pattern, _) in Bodies())
        {
            foreach (var (name, content) in new[] { ("10 MB", large), ("1,000 deep", deep), ("not UTF-8", notUtf8), ("cut short", deep[..500]), ("nothing", []) })
            {
                // A JSON body of the same kind again, so that the server lives on is seen too.
                using var body = new ByteArrayContent(content);
                body.Headers.ContentType = new("application/json");
                var status = await StatusAsync(method, Routes.Sample(pattern), body);
                if (status is < 400 or >= 500 || (name == "10 MB" && status != 413))
                {
                    wrong.Add($"{method} {pattern}, {name}: {status}");
                }
            }
        }

        wrong.ShouldBeEmpty();
        (await _rig.Http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task No_list_gives_more_than_a_bounded_page()
    {
        foreach (var route in Targets().Where(static route => route.Method == "GET"))
        {
            var pattern = route.Pattern;
            foreach (var limit in new[] { "1000000", "2147483647", "99999999999", "-1", "0", "1e9", "0x10", "" })
            {
                using var answer = await _admin.Http.GetAsync($"{Routes.Sample(pattern)}?limit={limit}&timeframe=1m");
                ((int)answer.StatusCode).ShouldBeLessThan(500, pattern);
                if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "application/json")
                {
                    var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
                    if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("items", out var items))
                    {
                        items.GetArrayLength().ShouldBeLessThanOrEqualTo(1_500, $"{pattern} with limit {limit}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("role", "\"admin\"")]
    [InlineData("accountBalance", "1000000")]
    [InlineData("account_balance", "1000000")]
    [InlineData("subscriptionPlan", "\"enterprise\"")]
    [InlineData("plan", "\"enterprise\"")]
    [InlineData("isVerified", "true")]
    [InlineData("id", "1")]
    [InlineData("userId", "1")]
    [InlineData("passwordHash", "\"x\"")]
    [InlineData("email", "\"other@example.org\"")]
    public async Task Nobody_gives_themselves_what_is_not_theirs_to_give(string field, string value)
    {
        using var ada = await _rig.SignInAsync();
        var before = await RowAsync(ada.Id);
        using var patch = new StringContent($$"""{"firstName":"Ada","{{field}}":{{value}}}""", Encoding.UTF8, "application/json");
        (await ada.Http.PatchAsync("/api/v1/users/me", patch)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await RowAsync(ada.Id)).ShouldBe(before);
        if (field != "email")
        {
            using var register = new StringContent(
                $$"""{"email":"eve{{Guid.NewGuid():N}}@example.org","password":"correct horse battery","{{field}}":{{value}}}""", Encoding.UTF8, "application/json");
            (await _rig.Http.PostAsync("/api/v1/auth/register", register)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Text_that_looks_like_SQL_or_markup_is_stored_as_it_is()
    {
        using var ada = await _rig.SignInAsync();
        foreach (var text in Texts.Where(static text => text.Length < 100 && !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter))))
        {
            (await ada.Http.PatchAsJsonAsync("/api/v1/users/me", new { firstName = text, bio = text })).StatusCode.ShouldBe(HttpStatusCode.OK, text);
            var profile = await ada.Http.GetOkAsync("/api/v1/users/me");
            profile.Text("firstName").ShouldBe(text.Trim());
            profile.Text("bio").ShouldBe(text);
        }
    }

    [Fact]
    public async Task Headers_are_shown_to_nobody_as_headers_and_stored_without_control_characters()
    {
        using var ada = await _rig.SignInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/users/me") { Content = JsonContent.Create(new { firstName = "Ada" }) };
        request.Headers.TryAddWithoutValidation("User-Agent", "evil\tagent" + new string('x', 2_000));
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "'; drop table users; --");
        (await ada.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var agent = (await ada.Http.GetOkAsync("/api/v1/users/me/activities")).GetProperty("items")[0].Text("userAgent");
        agent.Length.ShouldBe(256);
        agent.ShouldAllBe(letter => !char.IsControl(letter));
    }

    private static IEnumerable<string?> TextFields(Type body) => body.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.PropertyType != typeof(Type))
        .Select(static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

    private static string Quoted(string text) => text.Any(char.IsSurrogate) ? $"\"{string.Concat(text.Select(static letter => $"\\u{(int)letter:x4}"))}\"" : JsonSerializer.Serialize(text);

    private static StringContent? EmptyFor(string method) =>
        method is "POST" or "PUT" or "PATCH" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;

    private IEnumerable<Route> Targets() =>
        Routes.Of(_rig).Where(static route => route.Method != "*" && !route.Pattern.Contains("sign-out", StringComparison.Ordinal));

    private IEnumerable<(string Method, string Pattern, Type Body)> Bodies() =>
        Targets().Where(static route => route.Body is not null).Select(static route => (route.Method, route.Pattern, route.Body!));

    private async Task TryAsync(string method, string pattern, HttpContent? content, List<string> wrong, string what)
    {
        var status = await StatusAsync(method, Routes.Sample(pattern), content);
        if (status >= 500)
        {
            wrong.Add($"{method} {pattern}, {what.ReplaceLineEndings("?")}: {status}");
        }
    }

    private async Task<int> StatusAsync(string method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        request.Headers.ExpectContinue = content?.Headers.ContentLength > 64 * 1024;
        using var answer = await _admin.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _admin.Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string> RowAsync(long id)
    {
        await using var command = new NpgsqlCommand("select u::text from users u where id = $1", await _admin.Database.OpenConnectionAsync());
        await using (command.Connection)
        {
            command.Parameters.AddWithValue(id);
            return (string)(await command.ExecuteScalarAsync())!;
        }
    }

    public sealed class Product() : SharedRig(
        "--Api:RequestsPerMinute", "1000000", "--Api:RequestBurst", "1000000", "--Plans:Enterprise:RequestsPerMinute", "1000000",
        "--Api:CredentialsPerMinute", "1000000")
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Rig.LiveAsync();
        }
    }
}
