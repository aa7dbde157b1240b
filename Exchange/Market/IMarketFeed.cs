using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// An exchange: its history over REST and its live frames over sockets. REST calls obey the exchange's request weights and
/// wait out what a 429 or 418 asks for; they throw <see cref="ExchangeUnavailableException"/> when the exchange gives no usable
/// answer, and <see cref="OperationCanceledException"/> when cancelled.
/// </summary>
public interface IMarketFeed
{
    /// <summary>"binance" or "simulated".</summary>
    string Source { get; }

    /// <summary>
    /// The exchange's clock now, Unix milliseconds: the local clock plus the offset last seen. Once measured, never ahead of the exchange. Local
    /// time before any answer.
    /// </summary>
    long Now { get; }

    /// <summary>Asks the exchange what time it is, so that <see cref="Now"/> is right whatever the local clock has done since.</summary>
    Task MeasureClockAsync(CancellationToken cancellation);

    /// <summary>Every pair that trades now. Pairs whose steps need more than eight decimals are left out and logged.</summary>
    Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(CancellationToken cancellation);

    /// <summary>24 h quote volume by pair.</summary>
    Task<IReadOnlyDictionary<string, decimal>> GetQuoteVolumesAsync(CancellationToken cancellation);

    /// <summary>
    /// All klines of a pair with an open time in [<paramref name="from"/>, <paramref name="to"/>), Unix milliseconds, oldest first; pages as
    /// needed. The one still open may be last; all before it are as they were in one answer with a later one, which proves them over. The exchange may
    /// have none for a time before listing or during an outage.
    /// </summary>
    Task<Kline[]> GetKlinesAsync(string pair, Timeframe timeframe, long from, long to, CancellationToken cancellation);

    /// <summary>Aggregate trades with an id at or after <paramref name="fromId"/>, in order of id, at most <paramref name="limit"/> (1 to 1,000).</summary>
    Task<TradePage> GetTradesFromIdAsync(SymbolInfo symbol, long fromId, int limit, CancellationToken cancellation);

    /// <summary>The first aggregate trades with a time in [<paramref name="from"/>, <paramref name="to"/>), in order of id, at most 1,000.</summary>
    Task<TradePage> GetTradesFromTimeAsync(SymbolInfo symbol, long from, long to, CancellationToken cancellation);

    /// <summary>Connects and subscribes to trades and 1m klines of the symbols; reconnects by itself until disposed.</summary>
    IFeedStream OpenStream(IReadOnlyList<SymbolInfo> symbols);
}

/// <summary>Trades of one symbol at the scales named, which are at least the symbol's own.</summary>
public sealed record TradePage(byte PriceScale, byte QuantityScale, Trade[] Trades);

/// <summary>Live frames of one shard. One reader at a time.</summary>
public interface IFeedStream : IAsyncDisposable
{
    /// <summary>
    /// Waits for at least one frame and returns what has arrived, oldest first. The chunk's memory belongs to the stream and is
    /// valid until the next call. Sockets are not read while the caller is busy and the bounded buffer is full. Throws
    /// <see cref="ObjectDisposedException"/> once the stream is disposed.
    /// </summary>
    ValueTask<FrameChunk> ReadAsync(CancellationToken cancellation);

    /// <summary>
    /// Unsubscribes and subscribes again: for symbols that fell silent on a living socket. Completes when the exchange has acknowledged
    /// it, or has not within three tries (which is logged); at once while the socket is away, since a new one subscribes to everything.
    /// </summary>
    Task ResubscribeAsync(IReadOnlyList<string> pairs, CancellationToken cancellation);

    /// <summary>Whether frames wait, so that the next read would complete at once.</summary>
    bool HasMore { get; }

    StreamStatus Status { get; }
}

/// <summary>Complete text frames, one after the other in <paramref name="Buffer"/>; frame i ends before <paramref name="Ends"/>[i].</summary>
/// <param name="ReceivedAt">When the last frame was read, Unix microseconds.</param>
public readonly record struct FrameChunk(ReadOnlyMemory<byte> Buffer, ReadOnlyMemory<int> Ends, long ReceivedAt);

/// <summary>Counters of a stream since it was opened.</summary>
public readonly record struct StreamStatus(bool Connected, long Reconnects, long Rotations, long OversizedFrames);

/// <summary>The exchange gave no usable answer: unreachable, an error status after retries, or a body that cannot be read.</summary>
public sealed class ExchangeUnavailableException : Exception
{
    public ExchangeUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>How long the exchange asked to be left alone, if it did.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
