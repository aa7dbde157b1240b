using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Hosting;

namespace CryptoAI.Tests.Grains.Operations;

/// <summary>Jobs are run when they are due, once in the cluster, whatever dies.</summary>
public sealed class BackgroundTaskTests : IAsyncLifetime
{
    private TaskRig rig = null!;

    public async Task InitializeAsync() => rig = await TaskRig.CreateAsync();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_job_that_never_ran_runs_at_once_and_its_end_is_recorded()
    {
        rig.Work = static (run, _) =>
        {
            run.Report(0.5, "half");
            return Task.FromResult<JsonObject?>(new JsonObject { ["found"] = 7 });
        };
        await rig.NodeAsync();
        await rig.UntilEndedAsync();

        var run = (await rig.RunsAsync()).Single();
        (run.State, run.Kind, run.Attempt, run.Progress, run.Error).ShouldBe((TaskState.Completed, TaskKind.Analysis, 1, 1.0, null));
        run.Result.ShouldBe("""{"found": 7}""");
        run.ScheduledFor.ShouldNotBeNull();
        run.Seconds.ShouldNotBeNull();
        (await rig.ScalarAsync<long>("select count(*) from background_tasks where lease_id is not null")).ShouldBe(0);
    }

    [Fact]
    public async Task Moments_missed_while_nothing_ran_are_caught_up_once()
    {
        var node = await rig.NodeAsync();
        await rig.UntilEndedAsync();
        await node.StopAsync();
        rig.Clock.Advance(TimeSpan.FromHours(7.5));

        await rig.NodeAsync();
        await rig.UntilEndedAsync(2);
        rig.Clock.Advance(TimeSpan.FromMinutes(20));
        await rig.UntilEndedAsync(2);

        var runs = await rig.RunsAsync();
        (runs[0].ScheduledFor - runs[1].ScheduledFor).ShouldBe(TimeSpan.FromHours(7));
        rig.Begun.ShouldBe(2);
    }

