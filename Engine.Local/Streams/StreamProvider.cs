using System.Collections.Concurrent;
using CryptoAI.Engine.Local.Hosting;
using Orleans.Runtime;
using Orleans.Streams;

namespace CryptoAI.Engine.Local.Streams;

/// <summary>The streams of one provider. They live in memory: what is in flight when the process ends is gone.</summary>
internal sealed class StreamProvider(LocalEngine engine, string name, LocalStreamOptions options) : IStreamProvider
{
    private readonly ConcurrentDictionary<StreamId, StreamState> _streams = new();

    public string Name => name;

    public bool IsRewindable => false;

    public LocalEngine Engine => engine;

    public LocalStreamOptions Options => options;

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => new AsyncStream<T>(
        _streams.TryGetValue(streamId, out var known) ? known : _streams.GetOrAdd(streamId, new StreamState(this, streamId)));
}
