using CryptoAI.Tests.Engine.Timers;

namespace CryptoAI.Tests.Engine.Local;

public sealed class ControlledTimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_timer_is_due_on_the_host_s_clock()
    {
        await using var host = await ControlledHost.StartAsync();
        Signals.Open(_key);
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(10 * Second, 5 * Second, interleave: false, keepAlive: false, _key);
        host.Time.Advance(9.999 * Second);
        await grain.HoldAsync(_key);
        Signals.Journal(_key).ShouldBe(["held", "released"]);
        host.Time.Advance(0.001 * Second);
        await HasNotedAsync("1 ends");
        await PassAsync(host, grain, 5 * Second);
        await HasNotedAsync("2 ends");
    }

    [Fact]
    public async Task A_timer_without_a_period_calls_back_once()
    {
        await using var host = await ControlledHost.StartAsync();
        Signals.Open(_key);
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(Second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false, _key);
        await PassAsync(host, grain, Second);
        await HasNotedAsync("1 ends");
        await PassAsync(host, grain, TimeSpan.FromMinutes(1));
        Signals.Journal(_key).ShouldNotContain("2 begins");
    }

    [Fact]
    public async Task The_period_counts_from_the_end_of_a_callback()
    {
        await using var host = await ControlledHost.StartAsync();
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(Second, Second, interleave: true, keepAlive: false, _key);
        host.Time.Advance(Second);
        await HasNotedAsync("1 begins");
        host.Time.Advance(10 * Second);
        await grain.HoldAsync(Opened());
        Signals.Journal(_key).ShouldNotContain("2 begins");
        Signals.Open(_key);
        await HasNotedAsync("1 ends");
        await IsSetAsync(host, Second);
        await PassAsync(host, grain, 0.5 * Second);
        Signals.Journal(_key).ShouldNotContain("2 begins");
        await PassAsync(host, grain, 0.5 * Second);
        await HasNotedAsync("2 ends");
    }

    [Fact]
    public async Task A_timer_waits_for_the_running_call()
    {
        await using var host = await ControlledHost.StartAsync();
        Signals.Open(_key);
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(Second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false, _key);
        var held = grain.HoldAsync(_key + " held");
        await HasNotedAsync("held");
        host.Time.Advance(Second);
        Signals.Journal(_key).ShouldBe(["held"]);
        Signals.Open(_key + " held");
        await held;
        await HasNotedAsync("1 ends");
        Signals.Journal(_key).ShouldBe(["held", "released", "1 begins", "1 ends"]);
    }

    [Fact]
    public async Task A_changed_timer_keeps_to_its_new_times()
    {
        await using var host = await ControlledHost.StartAsync();
        Signals.Open(_key);
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(Second, Second, interleave: false, keepAlive: false, _key);
        await grain.ChangeAsync(60 * Second, 60 * Second);
        await PassAsync(host, grain, 59 * Second);
        Signals.Journal(_key).ShouldNotContain("1 begins");
        await PassAsync(host, grain, Second);
        await HasNotedAsync("1 ends");
    }

    [Fact]
    public async Task A_callback_is_cancelled_when_its_activation_ends()
    {
        await using var host = await ControlledHost.StartAsync();
        var grain = host.Grains.GetGrain<ITimerGrain>(_key);
        await grain.StartAsync(Second, Second, interleave: true, keepAlive: false, _key);
        host.Time.Advance(Second);
        await HasNotedAsync("1 begins");
        await grain.StopAsync();
        await grain.LeaveAsync();
        await HasNotedAsync("deactivated ApplicationRequested");
    }

    [Fact]
    public async Task Only_a_keep_alive_timer_keeps_an_activation_from_being_collected()
    {
        await using var host = await ControlledHost.StartAsync();
        Signals.Open(_key);
        var (kept, left) = (host.Grains.GetGrain<ITimerGrain>(_key + " kept"), host.Grains.GetGrain<ITimerGrain>(_key + " left"));

        // A period that no other timer has: this one can be seen to be set.
        var period = 59 * Second;
        await kept.StartAsync(period, period, interleave: false, keepAlive: true, _key);
        await left.StartAsync(45 * Second, 45 * Second, interleave: false, keepAlive: false, _key);
        for (var round = 1; round <= 20; round++)
        {
            var callback = $"{round} ends";
            host.Time.Advance(period);
            await Eventually.TrueAsync(() => Signals.Journal(_key + " kept").Contains(callback));
            await IsSetAsync(host, period);
        }

        await Eventually.TrueAsync(() => Signals.Journal(_key + " left").Contains("deactivated ActivationIdle"));
        Signals.Journal(_key + " kept").ShouldNotContain("deactivated ActivationIdle");
    }

    private static string Opened()
    {
        var gate = Guid.NewGuid().ToString();
        Signals.Open(gate);
        return gate;
    }

    // A call that comes after the callback's turn: what the clock has set off has been done.
    private static async Task PassAsync(ControlledHost host, ITimerGrain grain, TimeSpan time)
    {
        await grain.HoldAsync(Opened());
        host.Time.Advance(time);
        await grain.HoldAsync(Opened());
    }

    // After the callback's end, of which the journal's entry is only the last but one step.
    private static Task IsSetAsync(ControlledHost host, TimeSpan period) => Eventually.TrueAsync(() => host.Time.HasTimerIn(period));

    private Task HasNotedAsync(string what) => Eventually.TrueAsync(() => Signals.Journal(_key).Contains(what));
}
