using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Market;

/// <summary>Decides once for the cluster which symbols are followed. The choice stays while the cluster runs, so that shards and keys do not move.</summary>
[Reentrant]
public sealed partial class MarketUniverseGrain(
    MarketFeedSelector feeds,
    IOptions<FeedOptions> options,
    TimeProvider time,
    ILogger<MarketUniverseGrain> log) : Grain, IMarketUniverseGrain
{
    private Task<MarketUniverse>? _resolving;

    public async Task<MarketUniverse> GetAsync()
    {
        // One attempt serves everyone who asks meanwhile; a failed one is forgotten, so that the next call tries again.
        var resolving = _resolving ??= ResolveAsync();
        try
        {
            return await resolving;
        }
        catch
        {
            if (_resolving == resolving)
            {
                _resolving = null;
            }

            throw;
        }
    }

    private async Task<MarketUniverse> ResolveAsync()
    {
        var feed = await feeds.GetAsync(CancellationToken.None);
        var pairs = await feed.GetSymbolsAsync(CancellationToken.None);
        var volumes = await feed.GetQuoteVolumesAsync(CancellationToken.None);
        var symbols = UniverseSelection.Select(options.Value.Symbols, options.Value.QuoteAsset, pairs, volumes);
        LogUniverse(symbols.Length, feed.Source, string.Join(", ", symbols.Take(10).Select(symbol => symbol.Pair)));
        return new MarketUniverse(
            feed.Source, symbols, time.GetUtcNow(), options.Value.Shards, feed.Source == "simulated" ? null : options.Value.RestUrl);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Following {Count} symbols from {Source}: {First} …")]
    private partial void LogUniverse(int count, string source, string first);
}
