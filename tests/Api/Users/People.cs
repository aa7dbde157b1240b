using System.Net.Http.Headers;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Tests.Api.Users;

/// <summary>
/// Signed-in people for tests of any area, made in the database without the ceremony of registering:
/// <c>var ada = await rig.SignInAsync(); await ada.Http.PostAsJsonAsync(...)</c>.
/// </summary>
internal static class People
{
    private static int count;

    /// <summary>A new account with a session.</summary>
    public static async Task<Person> SignInAsync(this ApiRig rig, string role = "public", string plan = "free")
    {
        var database = rig.App.Services.GetRequiredService<NpgsqlDataSource>();
        var email = $"person{Interlocked.Increment(ref count)}@example.org";
        await using var command = database.CreateCommand(
            "insert into users (email, password_hash, role, subscription_plan, is_verified) values ($1, 'none', $2, $3, true) returning id");
        command.Parameters.AddWithValue(email);
        command.Parameters.AddWithValue(role);
        command.Parameters.AddWithValue(plan);
        var userId = (long)(await command.ExecuteScalarAsync())!;
        return await rig.SignInAsync(userId, email);
    }

    /// <summary>Another session of an account.</summary>
    public static async Task<Person> SignInAsync(this ApiRig rig, long userId, string email)
    {
        var database = rig.App.Services.GetRequiredService<NpgsqlDataSource>();
        var token = Tokens.Create();
        await using var command = database.CreateCommand(
            """
            insert into user_sessions (user_id, session_token, token_expires_at, expires_at)
            values ($1, $2, now() + interval '1 hour', now() + interval '1 day') returning id
            """);
        command.Parameters.AddWithValue(userId);
        command.Parameters.AddWithValue(Tokens.Hash(token));
        var sessionId = (long)(await command.ExecuteScalarAsync())!;
        // What is too large is refused before it is sent, however long that takes: sent nevertheless, it would meet a closed connection.
        var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = rig.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new Person(userId, sessionId, email, token, http) { Database = database };
    }
}

/// <param name="Http">Asks as this person.</param>
internal sealed record Person(long Id, long SessionId, string Email, string Token, HttpClient Http) : IDisposable
{
    /// <summary>For what no request can make: a notification, a triggered alert.</summary>
    public required NpgsqlDataSource Database { get; init; }

    public void Dispose() => Http.Dispose();
}
