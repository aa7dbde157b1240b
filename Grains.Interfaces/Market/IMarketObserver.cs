using CryptoAI.Grains.Interfaces.Timing;

namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>
/// An API node listening to grains. A grain has one call in flight per observer: prices are conflated meanwhile (latest
/// wins), candles and signals wait in a bounded queue, and an observer that overflows it or fails is dropped, so that it
/// must renew and read again what it missed.
/// </summary>
[Alias("IMarketObserver")]
public interface IMarketObserver : IGrainObserver
{
    [Alias("OnPrices")]
    Task OnPricesAsync(PriceUpdate update);

    [Alias("OnCandles")]
    Task OnCandlesAsync(CandleUpdate update);

    [Alias("OnSignal")]
    Task OnSignalAsync(SignalUpdate update);
}

/// <summary>The newest price of every symbol of a shard that moved since the update before.</summary>
/// <param name="Sequence">Counts up by one for each update to this observer, idle beats (no prices, every second) included.</param>
[GenerateSerializer, Immutable, Alias("price-update")]
public sealed record PriceUpdate(
    [property: Id(0)] int Shard,
    [property: Id(1)] long Sequence,
    [property: Id(2)] PriceTick[] Prices);

/// <summary>A last price. <paramref name="Time"/> is the exchange's trade time, Unix milliseconds.</summary>
[GenerateSerializer, Immutable, Alias("price-tick")]
public readonly record struct PriceTick(
    [property: Id(0)] string Symbol,
    [property: Id(1)] decimal Price,
    [property: Id(2)] long Time,
    [property: Id(3)] long TradeId);

/// <summary>Candles of one symbol: closed ones, never dropped, or (<see cref="Candle.IsClosed"/> false) the newest open ones.</summary>
/// <param name="Sequence">Counts up by one for each update to this observer.</param>
[GenerateSerializer, Immutable, Alias("candle-update")]
public sealed record CandleUpdate(
    [property: Id(0)] string Symbol,
    [property: Id(1)] long Sequence,
    [property: Id(2)] Candle[] Candles);

/// <summary>A signal that was issued or changed its status.</summary>
[GenerateSerializer, Immutable, Alias("signal-update")]
public sealed record SignalUpdate(
    [property: Id(0)] string Symbol,
    [property: Id(1)] long Sequence,
    [property: Id(2)] Signal Signal);
