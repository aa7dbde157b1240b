using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>On a grain class: its grains receive what is published to channels of a namespace, each the channel with its own key.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public class ImplicitChannelSubscriptionAttribute : Attribute
    {
        public ImplicitChannelSubscriptionAttribute(string streamNamespace, string? channelIdMapper = null)
        {
            if (channelIdMapper is not null)
            {
                throw new NotSupportedException("The local engine maps a channel to the grain with the channel's key, and in no other way.");
            }

            Namespace = streamNamespace;
        }

        internal string Namespace { get; }
    }
}

namespace Orleans.BroadcastChannel
{
    public class BroadcastChannelOptions
    {
        /// <summary>Whether Publish returns before the subscribers have handled the item, and does not learn of their failures.</summary>
        public bool FireAndForgetDelivery { get; set; } = true;
    }

    /// <summary>Registered under the name of the provider, as a keyed service.</summary>
    public interface IBroadcastChannelProvider
    {
        IBroadcastChannelWriter<T> GetChannelWriter<T>(ChannelId streamId);
    }

    public interface IBroadcastChannelWriter<T>
    {
        /// <summary>
        /// Sends the item to every subscriber. Unless delivery is fire-and-forget, waits for all of them and throws an
        /// <see cref="AggregateException"/> of what they threw.
        /// </summary>
        Task Publish([DisallowNull] T item);
    }

    public interface IBroadcastChannelSubscription
    {
        ChannelId ChannelId { get; }

        string ProviderName { get; }

        /// <summary>Sets who handles the items. <paramref name="onError"/> is told of items of another type.</summary>
        Task Attach<T>(Func<T, Task> onPublished, Func<Exception, Task>? onError = null);
    }

    /// <summary>A grain that is subscribed by <see cref="ImplicitChannelSubscriptionAttribute"/>.</summary>
    public interface IOnBroadcastChannelSubscribed
    {
        /// <summary>Called with the first item of a channel, before it is handled.</summary>
        Task OnSubscribed(IBroadcastChannelSubscription streamSubscription);
    }

    /// <summary>A channel: namespace and key.</summary>
    public readonly struct ChannelId : IEquatable<ChannelId>, IComparable<ChannelId>
    {
        private readonly IdSpan _namespace;
        private readonly IdSpan _key;

        private ChannelId(IdSpan ns, IdSpan key)
        {
            _namespace = ns;
            _key = key;
        }

        public static ChannelId Create(string ns, string key) => new(IdSpan.Create(ns), IdSpan.Create(key));

        public static ChannelId Create(string ns, Guid key) => Create(ns, key.ToString("N"));

        public string GetKeyAsString() => _key.Text;

        public string? GetNamespace() => _namespace.Text;

        public int CompareTo(ChannelId other)
        {
            var byNamespace = _namespace.CompareTo(other._namespace);
            return byNamespace != 0 ? byNamespace : _key.CompareTo(other._key);
        }

        public bool Equals(ChannelId other) => _key.Equals(other._key) && _namespace.Equals(other._namespace);

        public override bool Equals([NotNullWhen(true)] object? obj) => obj is ChannelId other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(_namespace, _key);

        public override string ToString() => $"{_namespace}/{_key}";

        public static bool operator ==(ChannelId s1, ChannelId s2) => s1.Equals(s2);

        public static bool operator !=(ChannelId s1, ChannelId s2) => !s1.Equals(s2);
    }
}
