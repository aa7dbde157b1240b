using Orleans.Streams;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>A subscriber's code for the items of one stream.</summary>
internal abstract class StreamHandler
{
    public abstract Task HandleAsync(StreamBatch batch);

    public abstract Task OnErrorAsync(Exception exception);

    // Items of another type than the subscriber's are an error of the subscription, found when they come.
    protected static T[] ItemsOf<T>(StreamBatch batch) => batch.Items as T[]
        ?? throw new InvalidCastException($"An item of type {batch.Items.GetType().GetElementType()} came; {typeof(T)} was expected.");
}

internal sealed class ItemHandler<T>(IAsyncObserver<T> observer) : StreamHandler
{
    public override async Task HandleAsync(StreamBatch batch)
    {
        var items = ItemsOf<T>(batch);
        for (var i = 0; i < items.Length; i++)
        {
            await observer.OnNextAsync(items[i], new SequenceToken(batch.FirstSequence + i));
        }
    }

    public override Task OnErrorAsync(Exception exception) => observer.OnErrorAsync(exception);
}

internal sealed class BatchHandler<T>(IAsyncBatchObserver<T> observer) : StreamHandler
{
    public override Task HandleAsync(StreamBatch batch)
    {
        var items = ItemsOf<T>(batch);
        var sequential = new SequentialItem<T>[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            sequential[i] = new SequentialItem<T>(items[i], new SequenceToken(batch.FirstSequence + i));
        }

        return observer.OnNextAsync(sequential);
    }

    public override Task OnErrorAsync(Exception exception) => observer.OnErrorAsync(exception);
}

/// <summary>The number of an item in its stream, counted from the start of the process.</summary>
internal sealed class SequenceToken(long sequenceNumber) : StreamSequenceToken
{
    public override long SequenceNumber { get; protected set; } = sequenceNumber;

    public override int EventIndex { get; protected set; }

    public override bool Equals(StreamSequenceToken? other) => other is not null && CompareTo(other) == 0;

    public override int CompareTo(StreamSequenceToken? other) => other is null ? 1 : SequenceNumber.CompareTo(other.SequenceNumber);

    public override string ToString() => $"{SequenceNumber}";
}
