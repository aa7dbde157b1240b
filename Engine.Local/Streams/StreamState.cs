using System.Collections.Immutable;
using CryptoAI.Engine.Local.Activations;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>One publication: items with consecutive places in the stream. It is delivered, and tried again, as a whole.</summary>
internal sealed record StreamBatch(Array Items, long FirstSequence);

/// <summary>One stream: who subscribes to it, and the order of what is published.</summary>
internal sealed class StreamState
{
    private readonly Lock _gate = new();
    private Task _lastPublication = Task.CompletedTask;
    private long _nextSequence;

    public StreamState(StreamProvider provider, StreamId id)
    {
        Provider = provider;
        Id = id;
        Subscriptions =
        [
            .. provider.Engine.Classes.All
                .Where(c => c.StreamNamespaces.Contains(id.GetNamespace() ?? "", StringComparer.Ordinal))
                .Select(c => new Subscription(this, c, c.IdForKey(id.GetKeyAsString()), isImplicit: true)),
        ];
    }

    public StreamProvider Provider { get; }

    public StreamId Id { get; }

    public ImmutableArray<Subscription> Subscriptions { get; private set; }

    /// <summary>Adds a subscription of the grain whose code is running, or of the client. A grain that is subscribed by its class gets that one.</summary>
    public Subscription Subscribe()
    {
        var activation = Activation.Current;
        lock (_gate)
        {
            if (Subscriptions.FirstOrDefault(s => s.IsImplicit && s.BelongsTo(activation)) is { } mine)
            {
                return mine;
            }

            var subscription = new Subscription(this, activation?.Class, activation?.GrainId ?? default, isImplicit: false);
            Subscriptions = Subscriptions.Add(subscription);
            return subscription;
        }
    }

    public void Unsubscribe(Subscription subscription)
    {
        lock (_gate)
        {
            Subscriptions = Subscriptions.Remove(subscription);
        }

        subscription.End();
    }

    /// <summary>Queues items for every subscriber, behind all earlier publications; waits while a queue is full.</summary>
    /// <exception cref="TimeoutException">A queue stayed full for the response timeout; the subscribers behind it did not get the items.</exception>
    public Task Publish(Array items)
    {
        lock (_gate)
        {
            var batch = new StreamBatch(items, _nextSequence);
            _nextSequence += items.Length;
            var subscriptions = Subscriptions;
            var next = 0;
            if (_lastPublication.IsCompleted)
            {
                while (next < subscriptions.Length && subscriptions[next].TryEnqueue(batch))
                {
                    next++;
                }

                if (next == subscriptions.Length)
                {
                    return Task.CompletedTask;
                }
            }

            _lastPublication = EnqueueAsync(_lastPublication, subscriptions, next, batch);
            return _lastPublication;
        }
    }

    private async Task EnqueueAsync(Task previous, ImmutableArray<Subscription> subscriptions, int next, StreamBatch batch)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        using var timeout = new CancellationTokenSource(Provider.Engine.Options.ResponseTimeout, Provider.Engine.Time);
        for (; next < subscriptions.Length; next++)
        {
            try
            {
                await subscriptions[next].EnqueueAsync(batch, timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException(
                    $"The queue of {subscriptions[next]} stayed full for {Provider.Engine.Options.ResponseTimeout}: an item of stream {Id} is lost to it and to those after it.", exception);
            }
        }
    }
}
