using System.Diagnostics;
using System.Net.Http.Json;
using CryptoAI.Api;
using CryptoAI.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Bench.People;

/// <summary>
/// What signing in costs over HTTP when the database holds nobody else, and when it holds 100,000 people with 300,000 sessions: p50 and p99 of
/// the same people signing in, one after another. The limit of the ratio of the p99 is 2. The memory that the process holds is
/// printed beside it: who is not there costs none.
/// </summary>
public static class PeopleBench
{
    private const double Limit = 2.0;
    private const int People = 100_000;
    private const int SessionsEach = 3;
    private const int Visitors = 50;
    private const int SignIns = 400;
    private const string Password = "correct horse battery";

    /// <summary>Prints the table; 0 when the ratio is within the limit, 1 if not.</summary>
    public static async Task<int> RunAsync(string postgres)
    {
        Console.WriteLine($"people: {SignIns} sign-ins and as many requests with the token, one after another; limit of p99 to the empty database {Limit:F1}");
        await using var app = await StartAsync(postgres);
        var database = app.Services.GetRequiredService<NpgsqlDataSource>();
        await FillAsync(database, Visitors, sessions: 0);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await MeasureAsync(http, "warm-up", print: false);
        var empty = await MeasureAsync(http, "empty", print: true);
        await FillAsync(database, People, SessionsEach);
        await MeasureAsync(http, "warm-up", print: false);
        var full = await MeasureAsync(http, $"{People:N0} people", print: true);
        var (signIn, request) = (full.SignIn / empty.SignIn, full.Request / empty.Request);
        Console.WriteLine($"  p99 ratio: sign-in {signIn:F2}, request with a token {request:F2}; memory held {full.Memory - empty.Memory:+0.0;-0.0} MB more");
        var isWithin = signIn <= Limit && request <= Limit;
        Console.WriteLine(isWithin ? "  within the limit" : "  BEYOND THE LIMIT");
        await app.StopAsync();
        return isWithin ? 0 : 1;
    }

    private static async Task<WebApplication> StartAsync(string postgres)
    {
        var builder = ApiHost.CreateBuilder(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error", "--Feed:Source", "simulated", "--Feed:Symbols", "top:1",
            "--Feed:BackfillDays", "0", "--Api:RequestsPerMinute", "1000000", "--Api:RequestBurst", "1000000", "--Api:CredentialsPerMinute", "1000000",
            "--Plans:Free:RequestsPerMinute", "1000000",
        ]);
        builder.AddProduct(postgres);
        builder.AddApi();
        var app = builder.Build().UseApi();
        await app.StartAsync();
        return app;
    }

    /// <summary>Adds people until there are so many, each with the same password and sessions from before.</summary>
    private static async Task FillAsync(NpgsqlDataSource database, int people, int sessions)
    {
        var hash = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 })).HashPassword(new object(), Password);
        await using var command = database.CreateCommand(
            """
            with added as (
                insert into users (email, password_hash, is_verified)
                select 'person' || n || '@example.org', $1, true
                from generate_series((select count(*) from users) + 1, $2) n
                returning id)
            insert into user_sessions (user_id, session_token, refresh_token, refresh_family, ip_address, expires_at, token_expires_at)
            select id, md5(id || ' ' || n), md5(id || ' r ' || n), md5(id || ' f ' || n), '10.0.0.1', now() + interval '30 days', now() + interval '1 hour'
            from added, generate_series(1, $3) n
            """);
        command.Parameters.AddWithValue(hash);
        command.Parameters.AddWithValue(people);
        command.Parameters.AddWithValue(sessions);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
        await using var analyze = database.CreateCommand("analyze users, user_sessions, user_activities");
        await analyze.ExecuteNonQueryAsync();
    }

    private static async Task<Measured> MeasureAsync(HttpClient http, string name, bool print)
    {
        var signIns = new List<double>(SignIns);
        var requests = new List<double>(SignIns);
        for (var i = 0; i < SignIns; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsJsonAsync("/api/v1/auth/sign-in", new { email = $"person{(i % Visitors) + 1}@example.org", password = Password });
            signIns.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
            var token = (await answer.Content.ReadFromJsonAsync<Tokens>())!.SessionToken;
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/users/me");
            request.Headers.Authorization = new("Bearer", token);
            since = Stopwatch.GetTimestamp();
            using var profile = await http.SendAsync(request);
            requests.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            profile.EnsureSuccessStatusCode();
        }

        var memory = GC.GetTotalMemory(forceFullCollection: true) / 1e6;
        signIns.Sort();
        requests.Sort();
        if (print)
        {
            Console.WriteLine(
                $"  {name,-16} sign-in p50 {At(signIns, 0.5):F1} p99 {At(signIns, 0.99):F1} ms; request with a token p50 {At(requests, 0.5):F2} "
                + $"p99 {At(requests, 0.99):F2} ms; memory held {memory:F1} MB");
        }

        return new Measured(At(signIns, 0.99), At(requests, 0.99), memory);
    }

    private static double At(List<double> sorted, double quantile) => sorted[(int)(sorted.Count * quantile)];

    private sealed record Tokens(string SessionToken);

    private sealed record Measured(double SignIn, double Request, double Memory);
}
