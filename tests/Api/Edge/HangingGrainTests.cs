using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;
using Npgsql;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>A database that takes a grain's statement and does not answer it.</summary>
public sealed partial class HangingGrainTests
{
    [Fact]
    public async Task A_grain_whose_database_hangs_holds_no_answer_and_what_it_does_later_is_done_once()
    {
        await using var rig = await ApiRig.StartAsync("--Api:RequestTimeoutSeconds", "5");
        using var ada = await rig.SignInAsync();
        await using var connection = await ada.Database.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("lock table watchlists, portfolio in access exclusive mode", connection, transaction);
            await hold.ExecuteNonQueryAsync();

            var answers = await Task.WhenAll(ada.Http.GetAsync("/api/v1/portfolio"), MakeAsync(ada));

            foreach (var answer in answers)
            {
                using (answer)
                {
                    answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, $"{answer.RequestMessage!.RequestUri}: {await answer.Content.ReadAsStringAsync()}");
                    answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
                    (await answer.Content.ReadFromJsonAsync<JsonElement>()).Text("detail").ShouldBe("The answer took too long.");
                }
            }

            await transaction.RollbackAsync();
        }

        // Repeated, it is told that it is under way or done; only what never reached the grain is begun anew.
        await Eventually.TrueAsync(
            async () =>
            {
                (await MakeAsync(ada)).Dispose();
                return await CountAsync(ada) > 0;
            },
            TimeSpan.FromMinutes(3));
        (await CountAsync(ada)).ShouldBe(1);
    }

    [Fact]
    public void Every_endpoint_waits_for_a_grain_no_longer_than_its_request_may_take()
    {
        var waits = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Api"), "*Endpoint*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => File.ReadAllText(file).Split(';').Where(static statement => Call().IsMatch(statement)).Select(statement => $"{Path.GetFileName(file)}: {statement.Trim()}"))
            .ToArray();
        waits.Length.ShouldBeGreaterThan(60);
        waits.Where(static wait => !wait.Contains(".Within(context)", StringComparison.Ordinal) && !wait.Contains(".WaitAsync(", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static Task<HttpResponseMessage> MakeAsync(Person person)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/watchlists") { Content = JsonContent.Create(new { name = "Mine" }) };
        request.Headers.Add("Idempotency-Key", "once");
        return person.Http.SendAsync(request);
    }

    private static async Task<long> CountAsync(Person person)
    {
        await using var command = person.Database.CreateCommand($"select count(*) from watchlists where user_id = {person.Id}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Waiting for a method of a grain.</summary>
    [GeneratedRegex(@"await [^;]*(GetGrain<\w+>\([^)]*\)|Own\(grains, context\)|Door\(grains\)|Portfolio\(context\)|Grain\(grains, found\)|\b(user|portfolio))\s*\.\w+Async\(")]
    private static partial Regex Call();
}
