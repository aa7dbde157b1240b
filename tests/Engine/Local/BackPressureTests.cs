using CryptoAI.Tests.Engine.Streams;
using Orleans.Streams;

namespace CryptoAI.Tests.Engine.Local;

public sealed class BackPressureTests
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task Publishing_waits_while_a_subscriber_s_queue_is_full_and_loses_nothing()
    {
        await using var host = await ControlledHost.StartAsync();
        var stream = StreamOf(host);
        await stream.SubscribeAsync(new Slow(_key));
        List<Task> publications = [];
        for (var n = 0; n < 10; n++)
        {
            publications.Add(stream.OnNextAsync(new Tick(n)));
        }

        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["0 begins"]);
        publications.Count(p => p.IsCompleted).ShouldBeInRange(2, 3, "two wait in the queue, and one is being handled");
        Signals.Open(_key);
        await Task.WhenAll(publications);
        await Eventually.TrueAsync(() => Signals.Journal(_key).Length == 20);
        Signals.Journal(_key).ShouldBe(Enumerable.Range(0, 20).Select(i => $"{i / 2} {(i % 2 == 0 ? "begins" : "ends")}"));
    }

    [Fact]
    public async Task Publishing_does_not_wait_for_ever()
    {
        await using var host = await ControlledHost.StartAsync();
        var stream = StreamOf(host);
        await stream.SubscribeAsync(new Slow(_key));
        await stream.OnNextAsync(new Tick(0));
        await Eventually.TrueAsync(() => Signals.Journal(_key) is ["0 begins"]);
        await stream.OnNextAsync(new Tick(1));
        await stream.OnNextAsync(new Tick(2));
        var late = stream.OnNextAsync(new Tick(3));
        await Eventually.TrueAsync(() =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(31));
            return late.IsCompleted;
        });
        (await Should.ThrowAsync<TimeoutException>(late)).Message.ShouldContain(_key);
        Signals.Open(_key);
    }

    [Fact]
    public async Task A_failing_item_is_tried_again_until_its_time_is_over()
    {
        await using var host = await ControlledHost.StartAsync();
        var stream = host.Services.GetRequiredService<IClusterClient>().GetStreamProvider(EngineFixture.Streams).GetStream<Tick>("ticks", _key);
        await stream.OnNextAsync(new Tick(1, Failures: int.MaxValue));
        await stream.OnNextAsync(new Tick(2));
        await Eventually.TrueAsync(() => host.Time.HasTimerIn(TimeSpan.FromMilliseconds(100)));
        await Eventually.TrueAsync(() =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(10));
            return Signals.Journal(_key) is [nameof(StreamEventDeliveryFailureException), "2"];
        });
        Signals.Journal($"{_key} failures").Length.ShouldBeGreaterThan(1);
    }

    private IAsyncStream<Tick> StreamOf(ControlledHost host) => host.Services.GetRequiredService<IClusterClient>()
        .GetStreamProvider(EngineFixture.Streams).GetStream<Tick>("slow-ticks", _key);

    private sealed class Slow(string journal) : IAsyncObserver<Tick>
    {
        public async Task OnNextAsync(Tick item, StreamSequenceToken? token = null)
        {
            Signals.Note(journal, $"{item.Number} begins");
            await Signals.Gate(journal);
            Signals.Note(journal, $"{item.Number} ends");
        }

        public Task OnCompletedAsync() => Task.CompletedTask;

        public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }
}
