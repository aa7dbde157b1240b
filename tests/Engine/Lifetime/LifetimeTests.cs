using Orleans.Runtime;

namespace CryptoAI.Tests.Engine.Lifetime;

[Collection(EngineTests.Name)]
public sealed class LifetimeTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    private ILifetimeGrain Grain => cluster.Grains.GetGrain<ILifetimeGrain>(_key);

    [Fact]
    public async Task A_grain_is_activated_before_its_first_call_and_once()
    {
        await Task.WhenAll(Grain.UseAsync(), Grain.UseAsync());
        Signals.Journal(_key).ShouldBe(["activated", "used", "used"]);
    }

    [Fact]
    public async Task DeactivateOnIdle_ends_the_activation_and_the_next_call_gets_another()
    {
        Signals.Open($"{_key} may deactivate");
        var first = await Grain.UseAsync();
        await Grain.LeaveAsync();
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("disposed"));
        (await Grain.UseAsync()).ShouldNotBe(first);
        Signals.Journal(_key).ShouldBe(
            ["activated", "used", "deactivated ApplicationRequested", "disposed", "activated", "used"]);
    }

    [Fact]
    public async Task The_running_call_ends_before_the_activation_does()
    {
        Signals.Open($"{_key} may deactivate");
        var leaving = Grain.LeaveSlowlyAsync(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("leaving"));
        var next = Grain.UseAsync();
        Signals.Open(_key);
        await Task.WhenAll(leaving, next);
        Signals.Journal(_key).Where(what => what != "disposed").ShouldBe(
            ["activated", "leaving", "left", "deactivated ApplicationRequested", "activated", "used"]);
    }

    [Fact]
    public async Task Calls_that_come_while_it_deactivates_are_answered_once_each_by_the_next_activation()
    {
        await Grain.LeaveAsync();
        var calls = Enumerable.Range(0, 100).Select(Grain.AppendAsync).ToArray();
        Signals.Open($"{_key} may deactivate");
        await Task.WhenAll(calls);

        // Orleans may hand them on newest first: only calls that were awaited have an order.
        Signals.Journal(_key).Where(what => int.TryParse(what, out _)).ShouldBe(Enumerable.Range(0, 100).Select(n => $"{n}"), ignoreOrder: true);
        Signals.Journal(_key).Count(what => what == "activated").ShouldBe(2);
    }

    [Fact]
    public async Task No_call_is_lost_or_run_twice_while_activations_come_and_go()
    {
        var calls = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
            {
                await UseAsync((caller * 1_000) + i);
            }
        }));
        await Task.WhenAll(calls);
        var used = Signals.Journal(_key);
        used.ShouldNotContain("two at once");
        used.Length.ShouldBe(8 * 250);
        used.Distinct().Count().ShouldBe(8 * 250);

        // A call that meets activations only as they go is refused by Orleans at last, and was not run.
        async Task UseAsync(int number)
        {
            while (true)
            {
                try
                {
                    await cluster.Grains.GetGrain<IFleetingGrain>(_key).UseAsync(number);
                    return;
                }
                catch (OrleansMessageRejectionException)
                {
                    await Task.Yield();
                }
            }
        }
    }

    [Fact]
    public async Task A_failing_OnActivateAsync_fails_the_call_and_the_next_call_tries_again()
    {
        var grain = cluster.Grains.GetGrain<IFailingGrain>(_key);
        (await Should.ThrowAsync<InvalidDataException>(grain.UseAsync())).Message.ShouldBe("not yet");
        await Should.ThrowAsync<InvalidDataException>(grain.UseAsync());
        Signals.Open(_key);
        await grain.UseAsync();
        Signals.Journal(_key).ShouldBeEmpty();
    }
}
