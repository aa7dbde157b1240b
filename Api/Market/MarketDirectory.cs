using System.Collections.Frozen;

namespace CryptoAI.Api.Market;

/// <summary>Which symbols are followed and where prices come from, as the cluster last said; kept for a moment to keep it cheap.</summary>
internal sealed class MarketDirectory(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private FollowedMarket? _known;

    /// <summary>What was last heard; null before the first answer.</summary>
    public FollowedMarket? Known => Volatile.Read(ref _known);

    /// <exception cref="MarketAwayException">The cluster has not answered in 5 s and never did before.</exception>
    public async Task<FollowedMarket> GetAsync(CancellationToken cancellation)
    {
        var known = Known;
        if (known is not null && time.GetUtcNow() - known.HeardAt < Fresh)
        {
            return known;
        }

        try
        {
            var universe = await grains.GetGrain<IMarketUniverseGrain>(0).GetAsync().WaitAsync(Patience, time, cancellation);
            var heard = new FollowedMarket(universe, universe.Symbols.Select(static info => info.Symbol).ToFrozenSet(StringComparer.Ordinal), time.GetUtcNow());
            Volatile.Write(ref _known, heard);
            return heard;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // The choice stays while the cluster runs: the one heard before still serves.
            return known ?? throw new MarketAwayException(exception);
        }
    }
}

/// <summary>The universe and when it was heard; <paramref name="Symbols"/> are the assets in canonical upper case.</summary>
internal sealed record FollowedMarket(MarketUniverse Universe, FrozenSet<string> Symbols, DateTimeOffset HeardAt)
{
    public bool IsSimulated => Universe.Source == "simulated";

    /// <summary>What to tell people about the source.</summary>
    public string Notice => IsSimulated
        ? "SIMULATED MARKET: these prices are invented by this program. No exchange is behind them."
        : $"Prices come from {Universe.Address}, in Binance's protocol.";
}

/// <summary>Nobody knows yet which symbols are followed: the cluster or its exchange does not answer.</summary>
internal sealed class MarketAwayException(Exception inner) : Exception(inner.Message, inner);
