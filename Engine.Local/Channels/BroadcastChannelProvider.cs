using System.Collections.Concurrent;
using CryptoAI.Engine.Local.Activations;
using Orleans.BroadcastChannel;

namespace CryptoAI.Engine.Local.Channels;

/// <summary>The channels of one provider: each is pushed to every grain class that subscribes to its namespace.</summary>
internal sealed class BroadcastChannelProvider(LocalEngine engine, string name, BroadcastChannelOptions options) : IBroadcastChannelProvider
{
    private readonly ConcurrentDictionary<ChannelId, Channel> _channels = new();

    public IBroadcastChannelWriter<T> GetChannelWriter<T>(ChannelId streamId) => new Writer<T>(ChannelOf(streamId), options.FireAndForgetDelivery);

    private Channel ChannelOf(ChannelId id) =>
        _channels.TryGetValue(id, out var known) ? known : _channels.GetOrAdd(id, new Channel(engine, name, id, SubscribersTo(id)));

    private IEnumerable<GrainClass> SubscribersTo(ChannelId id) =>
        engine.Classes.All.Where(c => c.ChannelNamespaces.Contains(id.GetNamespace(), StringComparer.Ordinal));

    private sealed class Writer<T>(Channel channel, bool fireAndForget) : IBroadcastChannelWriter<T>
    {
        public Task Publish(T item)
        {
            ArgumentNullException.ThrowIfNull(item);
            return channel.Publish(item, fireAndForget);
        }
    }
}
