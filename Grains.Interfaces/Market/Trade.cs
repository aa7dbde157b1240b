namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>
/// One aggregate trade of an exchange, on the tick path. <paramref name="Id"/> is contiguous per symbol.
/// <paramref name="Time"/> is Unix milliseconds. Price and quantity are integers scaled by the powers of ten that the
/// surrounding batch names. <paramref name="Count"/> is how many raw trades it stands for.
/// </summary>
[GenerateSerializer, Immutable, Alias("trade")]
public readonly record struct Trade(
    [property: Id(0)] long Id,
    [property: Id(1)] long Time,
    [property: Id(2)] long Price,
    [property: Id(3)] long Quantity,
    [property: Id(4)] int Count);

/// <summary>
/// A candle as the exchange itself states it. Money is exact decimal; <paramref name="Volume"/> is in the base asset,
/// <paramref name="QuoteVolume"/> in the quote asset; <paramref name="TradeCount"/> counts raw trades.
/// <paramref name="OpenTime"/> is Unix milliseconds.
/// </summary>
[GenerateSerializer, Immutable, Alias("kline")]
public sealed record Kline(
    [property: Id(0)] Timeframe Timeframe,
    [property: Id(1)] long OpenTime,
    [property: Id(2)] decimal Open,
    [property: Id(3)] decimal High,
    [property: Id(4)] decimal Low,
    [property: Id(5)] decimal Close,
    [property: Id(6)] decimal Volume,
    [property: Id(7)] decimal QuoteVolume,
    [property: Id(8)] long TradeCount);

/// <summary>
/// What the price channel carries for one symbol: the trades that arrived since the batch before, in order of arrival,
/// and the 1m klines that the exchange declared closed meanwhile. Arrays are never changed after publishing.
/// </summary>
/// <param name="Symbol">The asset, as in grain keys: BTC.</param>
/// <param name="PriceScale">Decimals of <see cref="Trade.Price"/>; it may grow when the exchange refines its tick.</param>
/// <param name="QuantityScale">Decimals of <see cref="Trade.Quantity"/>.</param>
/// <param name="PreviousId">The highest trade id published before this batch by the same activation; -1 when there is none.</param>
/// <param name="ReceivedAt">When the oldest frame of the batch was read, Unix microseconds, feed's clock.</param>
[GenerateSerializer, Immutable, Alias("price-batch")]
public sealed record PriceBatch(
    [property: Id(0)] string Symbol,
    [property: Id(1)] byte PriceScale,
    [property: Id(2)] byte QuantityScale,
    [property: Id(3)] long PreviousId,
    [property: Id(4)] Trade[] Trades,
    [property: Id(5)] Kline[] ClosedKlines,
    [property: Id(6)] long ReceivedAt);

/// <summary>Trades out of the feed's ring buffer: those after an id that it still holds.</summary>
/// <param name="Complete">Whether the run starts right after the asked id; if not, the rest must come from the exchange.</param>
[GenerateSerializer, Immutable, Alias("trade-run")]
public sealed record TradeRun(
    [property: Id(0)] bool Complete,
    [property: Id(1)] byte PriceScale,
    [property: Id(2)] byte QuantityScale,
    [property: Id(3)] Trade[] Trades);
