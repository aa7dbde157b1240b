namespace CryptoAI.Tests.Engine.Turns;

[Collection(EngineTests.Name)]
public sealed class TurnTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private ITurnGrain Plain => cluster.Grains.GetGrain<ITurnGrain>(_key, "CryptoAI.Tests.Engine.Turns.Plain");

    private ITurnGrain Reentrant => cluster.Grains.GetGrain<ITurnGrain>(_key, "CryptoAI.Tests.Engine.Turns.Reentrant");

    [Fact]
    public async Task A_call_runs_to_its_end_before_the_next_begins()
    {
        var first = Plain.HoldAsync(_key, "a");
        await HasNotedAsync("a begins");
        var second = Plain.HoldAsync(_key, "b");
        Open("b");
        Open("a");
        await Task.WhenAll(first, second);
        Signals.Journal(_key).ShouldBe(["a begins", "a ends", "b begins", "b ends"]);
    }

    [Fact]
    public async Task Calls_of_a_reentrant_grain_interleave()
    {
        var first = Reentrant.HoldAsync(_key, "a");
        await HasNotedAsync("a begins");
        var second = Reentrant.HoldAsync(_key, "b");
        Open("b");
        await second;
        Open("a");
        await first;
        Signals.Journal(_key).ShouldBe(["a begins", "b begins", "b ends", "a ends"]);
    }

    [Fact]
    public async Task An_always_interleaving_call_does_not_wait_for_the_running_one()
    {
        var first = Plain.HoldAsync(_key, "a");
        await HasNotedAsync("a begins");
        var waiting = Plain.HoldAsync(_key, "c");
        var second = Plain.HoldInterleavedAsync(_key, "b");
        Open("b");
        await second;
        Open("a");
        Open("c");
        await Task.WhenAll(first, waiting);
        Signals.Journal(_key).ShouldBe(["a begins", "b begins", "b ends", "a ends", "c begins", "c ends"]);
    }

    [Fact]
    public async Task Read_only_calls_run_beside_each_other_and_not_beside_others()
    {
        var first = Plain.HoldReadOnlyAsync(_key, "a");
        await HasNotedAsync("a begins");
        var second = Plain.HoldReadOnlyAsync(_key, "b");
        await HasNotedAsync("b begins");
        var writer = Plain.HoldAsync(_key, "c");
        Open("b");
        await second;
        Open("a");
        await HasNotedAsync("c begins");
        var reader = Plain.HoldReadOnlyAsync(_key, "d");
        Open("d");
        Open("c");
        await Task.WhenAll(first, writer, reader);
        Signals.Journal(_key).ShouldBe(
            ["a begins", "b begins", "b ends", "a ends", "c begins", "c ends", "d begins", "d ends"]);
    }

    [Fact]
    public async Task Interleaving_calls_never_run_at_the_same_time()
    {
        var grain = Reentrant;
        var alone = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => grain.CountAsync(200))));
        alone.ShouldAllBe(wasAlone => wasAlone);
        (await grain.CountedAsync()).ShouldBe(50 * 200);
    }

    [Fact]
    public async Task Code_after_an_await_is_a_turn_of_the_same_activation() => (await Plain.StaysAfterAwaitAsync()).ShouldBeTrue();

    [Fact]
    public async Task Task_Run_and_ConfigureAwait_false_leave_the_activation() => (await Plain.LeavesAsync()).ShouldBeTrue();

    [Fact]
    public async Task A_task_that_was_not_awaited_goes_on_in_turns_after_its_call()
    {
        await Plain.LeaveBehindAsync(_key, _key);
        (await Plain.CountedAsync()).ShouldBe(0);
        Signals.Open(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["in a turn"]);
    }

    [Fact]
    public async Task What_flows_with_one_call_does_not_flow_into_the_next()
    {
        var held = Plain.HoldAsync(_key, "a");
        var leaking = Plain.LeakFlowAsync();
        var seeing = Plain.SeesFlowAsync();
        Open("a");
        await Task.WhenAll(held, leaking, seeing);
        (await seeing).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stateless_worker_serves_as_many_calls_at_once_as_it_may_have_activations()
    {
        var worker = cluster.Grains.GetGrain<IWorkerGrain>(Random.Shared.NextInt64());
        var first = worker.HoldAsync(_key, "a");
        var second = worker.HoldAsync(_key, "b");
        await Eventually.TrueAsync(() => Signals.Journal(_key).Length == 2);
        var third = worker.HoldAsync(_key, "c");
        Open("c");
        Open("a");
        await first;
        Open("b");
        await Task.WhenAll(second, third);
        var journal = Signals.Journal(_key);
        journal[..2].Order().ShouldBe(["a begins", "b begins"]);
        Array.IndexOf(journal, "c begins").ShouldBeGreaterThan(Math.Min(Array.IndexOf(journal, "a ends"), Array.IndexOf(journal, "b ends")));
    }

    private void Open(string name) => Signals.Open($"{_key} {name}");

    private Task HasNotedAsync(string what) => Eventually.TrueAsync(() => Signals.Journal(_key).Contains(what));
}
