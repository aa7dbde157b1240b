using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Api.Users;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>A repeated request gets the first answer, and does nothing twice.</summary>
public sealed class IdempotencyKeyTests(IdempotencyKeyTests.Product product) : IClassFixture<IdempotencyKeyTests.Product>, IAsyncLifetime
{
    private readonly ApiRig _rig = product.Rig;
    private Person _ada = null!;

    public async Task InitializeAsync() => _ada = await _rig.SignInAsync();

    public Task DisposeAsync()
    {
        _ada.Dispose();
        return Task.CompletedTask;
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
        Made(_ada).ShouldBe(1);
    }

    [Fact]
    public async Task Requests_without_a_key_or_with_another_one_are_their_own()
    {
        await PostAsync(_ada, null, "first");
        await PostAsync(_ada, null, "first");
        await PostAsync(_ada, "key-1", "first");
        await PostAsync(_ada, "key-2", "first");
        Made(_ada).ShouldBe(4);
    }

    [Fact]
    public async Task A_key_belongs_to_one_person()
    {
        using var bob = await _rig.SignInAsync();
        await PostAsync(_ada, "key-1", "first");
        (await PostAsync(bob, "key-1", "first")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (Made(_ada), Made(bob)).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_key_used_for_another_request_is_refused()
    {
        await PostAsync(_ada, "key-1", "first");
        (await PostAsync(_ada, "key-1", "second")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        Made(_ada).ShouldBe(1);
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
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        product.MayEnd[_ada.Id] = mayEnd.Task;
        var requests = Enumerable.Range(0, 8).Select(_ => PostAsync(_ada, "key-1", "first")).ToList();
        for (var refused = 0; refused < 7; refused++)
        {
            var ended = await Task.WhenAny(requests);
            requests.Remove(ended);
            (await ended).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        }

        mayEnd.SetResult();
        (await requests.Single()).StatusCode.ShouldBe(HttpStatusCode.Created);
        Made(_ada).ShouldBe(1);
    }

    [Fact]
    public async Task A_request_whose_answer_was_lost_is_not_carried_out_twice()
    {
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '61 seconds' where user_id = $1");

        using var told = await PostAsync(_ada, "key-1", "lost");
        told.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var problem = await told.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("entityType").GetString().ShouldBe("alert");
        problem.GetProperty("entityId").GetInt64().ShouldBe(7);
        Made(_ada).ShouldBe(1);
    }

    [Fact]
    public async Task A_request_that_ended_before_its_change_runs_anew()
    {
        (await PostAsync(_ada, "key-1", "lost")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        await ExecuteAsync(
            """
            alter table user_activities disable trigger user_activities_refuse_rewriting;
            delete from user_activities;
            alter table user_activities enable trigger user_activities_refuse_rewriting;
            """);
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '61 seconds' where user_id = $1");
        await PostAsync(_ada, "key-1", "lost");
        Made(_ada).ShouldBe(2);
    }

    [Fact]
    public async Task Answers_are_forgotten_after_a_day()
    {
        await PostAsync(_ada, "key-1", "first");
        await PostAsync(_ada, "key-2", "first");
        await ExecuteAsync("update idempotency_keys set created_at = created_at - interval '25 hours' where user_id = $1");
        (await PostAsync(_ada, "key-1", "second")).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await ExecuteAsync("update idempotency_keys set status = status where user_id = $1")).ShouldBe(1);
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

    private int Made(Person person) => product.Made.GetValueOrDefault(person.Id);

    private async Task<int> ExecuteAsync(string sql)
    {
        await using var command = _ada.Database.CreateCommand(sql);
        if (sql.Contains("$1", StringComparison.Ordinal))
        {
            command.Parameters.AddWithValue(_ada.Id);
        }

        return await command.ExecuteNonQueryAsync();
    }

    private sealed record Thing(string Name);

    /// <summary>A product where things can be made, at <c>/things</c>.</summary>
    public sealed class Product : SharedRig
    {
        /// <summary>How many things each person made.</summary>
        internal ConcurrentDictionary<long, int> Made { get; } = new();

        /// <summary>What a person's requests wait for, if for anything.</summary>
        internal ConcurrentDictionary<long, Task> MayEnd { get; } = new();

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            ((IEndpointRouteBuilder)Rig.App).MapPost("/things", MakeAsync).RequireSignedIn().WithIdempotencyKey();
        }

        private async Task<IResult> MakeAsync(Thing thing, HttpContext context)
        {
            var actor = context.Actor();
            await MayEnd.GetValueOrDefault(actor.UserId, Task.CompletedTask);
            if (thing.Name == "refused")
            {
                throw new RefusedException(Refusal.Limit, "No more.");
            }

            await using (var connection = await Rig.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
            {
                await ActivityStore.AddAsync(connection, actor, new Activity("alert_update", "alert", "create", 7), CancellationToken.None);
            }

            var id = Made.AddOrUpdate(actor.UserId, 1, static (_, made) => made + 1);
            return thing.Name == "lost"
                ? throw new InvalidOperationException("The process ends here.")
                : TypedResults.Created($"/things/{id}", new { id, thing.Name });
        }
    }
}
