using CryptoAI.Engine.Local.Activations;
using CryptoAI.Engine.Local.Calls;
using Microsoft.Extensions.Logging;
using Orleans.BroadcastChannel;
using Orleans.Runtime;

namespace CryptoAI.Engine.Local.Channels;

/// <summary>One item on its way to one subscriber. Used again when it was handled.</summary>
internal sealed partial class ChannelDelivery(Subscriber subscriber) : Call
{
    private object? _item;
    private Publication? _publication;
    private int _index;

    public override string Name => "a broadcast";

    public void Load(object item, Publication? publication, int index)
    {
        _item = item;
        _publication = publication;
        _index = index;
        Reset();
    }

    public override void Refuse(Exception exception)
    {
        LogDeliveryFailed(subscriber.Channel.Engine.Log, exception, subscriber.Channel.Id, subscriber.Id);
        _publication?.Handled(_index, exception);
    }

    protected override Task Invoke(object instance)
    {
        var handlers = ((Activation)Target).Handlers;
        if (handlers.TryGetValue(subscriber.Channel, out var known))
        {
            var attachment = (Attachment)known;
            return attachment.IsReady ? attachment.Handle(_item!) : HandleWhenReadyAsync(attachment, _item!);
        }

        var subscription = new Attachment(subscriber.Channel);
        handlers.Add(subscriber.Channel, subscription);
        return SubscribeAsync((IOnBroadcastChannelSubscribed)instance, subscription, handlers, _item!);
    }

    protected override void Answer(Task task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            Refuse(task.Exception?.InnerExceptions[0] ?? new TaskCanceledException(task));
            return;
        }

        var (publication, index) = (_publication, _index);
        _item = null;
        _publication = null;
        subscriber.Return(this);
        publication?.Handled(index, failure: null);
    }

    private static async Task SubscribeAsync(
        IOnBroadcastChannelSubscribed grain, Attachment attachment, Dictionary<object, object> handlers, object item)
    {
        try
        {
            await grain.OnSubscribed(attachment);
            attachment.Subscribed.SetResult();
        }
        catch (Exception exception)
        {
            // The next item tries again.
            handlers.Remove(attachment.Channel);
            attachment.Subscribed.SetException(exception);
        }

        await HandleWhenReadyAsync(attachment, item);
    }

    private static async Task HandleWhenReadyAsync(Attachment attachment, object item)
    {
        await attachment.Subscribed.Task;
        await attachment.Handle(item);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was published to {Channel} was not handled by {Grain}")]
    private static partial void LogDeliveryFailed(ILogger logger, Exception exception, ChannelId channel, GrainId grain);
}

/// <summary>How an activation handles the items of one channel.</summary>
internal sealed class Attachment(Channel channel) : IBroadcastChannelSubscription
{
    private Func<object, Task>? _handle;

    public Channel Channel => channel;

    public ChannelId ChannelId => channel.Id;

    public string ProviderName => channel.Provider;

    public TaskCompletionSource Subscribed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => Subscribed.Task.IsCompletedSuccessfully;

    public Task Attach<T>(Func<T, Task> onPublished, Func<Exception, Task>? onError = null)
    {
        // The first one stays, as in Orleans.
        _handle ??= item => item is T typed ? onPublished(typed)
            : onError?.Invoke(new InvalidCastException($"An item of type {item.GetType()} came over {channel.Id}; {typeof(T)} was expected."))
            ?? Task.CompletedTask;
        return Task.CompletedTask;
    }

    /// <summary>An activation that attached nothing ignores the items.</summary>
    public Task Handle(object item) => _handle?.Invoke(item) ?? Task.CompletedTask;
}
