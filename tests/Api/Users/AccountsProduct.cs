using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Shared;
using Npgsql;

namespace CryptoAI.Tests.Api.Users;

/// <summary>The whole product, whose mail goes to a folder, and people who come to it from addresses of their own.</summary>
public sealed class AccountsProduct : SharedRig
{
    internal const string GoodPassword = "correct horse battery";

    private static int count;
    private readonly string _mail;

    public AccountsProduct()
        : this(Path.Combine(Path.GetTempPath(), $"cryptoai-mail-{Guid.NewGuid():N}"))
    {
    }

    private AccountsProduct(string mail)
        : base("--Notifications:Smtp:Folder", mail, "--Notifications:Interval", "00:00:00.050", "--Api:TrustedProxies:0", "127.0.0.1", "--Accounts:PauseSeconds", "300") => _mail = mail;

    internal NpgsqlDataSource Database => Rig.App.Services.GetRequiredService<NpgsqlDataSource>();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Folders.Remove(_mail);
    }

    internal static string NewEmail() => $"reader{Interlocked.Increment(ref count)}@example.org";

    internal static string NewAddress()
    {
        var number = Interlocked.Increment(ref count);
        return $"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}";
    }

    /// <summary>Asks from an address, with or without a token.</summary>
    internal HttpClient From(string? address = null, string? token = null)
    {
        var http = new HttpClient { BaseAddress = Rig.Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address ?? NewAddress());
        http.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return http;
    }

    /// <summary>Registers and confirms; gives the tokens.</summary>
    internal async Task<JsonElement> JoinAsync(string email, string password = GoodPassword, string? address = null, string? referralCode = null)
    {
        using var http = From(address);
        await http.PostOkAsync("/api/v1/auth/register", new { email, password, referralCode });
        return await http.PostOkAsync("/api/v1/auth/verify-email", new { token = await MailedCodeAsync(email, "account.verify_email"), password });
    }

    /// <summary>The code of the latest mail of this kind, from the mail itself.</summary>
    internal async Task<string> MailedCodeAsync(string email, string template)
    {
        var id = await ScalarAsync<long>(
            "select max(n.id) from notifications n join users u on u.id = n.user_id where u.email = $1 and n.template = $2", email, template);
        var file = Path.Combine(_mail, $"{id:D8}.eml");
        await Eventually.TrueAsync(() => File.Exists(file));
        return (await File.ReadAllLinesAsync(file)).Last(Tokens.IsWellFormed);
    }

    internal Task<long> MailsAsync(string email, string template) => ScalarAsync<long>(
        "select count(*) from notifications n join users u on u.id = n.user_id where u.email = $1 and n.template = $2", email, template);

    internal async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        await command.ExecuteNonQueryAsync();
    }
}

[CollectionDefinition(nameof(AccountsProduct))]
public sealed class AccountsTests : ICollectionFixture<AccountsProduct>;

internal static class Requests
{
    public static async Task<JsonElement> PostOkAsync(this HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue($"POST {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<JsonElement> GetOkAsync(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        answer.IsSuccessStatusCode.ShouldBeTrue($"GET {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Posts what must be refused; gives the problem.</summary>
    public static async Task<JsonElement> PostRefusedAsync(this HttpClient http, string path, object body, HttpStatusCode status)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync());
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<HttpStatusCode> StatusAsync(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return answer.StatusCode;
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
