using System.Threading.Channels;
using CryptoAI.Engine.Local.Activations;
using CryptoAI.Engine.Local.Calls;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>
/// What one subscriber gets of one stream, in order and one publication at a time. A failing delivery is tried again for a while; then
/// the subscriber is told, and the next one comes.
/// </summary>
internal sealed partial class Subscription
{
    private readonly Channel<StreamBatch> _queue;
    private readonly GrainClass? _class;
    private readonly GrainId _grain;
    private readonly Lock _gate = new();
    private Receiver? _receiver;
    private Task? _delivery;

    public Subscription(StreamState stream, GrainClass? grainClass, GrainId grain, bool isImplicit)
    {
        Stream = stream;
        IsImplicit = isImplicit;
        _class = grainClass;
        _grain = grain;
        _queue = Channel.CreateBounded<StreamBatch>(new BoundedChannelOptions(stream.Provider.Options.QueueLength) { SingleReader = true });
    }

    public Guid Id { get; } = Guid.NewGuid();

    public StreamState Stream { get; }

    /// <summary>Whether the grain's class makes it, and not a call of SubscribeAsync.</summary>
    public bool IsImplicit { get; }

    /// <summary>The handler of a subscription made by the client. Those of grains belong to their activations.</summary>
    public StreamHandler? ClientHandler { get; set; }

    private LocalEngine Engine => Stream.Provider.Engine;

    public bool BelongsTo(Activation? activation) => activation is null ? _class is null : _class is not null && _grain == activation.GrainId;

    public bool TryEnqueue(StreamBatch batch)
    {
        EnsureDelivering();
        return _queue.Writer.TryWrite(batch) || _queue.Reader.Completion.IsCompleted;
    }

    public async ValueTask EnqueueAsync(StreamBatch batch, CancellationToken cancellation)
    {
        EnsureDelivering();
        try
        {
            await _queue.Writer.WriteAsync(batch, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed meanwhile.
        }
    }

    public void End() => _queue.Writer.TryComplete();

    public override string ToString() => _class is null ? $"a client's subscription {Id}" : _grain.ToString();

    private void EnsureDelivering()
    {
        if (_delivery is not null)
        {
            return;
        }

        lock (_gate)
        {
            if (_delivery is null)
            {
                _delivery = Task.Run(DeliverAllAsync);
                Engine.Watch(_delivery);
            }
        }
    }

    private async Task DeliverAllAsync()
    {
        try
        {
            await foreach (var batch in _queue.Reader.ReadAllAsync(Engine.Stopping))
            {
                await DeliverAsync(batch);
            }
        }
        catch (Exception) when (Engine.IsStopping)
        {
            LogStopped(Engine.Log, Stream.Id, this);
        }
    }

    private async Task DeliverAsync(StreamBatch batch)
    {
        var start = Engine.Time.GetTimestamp();
        var options = Stream.Provider.Options;
        for (var delay = options.RetryDelay; ; delay = delay * 2 < options.MaxRetryDelay ? delay * 2 : options.MaxRetryDelay)
        {
            try
            {
                await SendAsync(handler => handler.HandleAsync(batch));
                return;
            }
            catch (Exception exception) when (!Engine.IsStopping)
            {
                LogDeliveryFailed(Engine.Log, exception, batch.FirstSequence, Stream.Id, this);
                if (Engine.Time.GetElapsedTime(start) >= options.MaxDeliveryTime)
                {
                    await GiveUpAsync(batch, exception);
                    return;
                }
            }

            await Task.Delay(delay, Engine.Time, Engine.Stopping);
        }
    }

    private async Task GiveUpAsync(StreamBatch batch, Exception exception)
    {
        var failure = new StreamEventDeliveryFailureException(
            $"{batch.Items.Length} items of stream {Stream.Id} from {batch.FirstSequence} on were not handled by {this} and are skipped.", exception);
        try
        {
            await SendAsync(handler => handler.OnErrorAsync(failure));
        }
        catch (Exception unheard) when (!Engine.IsStopping)
        {
            LogErrorUnheard(Engine.Log, unheard, Stream.Id, this);
        }
    }

    private Task SendAsync(Func<StreamHandler, Task> action)
    {
        if (_class is null)
        {
            return ClientHandler is { } handler ? action(handler) : Task.CompletedTask;
        }

        var delivery = new StreamDelivery(this, action);
        Engine.Await(delivery, timeout: null);
        Engine.Catalog.Send(_class, _grain, delivery, ref _receiver);
        return delivery.Task;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Delivery of stream {Stream} to {Subscriber} ends with the host")]
    private static partial void LogStopped(ILogger logger, StreamId stream, Subscription subscriber);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publication {Sequence} of stream {Stream} was not handled by {Subscriber}")]
    private static partial void LogDeliveryFailed(ILogger logger, Exception exception, long sequence, StreamId stream, Subscription subscriber);

    [LoggerMessage(Level = LogLevel.Error, Message = "A loss on stream {Stream} could not be told to {Subscriber}")]
    private static partial void LogErrorUnheard(ILogger logger, Exception exception, StreamId stream, Subscription subscriber);
}
