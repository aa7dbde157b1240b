using Orleans.Streams;

namespace CryptoAI.Tests.Engine.Streams;

[Collection(EngineTests.Name)]
public sealed class StreamTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_stream_reaches_the_grain_of_each_subscribing_class_with_its_key_in_order()
    {
        var stream = Stream("ticks");
        for (var n = 0; n < 100; n++)
        {
            await stream.OnNextAsync(new Tick(n));
        }

        await HasNotedAsync([.. Enumerable.Range(0, 100).Select(n => $"{n}")]);
    }

    [Fact]
    public async Task A_batch_reaches_a_batch_observer_whole()
    {
        await Stream("tick-batches").OnNextBatchAsync([new Tick(1), new Tick(2), new Tick(3)]);
        await HasNotedAsync("1 2 3");
    }

    [Fact]
    public async Task A_batch_reaches_an_item_observer_item_by_item()
    {
        await Stream("ticks").OnNextBatchAsync([new Tick(1), new Tick(2), new Tick(3)]);
        await HasNotedAsync("1", "2", "3");
    }

    [Fact]
    public async Task An_item_that_fails_is_tried_again_before_the_next_one()
    {
        await Stream("ticks").OnNextAsync(new Tick(1, Failures: 1));
        await Stream("ticks").OnNextAsync(new Tick(2));
        await HasNotedAsync("1", "2");
    }

    [Fact]
    public async Task A_subscriber_is_told_of_an_item_that_fails_for_too_long_and_gets_the_next_one()
    {
        var stream = Stream("ticks", EngineFixture.ImpatientStreams);
        await stream.OnNextAsync(new Tick(1, Failures: int.MaxValue));
        await stream.OnNextAsync(new Tick(2));
        await HasNotedAsync(nameof(StreamEventDeliveryFailureException), "2");
        Signals.Journal($"{_key} failures").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_next_activation_goes_on_with_the_stream()
    {
        await Stream("ticks").OnNextAsync(new Tick(1));
        await HasNotedAsync("1");
        await cluster.Grains.GetGrain<ITickGrain>(_key).LeaveAsync();
        await Stream("ticks").OnNextAsync(new Tick(2));
        await HasNotedAsync("1", "2");
    }

    [Fact]
    public async Task A_grain_that_subscribed_gets_the_stream_and_resumes_it_in_its_next_activation_until_it_unsubscribes()
    {
        var grain = cluster.Grains.GetGrain<ITickCollectorGrain>(_key);
        await grain.SubscribeAsync();
        await Stream("collected-ticks").OnNextAsync(new Tick(1));
        await HasNotedAsync("1");
        await grain.LeaveAsync();
        await Stream("collected-ticks").OnNextAsync(new Tick(2));
        await HasNotedAsync("1", "resumed", "2");
        await grain.UnsubscribeAsync();
        var handle = await Stream("collected-ticks").SubscribeAsync(new Collector(_key + " client"));
        await Stream("collected-ticks").OnNextAsync(new Tick(3));
        await Eventually.TrueAsync(() => Signals.Journal(_key + " client").Contains("3"));
        Signals.Journal(_key).ShouldBe(["1", "resumed", "2"]);
        await handle.UnsubscribeAsync();
    }

    [Fact]
    public async Task A_client_can_subscribe()
    {
        var handle = await Stream("client-ticks").SubscribeAsync(new Collector(_key));
        await Stream("client-ticks").OnNextAsync(new Tick(1));
        await HasNotedAsync("1");
        await handle.UnsubscribeAsync();
    }

    private IAsyncStream<Tick> Stream(string streamNamespace, string provider = EngineFixture.Streams) =>
        cluster.Services.GetRequiredService<IClusterClient>().GetStreamProvider(provider).GetStream<Tick>(streamNamespace, _key);

    private Task HasNotedAsync(params string[] what) => Eventually.TrueAsync(() => Signals.Journal(_key).SequenceEqual(what));

    private sealed class Collector(string journal) : IAsyncObserver<Tick>
    {
        public Task OnNextAsync(Tick item, StreamSequenceToken? token = null)
        {
            Signals.Note(journal, $"{item.Number}");
            return Task.CompletedTask;
        }

        public Task OnCompletedAsync() => Task.CompletedTask;

        public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
    }
}
