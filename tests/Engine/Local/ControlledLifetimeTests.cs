using CryptoAI.Tests.Engine.Calls;
using CryptoAI.Tests.Engine.Channels;
using CryptoAI.Tests.Engine.Lifetime;
using CryptoAI.Tests.Engine.Observers;
using Orleans.BroadcastChannel;
using Orleans.Runtime;

namespace CryptoAI.Tests.Engine.Local;

public sealed class ControlledLifetimeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _key = Guid.NewGuid().ToString();

    public ControlledLifetimeTests() => Signals.Open($"{_key} may deactivate");

    [Fact]
    public async Task An_activation_that_is_not_used_for_fifteen_minutes_is_collected()
    {
        await using var host = await ControlledHost.StartAsync();
        var first = await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync();
        host.Time.Advance(10 * Minute);
        (await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync()).ShouldBe(first);
        host.Time.Advance(14 * Minute);
        (await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync()).ShouldBe(first);
        host.Time.Advance(16 * Minute);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("deactivated ActivationIdle"));
        (await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync()).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_running_call_keeps_its_activation_from_being_collected()
    {
        await using var host = await ControlledHost.StartAsync(options => options.ResponseTimeout = TimeSpan.FromHours(1));
        var call = host.Grains.GetGrain<ILifetimeGrain>(_key).UseSlowlyAsync(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("in use"));
        host.Time.Advance(30 * Minute);
        Signals.Open(_key);
        (await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync()).ShouldBe(await call);
    }

    [Fact]
    public async Task DelayDeactivation_keeps_an_activation_longer()
    {
        await using var host = await ControlledHost.StartAsync();
        var first = await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync();
        await host.Grains.GetGrain<ILifetimeGrain>(_key).DelayLeavingAsync(60 * Minute);
        host.Time.Advance(50 * Minute);
        (await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync()).ShouldBe(first);
        host.Time.Advance(30 * Minute);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("deactivated ActivationIdle"));
    }

    [Fact]
    public async Task A_call_waits_for_thirty_seconds_and_its_timeout_says_what_the_grain_does()
    {
        await using var host = await ControlledHost.StartAsync();
        var grain = host.Grains.GetGrain<ILifetimeGrain>(_key);
        var running = grain.UseSlowlyAsync(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("in use"));
        var waiting = grain.UseAsync();
        host.Time.Advance(TimeSpan.FromSeconds(29));
        waiting.IsCompleted.ShouldBeFalse();
        host.Time.Advance(TimeSpan.FromSeconds(2));
        (await Should.ThrowAsync<TimeoutException>(waiting.WaitAsync(Patience))).Message.ShouldContain("It runs ILifetimeGrain.UseSlowlyAsync");
        await Should.ThrowAsync<TimeoutException>(running.WaitAsync(Patience));
        Signals.Open(_key);
        await grain.AppendAsync(1);
        Signals.Journal(_key).ShouldBe(["activated", "in use", "used", "1"], "a call that timed out in the queue is not run");
    }

    [Fact]
    public async Task A_publisher_does_not_wait_for_a_stuck_handler_for_ever_and_is_told()
    {
        await using var host = await ControlledHost.StartAsync();
        var writer = host.Services.GetRequiredKeyedService<IBroadcastChannelProvider>(EngineFixture.Channels)
            .GetChannelWriter<News>(ChannelId.Create("news", _key));
        var stuck = writer.Publish(new News(1, "second waits"));
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["first 1"]);
        host.Time.Advance(TimeSpan.FromSeconds(31));
        (await Should.ThrowAsync<AggregateException>(stuck.WaitAsync(Patience))).Flatten().InnerExceptions.ShouldHaveSingleItem().ShouldBeOfType<TimeoutException>();
        Signals.Open(_key);
        await writer.Publish(new News(2));
        Signals.Journal(_key).Order().ShouldBe(["first 1", "first 2", "second 1", "second 2"]);
    }

    [Fact]
    public async Task Items_that_are_published_together_reach_a_subscriber_that_comes_and_goes_in_order()
    {
        await using var host = await ControlledHost.StartAsync();
        var writer = host.Services.GetRequiredKeyedService<IBroadcastChannelProvider>(EngineFixture.Channels)
            .GetChannelWriter<News>(ChannelId.Create("fleeting-news", _key));
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(n => writer.Publish(new News(n))).ToArray());
        Signals.Journal(_key).ShouldBe(Enumerable.Range(0, 1_000).Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_stopping_host_deactivates_all_and_takes_no_more_calls()
    {
        await using var host = await ControlledHost.StartAsync();
        await host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync();
        await host.StopAsync();
        Signals.Journal(_key).ShouldBe(["activated", "used", "deactivated ShuttingDown", "disposed"]);
        await Should.ThrowAsync<SiloUnavailableException>(host.Grains.GetGrain<ILifetimeGrain>(_key).UseAsync());
    }

    [Fact]
    public async Task A_host_stops_in_time_though_a_grain_does_not()
    {
        await using var host = await ControlledHost.StartAsync(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100), controlled: false);
        var call = host.Grains.GetGrain<ILifetimeGrain>(_key).UseSlowlyAsync(_key);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Contains("in use"));
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        call.IsCompleted.ShouldBeFalse();
        Signals.Open(_key);
        await call;
    }

    [Fact]
    public async Task Even_the_calls_that_activate_a_grain_run_in_their_order()
    {
        await using var host = await ControlledHost.StartAsync();
        var grain = host.Grains.GetGrain<ITextGrain>(_key);
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(grain.AppendAsync).ToArray());
        (await grain.AppendedAsync()).ShouldBe(Enumerable.Range(0, 1_000));
    }

    [Fact]
    public async Task An_object_is_refused_where_a_reference_belongs()
    {
        await using var host = await ControlledHost.StartAsync();
        (await Should.ThrowAsync<ArgumentException>(() => host.Grains.GetGrain<ISpeakerGrain>(_key).ListenAsync(new Listener(_key))))
            .Message.ShouldContain("CreateObjectReference");
    }

    [Fact]
    public async Task A_call_to_a_deleted_observer_fails_at_once()
    {
        await using var host = await ControlledHost.StartAsync();
        var listener = new Listener(_key);
        var reference = host.Grains.CreateObjectReference<IListener>(listener);
        host.Grains.DeleteObjectReference<IListener>(reference);
        await Should.ThrowAsync<OrleansException>(reference.OnHeardAsync(1));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_host_without_the_grain_says_so()
    {
        await using var host = await ControlledHost.StartAsync();
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IUnhostedGrain>(_key)).Message.ShouldContain(nameof(IUnhostedGrain));
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IChainGrain>(_key)).Message.ShouldContain("class name prefix");
    }
}

[Alias("test-unhosted")]
public interface IUnhostedGrain : IGrainWithStringKey;
