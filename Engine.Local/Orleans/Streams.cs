using CryptoAI.Engine.Local.Activations;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans
{
    /// <summary>On a grain class: its grains receive the streams of a namespace, each the stream with its own key.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public class ImplicitStreamSubscriptionAttribute : Attribute
    {
        public ImplicitStreamSubscriptionAttribute(string streamNamespace, string? streamIdMapper = null)
        {
            if (streamIdMapper is not null)
            {
                throw new NotSupportedException("The local engine maps a stream to the grain with the stream's key, and in no other way.");
            }

            Namespace = streamNamespace;
        }

        internal string Namespace { get; }
    }

    public static class GrainStreamingExtensions
    {
        public static IStreamProvider GetStreamProvider(this Grain grain, string name) =>
            grain.ServiceProvider.GetRequiredKeyedService<IStreamProvider>(name);

        public static IStreamProvider GetStreamProvider(this IGrainBase grain, string name) =>
            grain.GrainContext.ActivationServices.GetRequiredKeyedService<IStreamProvider>(name);
    }

    public static class ClientStreamingExtensions
    {
        public static IStreamProvider GetStreamProvider(this IClusterClient client, string name) =>
            client.ServiceProvider.GetRequiredKeyedService<IStreamProvider>(name);
    }
}

namespace Orleans.Streams
{
    /// <summary>Registered under its name, as a keyed service.</summary>
    public interface IStreamProvider
    {
        string Name { get; }

        /// <summary>Whether a subscription can start in the past. Never, in the local engine.</summary>
        bool IsRewindable { get; }

        IAsyncStream<T> GetStream<T>(StreamId streamId);
    }

    public static class StreamProviderExtensions
    {
        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, string id) =>
            streamProvider.GetStream<T>(StreamId.Create(ns, id));

        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, long id) =>
            streamProvider.GetStream<T>(StreamId.Create(ns, id));

        public static IAsyncStream<T> GetStream<T>(this IStreamProvider streamProvider, string ns, Guid id) =>
            streamProvider.GetStream<T>(StreamId.Create(ns, id));
    }

    public interface IAsyncObserver<in T>
    {
        Task OnNextAsync(T item, StreamSequenceToken? token = null);

        Task OnCompletedAsync();

        Task OnErrorAsync(Exception ex);
    }

    /// <summary>Receives what has gathered at once, in order.</summary>
    public interface IAsyncBatchObserver<T>
    {
        Task OnNextAsync(IList<SequentialItem<T>> items);

        Task OnCompletedAsync();

        Task OnErrorAsync(Exception ex);
    }

    public interface IAsyncBatchProducer<T> : IAsyncObserver<T>
    {
        Task OnNextBatchAsync(IEnumerable<T> batch, StreamSequenceToken? token = null);
    }

    public interface IAsyncObservable<T>
    {
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncObserver<T> observer);
    }

    public interface IAsyncBatchObservable<T>
    {
        Task<StreamSubscriptionHandle<T>> SubscribeAsync(IAsyncBatchObserver<T> observer);
    }

    public interface IAsyncStream
    {
        bool IsRewindable { get; }

        string ProviderName { get; }

        StreamId StreamId { get; }
    }

    /// <summary>
    /// A stream of items. Publishing waits while a subscriber's queue is full. Items reach a subscriber in the order in which they were
    /// published; nothing is kept for those who subscribe later.
    /// </summary>
    public interface IAsyncStream<T> : IAsyncStream, IEquatable<IAsyncStream<T>>, IComparable<IAsyncStream<T>>, IAsyncObservable<T>,
        IAsyncBatchObservable<T>, IAsyncBatchProducer<T>
    {
        /// <summary>The subscriptions that the asking grain, or the client, has on this stream.</summary>
        Task<IList<StreamSubscriptionHandle<T>>> GetAllSubscriptionHandles();
    }

    /// <summary>A subscription. Grains resume it in every activation; explicit ones live in this process' memory.</summary>
    [GenerateSerializer]
    public abstract class StreamSubscriptionHandle<T> : IEquatable<StreamSubscriptionHandle<T>?>
    {
        public abstract StreamId StreamId { get; }

        public abstract string ProviderName { get; }

        public abstract Guid HandleId { get; }

        public abstract Task UnsubscribeAsync();

        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncObserver<T> observer, StreamSequenceToken? token = null);

        public abstract Task<StreamSubscriptionHandle<T>> ResumeAsync(IAsyncBatchObserver<T> observer, StreamSequenceToken? token = null);

        public abstract bool Equals(StreamSubscriptionHandle<T>? other);

        public override bool Equals(object? obj) => Equals(obj as StreamSubscriptionHandle<T>);

        public override int GetHashCode() => HandleId.GetHashCode();
    }

    /// <summary>The place of an item in its stream.</summary>
    [GenerateSerializer]
    public abstract class StreamSequenceToken : IEquatable<StreamSequenceToken?>, IComparable<StreamSequenceToken?>
    {
        public abstract long SequenceNumber { get; protected set; }

        public abstract int EventIndex { get; protected set; }

        public abstract bool Equals(StreamSequenceToken? other);

        public abstract int CompareTo(StreamSequenceToken? other);

        public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

        public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);
    }

    [GenerateSerializer]
    public class SequentialItem<T>(T item, StreamSequenceToken token)
    {
        [Id(0)]
        public T Item { get; } = item;

        [Id(1)]
        public StreamSequenceToken Token { get; } = token;
    }

    /// <summary>Given to OnErrorAsync when an item was tried until time ran out, and is skipped.</summary>
    [GenerateSerializer]
    public sealed class StreamEventDeliveryFailureException : OrleansException
    {
        public StreamEventDeliveryFailureException()
        {
        }

        public StreamEventDeliveryFailureException(string message)
            : base(message)
        {
        }

        public StreamEventDeliveryFailureException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Streams.Core
{
    /// <summary>A grain that attaches its handler when the first item of a subscription arrives.</summary>
    public interface IStreamSubscriptionObserver
    {
        Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory);
    }

    public interface IStreamSubscriptionHandleFactory
    {
        string ProviderName { get; }

        StreamId StreamId { get; }

        StreamSubscriptionHandle<T> Create<T>();
    }
}
