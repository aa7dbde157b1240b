namespace CryptoAI.Tests.Engine.Timers;

/// <summary>Timers on a clock that nobody controls; Local/ControlledTimerTests says more.</summary>
[Collection(EngineTests.Name)]
public sealed class TimerTests(EngineFixture cluster)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);
    private readonly string _key = Guid.NewGuid().ToString();

    private ITimerGrain Grain => cluster.Grains.GetGrain<ITimerGrain>(_key);

    [Fact]
    public async Task A_timer_calls_back_again_and_again_without_overlapping_until_it_is_disposed()
    {
        Signals.Open(_key);
        await Grain.StartAsync(Short, Short, interleave: false, keepAlive: false, _key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Length >= 10);
        await Grain.StopAsync();
        var journal = Signals.Journal(_key);
        journal.ShouldBe(Enumerable.Range(0, journal.Length).Select(i => $"{(i / 2) + 1} {(i % 2 == 0 ? "begins" : "ends")}"));
    }

    [Fact]
    public async Task An_interleaving_timer_does_not_wait_for_the_running_call()
    {
        Signals.Open(_key);
        var held = Grain.HoldAsync(_key + " held");
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["held"]);
        await Grain.StartAsync(Short, Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false, _key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("1 ends"));
        Signals.Open(_key + " held");
        await held;
        Signals.Journal(_key).ShouldBe(["held", "1 begins", "1 ends", "released"]);
    }

    [Fact]
    public async Task A_callback_that_throws_does_not_end_the_timer()
    {
        await Grain.StartAsync(Short, Short, interleave: false, keepAlive: false, "throw");
        await Eventually.TrueAsync(() => Signals.Journal(_key).Length >= 3);
        await Grain.StopAsync();
    }

    [Fact]
    public async Task A_timer_ends_with_its_activation()
    {
        Signals.Open(_key);
        await Grain.StartAsync(Short, Short, interleave: false, keepAlive: false, _key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Length >= 2);
        await Grain.LeaveAsync();
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("deactivated ApplicationRequested"));
        Signals.Journal(_key)[^1].ShouldBe("deactivated ApplicationRequested");
    }
}
