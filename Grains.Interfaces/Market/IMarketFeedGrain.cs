namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>Owner of the one exchange socket of a shard of symbols in the whole cluster. Key: the shard, from 0.</summary>
[Alias("IMarketFeedGrain")]
public interface IMarketFeedGrain : IGrainWithIntegerKey
{
    /// <summary>Starts the feed if it is not running. Idempotent; the host calls it every few seconds on every silo.</summary>
    [Alias("EnsureRunning")]
    Task EnsureRunningAsync();

    /// <summary>The trades of a symbol after an id, as far as the ring buffer holds them.</summary>
    [Alias("GetTradesAfter")]
    Task<TradeRun> GetTradesAfterAsync(string symbol, long afterId);

    [Alias("GetStatus")]
    Task<FeedShardStatus> GetStatusAsync();

    /// <summary>Adds or renews an observer of prices; it is dropped 30 s after its last renewal.</summary>
    [Alias("Observe")]
    Task ObserveAsync(IMarketObserver observer);
}

/// <summary>Decides once for the cluster which symbols are followed and which shard serves each. Key: 0.</summary>
[Alias("IMarketUniverseGrain")]
public interface IMarketUniverseGrain : IGrainWithIntegerKey
{
    /// <summary>The symbols in use; asks the exchange on the first call and refreshes daily. Throws when the exchange never answered.</summary>
    [Alias("Get")]
    Task<MarketUniverse> GetAsync();
}

/// <summary>State of one shard's connection.</summary>
/// <param name="MalformedFrames">Frames that could not be read, since activation.</param>
/// <param name="Reconnects">Connections lost and made again; planned rotations are counted apart.</param>
[GenerateSerializer, Immutable, Alias("feed-shard-status")]
public sealed record FeedShardStatus(
    [property: Id(0)] int Shard,
    [property: Id(1)] bool Connected,
    [property: Id(2)] string Source,
    [property: Id(3)] long Frames,
    [property: Id(4)] long Trades,
    [property: Id(5)] long MalformedFrames,
    [property: Id(6)] long OversizedFrames,
    [property: Id(7)] long IgnoredFrames,
    [property: Id(8)] long Reconnects,
    [property: Id(9)] long Rotations,
    [property: Id(10)] long StaleResubscriptions,
    [property: Id(11)] DateTimeOffset? LastFrameAt,
    [property: Id(12)] SymbolAge[] Symbols);

/// <summary>When a symbol was last heard of on the wire.</summary>
[GenerateSerializer, Immutable, Alias("symbol-age")]
public sealed record SymbolAge(
    [property: Id(0)] string Symbol,
    [property: Id(1)] DateTimeOffset? LastMessageAt,
    [property: Id(2)] long LastTradeId);
