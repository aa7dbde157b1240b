using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>Trades and 1m klines of many symbols over as many sockets as the exchange's limit of streams per connection asks for.</summary>
internal sealed class BinanceStream : IFeedStream
{
    private const int StreamsPerPair = 2;

    private readonly StreamContext _context;
    private readonly StreamLane[] _lanes;
    private bool _isDisposed;

    public BinanceStream(StreamContext context, IReadOnlyList<SymbolInfo> symbols, Action onConnected)
    {
        _context = context;
        _lanes =
        [
            .. symbols.Select(symbol => symbol.Pair)
                .Chunk(context.Options.MaxStreamsPerConnection / StreamsPerPair)
                .Select(pairs => new StreamLane(context, pairs, onConnected)),
        ];
    }

    public StreamStatus Status => new(
        _lanes.All(lane => lane.IsConnected),
        _lanes.Sum(lane => lane.Reconnects),
        _lanes.Sum(lane => lane.Rotations),
        _context.OversizedFrames);

    public bool HasMore => _context.Pipe.PendingBytes > 0;

    /// <summary>Whether a socket waits for the reader before it reads on.</summary>
    internal bool IsHeldUp => _context.Pipe.IsAwaited;

    public ValueTask<FrameChunk> ReadAsync(CancellationToken cancellation) => _context.Pipe.ReadAsync(cancellation);

    public Task ResubscribeAsync(IReadOnlyList<string> pairs, CancellationToken cancellation) =>
        Task.WhenAll(_lanes.Select(lane => lane.ResubscribeAsync(pairs, cancellation)));

    public async ValueTask DisposeAsync()
    {
        _context.Pipe.Close();
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await Task.WhenAll(_lanes.Select(lane => lane.DisposeAsync().AsTask()));
    }
}
