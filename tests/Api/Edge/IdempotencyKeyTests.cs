using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Api.Users;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>A repeated request gets the first answer, and does nothing twice.</summary>
public sealed class IdempotencyKeyTests : IAsyncLifetime
{
    private ApiRig _rig = null!;
    private Person _ada = null!;
    private int _made;
    private TaskCompletionSource _mayEnd = new();

    public async Task InitializeAsync()
    {
        _rig = await ApiRig.StartAsync();
        _mayEnd.SetResult();
        ((IEndpointRouteBuilder)_rig.App)
            .MapPost("/things", async (Thing thing, HttpContext context) =>
            {
                await _mayEnd.Task;
                if (thing.Name == "refused")
                {
                    throw new RefusedException(Refusal.Limit, "No more.");
                }

                await AddAsync(context.Actor());
                var id = Interlocked.Increment(ref _made);
                if (thing.Name == "lost")
                {
                    throw new InvalidOperationException("The process ends here.");
                }

                return TypedResults.Created($"/things/{id}", new { id, thing.Name });
            })
            .RequireSignedIn()
            .WithIdempotencyKey();
        _ada = await _rig.SignInAsync();
    }

    public async Task DisposeAsync()
    {
        _ada.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_repeated_request_gets_the_first_answer_again()
    {
        var first = await PostAsync(_ada, "key-1", "first");
        var again = await PostAsync(_ada, "key-1", "first");

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        again.Headers.Location.ShouldBe(first.Headers.Location);
        again.Headers.GetValues("Idempotency-Replayed").Single().ShouldBe("true");
        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        again.Content.Headers.ContentType.ShouldBe(first.Content.Headers.ContentType);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task Requests_without_a_key_or_with_another_one_are_their_own()
    {
        await PostAsync(_ada, null, "first");
        await PostAsync(_ada, null, "first");
        await PostAsync(_ada, "key-1", "first");
        await PostAsync(_ada, "key-2", "first");
        _made.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_belongs_to_one_person()
    {
        using var bob = await _rig.SignInAsync();
        await PostAsync(_ada, "key-1", "first");
        (await PostAsync(bob, "key-1", "first")).StatusCode.ShouldBe(HttpStatusCode.Created);
        _made.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_used_for_another_request_is_refused()
    {
        await PostAsync(_ada, "key-1", "first");
        (await PostAsync(_ada, "key-1", "second")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_request_gives_its_key_back()
    {
        (await PostAsync(_ada, "key-1", "refused")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await PostAsync(_ada, "key-1", "corrected")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Simultaneous_repetitions_run_once()
    {
        _mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var requests = Enumerable.Range(0, 8).Select(_ => PostAsync(_ada, "key-1", "first")).ToList();
        for (var refused = 0; refused < 7; refused++)
        {
            var ended = await Task.WhenAny(requests);
            requests.Remove(ended);
            (await ended).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        }

        _mayEnd.SetResult();
        (await requests.Single()).StatusCode.ShouldBe(HttpStatusCode.Created);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_whose_answer_was_lost_is_not_carried_out_twice()
    {
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '61 seconds'");

        using var told = await PostAsync(_ada, "key-1", "lost");
        told.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var problem = await told.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("entityType").GetString().ShouldBe("alert");
        problem.GetProperty("entityId").GetInt64().ShouldBe(7);
        _made.ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_ended_before_its_change_runs_anew()
    {
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        await ExecuteAsync("alter table user_activities disable trigger user_activities_refuse_rewriting");
        await ExecuteAsync("delete from user_activities");
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '61 seconds'");
        await PostAsync(_ada, "key-1", "lost");
        _made.ShouldBe(2);
    }

    [Fact]
    public async Task Answers_are_forgotten_after_a_day()
    {
        await PostAsync(_ada, "key-1", "first");
        await PostAsync(_ada, "key-2", "first");
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '25 hours'");
        (await PostAsync(_ada, "key-1", "second")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await ExecuteAsync("update idempotency_keys set status = status")).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    public async Task A_key_that_is_none_is_refused(string key) =>
        (await PostAsync(_ada, key, "first")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    private static async Task<HttpResponseMessage> PostAsync(Person person, string? key, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/things") { Content = JsonContent.Create(new Thing(name)) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await person.Http.SendAsync(request);
    }

    private async Task AddAsync(Actor actor)
    {
        await using var connection = await _rig.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await ActivityStore.AddAsync(connection, actor, new Activity("alert_update", "alert", "create", 7), CancellationToken.None);
    }

    private async Task<int> ExecuteAsync(string sql)
    {
        await using var command = _rig.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    private sealed record Thing(string Name);
}
