using CryptoAI.Engine.Local.Activations;
using CryptoAI.Engine.Local.Calls;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams.Core;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>One call of a subscribing grain's handler. A grain that has none yet is asked to attach one.</summary>
internal sealed partial class StreamDelivery(Subscription subscription, Func<StreamHandler, Task> action) : Call
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _answer.Task;

    public override string Name => "a stream's delivery";

    public override void Refuse(Exception exception) => _answer.SetException(exception);

    protected override Task Invoke(object instance) => ((Activation)Target).Handlers.TryGetValue(subscription, out var handler)
        ? action((StreamHandler)handler)
        : AttachAsync(instance);

    protected override void Answer(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            _answer.SetResult();
        }
        else
        {
            _answer.SetException(task.Exception?.InnerExceptions[0] ?? new TaskCanceledException(task));
        }
    }

    private async Task AttachAsync(object instance)
    {
        var handlers = ((Activation)Target).Handlers;
        if (instance is IStreamSubscriptionObserver observer)
        {
            await observer.OnSubscribed(new HandleFactory(subscription));
        }

        if (handlers.TryGetValue(subscription, out var handler))
        {
            await action((StreamHandler)handler);
        }
        else
        {
            LogNoHandler(Target.Engine.Log, subscription.Stream.Id, subscription);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Subscriber} has no handler for stream {Stream}; the items are dropped")]
    private static partial void LogNoHandler(ILogger logger, StreamId stream, Subscription subscriber);

    private sealed class HandleFactory(Subscription subscription) : IStreamSubscriptionHandleFactory
    {
        public string ProviderName => subscription.Stream.Provider.Name;

        public StreamId StreamId => subscription.Stream.Id;

        public Orleans.Streams.StreamSubscriptionHandle<T> Create<T>() => new SubscriptionHandle<T>(subscription);
    }
}
