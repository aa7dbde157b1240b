namespace CryptoAI.Api.Market;

/// <summary>What the relay knows of one shard of the feed. Callers lock it around everything.</summary>
internal sealed class ShardWatch(int shard)
{
    public int Shard => shard;

    /// <summary>Number of the last update; 0 when the next one starts anew.</summary>
    public long LastUpdate { get; set; }

    /// <summary>When anything was last heard, idle beats included.</summary>
    public DateTimeOffset LastBeat { get; set; } = DateTimeOffset.MinValue;

    public DateTimeOffset RenewAt { get; set; } = DateTimeOffset.MinValue;
}
