namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>One tradable pair of the exchange, as its exchangeInfo states it.</summary>
/// <param name="Symbol">The asset: BTC. It is the key of the symbol's grains.</param>
/// <param name="Pair">The exchange's own name: BTCUSDT.</param>
/// <param name="QuoteAsset">What it is priced in: USDT, taken as USD.</param>
/// <param name="TickSize">Smallest price step.</param>
/// <param name="StepSize">Smallest quantity step.</param>
[GenerateSerializer, Immutable, Alias("symbol-info")]
public sealed record SymbolInfo(
    [property: Id(0)] string Symbol,
    [property: Id(1)] string Pair,
    [property: Id(2)] string QuoteAsset,
    [property: Id(3)] decimal TickSize,
    [property: Id(4)] decimal StepSize)
{
    /// <summary>Most decimals a price or a quantity may have; more is refused as malformed.</summary>
    public const int MaxScale = 8;

    public byte PriceScale => ScaleOf(TickSize);

    public byte QuantityScale => ScaleOf(StepSize);

    /// <summary>How many decimals a step such as 0.00100000 really has: 3.</summary>
    public static byte ScaleOf(decimal step)
    {
        byte scale = 0;
        while (step != decimal.Truncate(step) && scale < 28)
        {
            step *= 10;
            scale++;
        }

        return scale;
    }
}

/// <summary>The symbols being followed, and where their prices come from.</summary>
/// <param name="Source">"binance" or "simulated"; what is simulated says so on its face.</param>
/// <param name="Symbols">In order of 24 h quote volume, largest first.</param>
/// <param name="Shards">How many shards serve them: the keys of <see cref="IMarketFeedGrain"/> go from 0 to one less.</param>
/// <param name="Address">The exchange's REST base address; null when it is simulated.</param>
[GenerateSerializer, Immutable, Alias("market-universe")]
public sealed record MarketUniverse(
    [property: Id(0)] string Source,
    [property: Id(1)] SymbolInfo[] Symbols,
    [property: Id(2)] DateTimeOffset ResolvedAt,
    [property: Id(3)] int Shards,
    [property: Id(4)] string? Address);
