using CryptoAI.Engine.Local.Activations;
using Orleans.Runtime;
using Orleans.Streams;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>One stream as its publishers and subscribers see it.</summary>
internal sealed class AsyncStream<T>(StreamState state) : IAsyncStream<T>
{
    public bool IsRewindable => false;

    public string ProviderName => state.Provider.Name;

    public StreamId StreamId => state.Id;

    public Task OnNextAsync(T item, StreamSequenceToken? token = null) => state.Publish(new T[] { item });

    public Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null)
    {
        var items = batch.ToArray();
        return items.Length == 0 ? Task.CompletedTask : state.Publish(items);
    }

    public Task OnCompletedAsync() => throw new NotSupportedException("A stream has no end, as Orleans' persistent streams have none.");

    public Task OnErrorAsync(Exception ex) => throw new NotSupportedException("A stream carries no errors, as Orleans' persistent streams carry none.");

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer) =>
        new SubscriptionHandle<T>(state.Subscribe()).ResumeAsync(observer);

    public Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer) =>
        new SubscriptionHandle<T>(state.Subscribe()).ResumeAsync(observer);

    public Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles()
    {
        var activation = Activation.Current;
        return Task.FromResult<IList<StreamSubscriptionHandle<T>>>(
            [.. state.Subscriptions.Where(s => s.BelongsTo(activation)).Select(s => new SubscriptionHandle<T>(s))]);
    }

    public bool Equals(IAsyncStream<T>? other) => other is AsyncStream<T> && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<T>);

    public override int GetHashCode() => HashCode.Combine(ProviderName, StreamId);

    public int CompareTo(IAsyncStream<T>? other)
    {
        var byProvider = string.CompareOrdinal(ProviderName, other?.ProviderName);
        return byProvider != 0 ? byProvider : StreamId.CompareTo(other!.StreamId);
    }
}

/// <summary>A handle is good for one use, as in Orleans: resuming gives a new one.</summary>
internal sealed class SubscriptionHandle<T>(Subscription subscription) : StreamSubscriptionHandle<T>
{
    private bool _used;

    public override StreamId StreamId => subscription.Stream.Id;

    public override string ProviderName => subscription.Stream.Provider.Name;

    public override Guid HandleId => subscription.Id;

    public override Task UnsubscribeAsync()
    {
        Use();
        if (subscription.IsImplicit)
        {
            throw new InvalidOperationException("What a grain's class subscribes to cannot be unsubscribed by the grain.");
        }

        Activation.Current?.Handlers.Remove(subscription);
        subscription.Stream.Unsubscribe(subscription);
        return Task.CompletedTask;
    }

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null) =>
        Resume(new ItemHandler<T>(observer), token);

    public override Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null) =>
        Resume(new BatchHandler<T>(observer), token);

    public override bool Equals(StreamSubscriptionHandle<T>? other) => other is not null && HandleId == other.HandleId;

    private Task<StreamSubscriptionHandle<T>> Resume(StreamHandler handler, StreamSequenceToken? token)
    {
        if (token is not null)
        {
            throw new ArgumentException("The stream is not rewindable: a subscription starts with what is published next.", nameof(token));
        }

        var activation = Activation.Current;
        if (!subscription.BelongsTo(activation))
        {
            throw new InvalidOperationException($"The subscription belongs to {subscription}, which alone can resume it.");
        }

        Use();
        if (activation is null)
        {
            subscription.ClientHandler = handler;
        }
        else
        {
            activation.Handlers[subscription] = handler;
        }

        return Task.FromResult<StreamSubscriptionHandle<T>>(new SubscriptionHandle<T>(subscription));
    }

    private void Use()
    {
        if (_used)
        {
            throw new InvalidOperationException("The handle was used already, to resume or to unsubscribe.");
        }

        _used = true;
    }
}
