using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>Which shard serves which symbol: by rank, so that the busiest are spread evenly.</summary>
public static class FeedShards
{
    public static IEnumerable<SymbolInfo> SymbolsOf(MarketUniverse universe, int shard, int shards)
    {
        for (var i = shard; i < universe.Symbols.Length; i += shards)
        {
            yield return universe.Symbols[i];
        }
    }

    /// <exception cref="KeyNotFoundException">The symbol is not followed.</exception>
    public static int ShardOf(MarketUniverse universe, string symbol, int shards)
    {
        var index = Array.FindIndex(universe.Symbols, info => info.Symbol == symbol);
        return index >= 0 ? index % shards : throw new KeyNotFoundException($"{symbol} is not followed.");
    }
}
