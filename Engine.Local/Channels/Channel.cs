using CryptoAI.Engine.Local.Activations;
using Orleans;
using Orleans.BroadcastChannel;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Channels;

/// <summary>One channel and its subscribers.</summary>
internal sealed class Channel
{
    private readonly Subscriber[] _subscribers;

    public Channel(LocalEngine engine, string provider, ChannelId id, IEnumerable<GrainClass> classes)
    {
        Engine = engine;
        Provider = provider;
        Id = id;
        _subscribers = [.. classes.Select(c => new Subscriber(this, c, c.IdForKey(id.GetKeyAsString())))];
    }

    public LocalEngine Engine { get; }

    public string Provider { get; }

    public ChannelId Id { get; }

    public Task Publish(object item, bool fireAndForget)
    {
        if (_subscribers.Length == 0)
        {
            return Task.CompletedTask;
        }

        var publication = fireAndForget ? null : new Publication(_subscribers.Length);
        for (var i = 0; i < _subscribers.Length; i++)
        {
            _subscribers[i].Send(item, publication, i);
        }

        return publication?.Task ?? Task.CompletedTask;
    }
}

/// <summary>One grain that receives a channel.</summary>
internal sealed class Subscriber(Channel channel, GrainClass grainClass, GrainId id)
{
    private Receiver? _receiver;
    private ChannelDelivery? _spare;

    public Channel Channel => channel;

    public GrainId Id => id;

    public void Send(object item, Publication? publication, int index)
    {
        // With one publication in flight, as the price channel has it, no delivery is ever allocated but the first.
        var delivery = Interlocked.Exchange(ref _spare, null) ?? new ChannelDelivery(this);
        delivery.Load(item, publication, index);
        channel.Engine.Await(delivery, timeout: null);
        channel.Engine.Catalog.Send(grainClass, id, delivery, ref _receiver);
    }

    public void Return(ChannelDelivery delivery) => Volatile.Write(ref _spare, delivery);
}

/// <summary>What a publisher waits for: that every subscriber has handled the item, or has failed to.</summary>
internal sealed class Publication(int subscribers)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _subscribers = subscribers;
    private Exception?[]? _failures;
    private int _remaining = subscribers;

    public Task Task => _completion.Task;

    public void Handled(int index, Exception? failure)
    {
        if (failure is not null)
        {
            var failures = Volatile.Read(ref _failures)
                ?? Interlocked.CompareExchange(ref _failures, new Exception?[_subscribers], comparand: null)
                ?? _failures;
            failures[index] = failure;
        }

        if (Interlocked.Decrement(ref _remaining) > 0)
        {
            return;
        }

        if (_failures is null)
        {
            _completion.SetResult();
        }
        else
        {
            // Nested as in Orleans: one aggregate for each subscriber that failed.
            _completion.SetException(new AggregateException(_failures.OfType<Exception>().Select(f => new AggregateException(f))));
        }
    }
}