    [Fact]
    public async Task Two_nodes_run_each_moment_once()
    {
        await rig.NodeAsync("every 00:00:10");
        await rig.NodeAsync("every 00:00:10");
        await rig.UntilAsync(async () => (await rig.RunsAsync()).Length >= 6);

        var runs = await rig.RunsAsync();
        runs.Select(static run => run.ScheduledFor).Distinct().Count().ShouldBe(runs.Length);
        runs.Count(static run => run.CompletedAt is null).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task What_a_dead_process_left_behind_is_taken_over_once_when_its_lease_is_over()
    {
        var now = rig.Clock.GetUtcNow();
        var dead = Guid.NewGuid();
        var left = await rig.Store.BeginAsync("work", TaskKind.Analysis, now, dead, now, now.AddMinutes(1), CancellationToken.None);
        await rig.NodeAsync();
        await rig.NodeAsync();
        rig.Clock.Advance(TimeSpan.FromSeconds(30));
        (await rig.RunsAsync()).Single().Attempt.ShouldBe(1, "its lease is not over");

        await rig.UntilEndedAsync();

        var run = (await rig.RunsAsync()).Single();
        (run.Id, run.State, run.Attempt).ShouldBe((left!.Id, TaskState.Completed, 2));
        rig.Begun.ShouldBe(1);
        (await rig.Store.EndAsync(left.Id, dead, TaskState.Failed, null, "late", now, CancellationToken.None)).ShouldBeFalse("the dead one was only slow");
    }

    [Fact]
    public async Task A_run_that_kills_its_process_again_and_again_is_given_up()
    {
        var now = rig.Clock.GetUtcNow();
        await rig.Store.BeginAsync("work", TaskKind.Analysis, now, Guid.NewGuid(), now, now.AddSeconds(1), CancellationToken.None);
        await rig.ExecuteAsync("update background_tasks set attempts = 2");
        await rig.NodeAsync(maxAttempts: 2);
        await rig.UntilEndedAsync();

        var run = (await rig.RunsAsync()).Single();
        run.State.ShouldBe(TaskState.Failed);
        run.Error!.ShouldContain("2 times");
        rig.Begun.ShouldBe(0);
    }

    [Fact]
    public async Task A_run_asked_for_is_committed_before_it_is_begun_and_begun_after_a_kill()
    {
        // The process that took the order died before it began.
        var asked = await rig.Store.AskAsync(rig.Admin, "work", TaskKind.Analysis, """{"days":3}""", CancellationToken.None);
        (await rig.Store.AskAsync(rig.Admin, "work", TaskKind.Analysis, "{}", CancellationToken.None)).ShouldBeNull("one is waiting");
        var given = "";
        rig.Work = (run, _) =>
        {
            given = run.Parameters.GetRawText();
            return Task.FromResult<JsonObject?>(null);
        };
        await rig.NodeAsync("on request");
        await rig.UntilEndedAsync();

        (await rig.RunsAsync()).Single().Id.ShouldBe(asked!.Id);
        given.ShouldBe("""{"days": 3}""");
        (await rig.ScalarAsync<long>("select count(*) from user_activities where entity_type = 'background_task'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_fails_has_its_reason_stored_and_runs_again_when_it_is_due()
    {
        rig.Work = static (_, _) => throw new InvalidOperationException("no such luck\0");
        await rig.NodeAsync();
        await rig.UntilEndedAsync();
        rig.Work = static (_, _) => Task.FromResult<JsonObject?>(null);
        rig.Clock.Advance(TimeSpan.FromHours(1));
        await rig.UntilEndedAsync(2);

        var runs = await rig.RunsAsync();
        (runs[1].State, runs[1].Error, runs[0].State).ShouldBe((TaskState.Failed, "no such luck\uFFFD", TaskState.Completed));
    }

    [Fact]
    public async Task A_run_is_cancelled_wherever_it_is()
    {
        rig.Work = static async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return null;
        };
        await rig.NodeAsync();
        await rig.NodeAsync();
        await rig.UntilAsync(() => Task.FromResult(rig.Begun == 1));
        await Should.ThrowAsync<RefusedException>(() => rig.Grain(1).StartAsync(rig.Admin, null));

        // Only one of the two activations runs it; the other's word reaches it with the next renewal.
        (await rig.Grain(0).CancelAsync(rig.Admin)).IsCancelRequested.ShouldBeTrue();
        await rig.UntilEndedAsync();
        (await rig.RunsAsync()).Single().State.ShouldBe(TaskState.Cancelled);
        (await Should.ThrowAsync<RefusedException>(() => rig.Grain(1).CancelAsync(rig.Admin))).Refusal.ShouldBe(Refusal.Conflict);

        await rig.Grain(1).StartAsync(rig.Admin, null);
        await rig.UntilAsync(() => Task.FromResult(rig.Begun == 2));
        await rig.Grain(0).CancelAsync(rig.Admin);
        await rig.UntilEndedAsync(2);
    }

    [Fact]
    public async Task A_run_whose_lease_is_lost_is_stopped_and_records_nothing()
    {
        var ended = new TaskCompletionSource();
        rig.Work = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.SetResult();
            return new JsonObject { ["from"] = "the one that lost" };
        };
        await rig.NodeAsync();
        await rig.UntilAsync(() => Task.FromResult(rig.Begun == 1));
        await rig.ExecuteAsync($"update background_tasks set lease_id = '{Guid.NewGuid()}', lease_until = '2100-01-01'");
        await rig.UntilAsync(() => Task.FromResult(ended.Task.IsCompleted));

        var run = (await rig.RunsAsync()).Single();
        (run.State, run.Result).ShouldBe((TaskState.Running, null));
    }

    [Fact]
    public async Task A_node_that_stops_in_order_gives_its_run_back_and_the_next_goes_on_at_once()
    {
        rig.Work = static async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return null;
        };
        var node = await rig.NodeAsync();
        await rig.UntilAsync(() => Task.FromResult(rig.Begun == 1));
        await node.StopAsync();
        (await rig.RunsAsync()).Single().State.ShouldBe(TaskState.Pending);

        rig.Work = static (_, _) => Task.FromResult<JsonObject?>(null);
        await rig.NodeAsync();
        await rig.UntilEndedAsync();
        var run = (await rig.RunsAsync()).Single();
        (run.State, run.Attempt).ShouldBe((TaskState.Completed, 1));
    }

    [Fact]
    public async Task Old_runs_are_deleted_but_for_the_newest_of_a_schedule()
    {
        await rig.ExecuteAsync(
            """
            insert into background_tasks (task_name, task_type, status, scheduled_for, completed_at) values
                ('work', 'analysis', 'completed', '2020-01-01', '2020-01-01'), ('work', 'analysis', 'completed', '2020-01-02', '2020-01-02'),
                ('work', 'analysis', 'failed', null, '2020-01-03'), ('other', 'cleanup', 'completed', null, '2020-01-03')
            """);
        (await rig.Store.DeleteOldAsync(rig.Clock.GetUtcNow(), CancellationToken.None)).ShouldBe(1);

        (await rig.Store.GetStandingAsync("work", rig.Clock.GetUtcNow(), CancellationToken.None)).LastScheduled
            .ShouldBe(new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero));
    }
}
