namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>One asset: its candles, live figures and row in <c>cryptocurrencies</c>. Key: the asset, BTC.</summary>
[Alias("ICryptocurrencyGrain")]
public interface ICryptocurrencyGrain : IGrainWithStringKey
{
    /// <summary>Live figures; null before the first price.</summary>
    [Alias("GetQuote")]
    Task<Quote?> GetQuoteAsync();

    /// <summary>The candles being built, one for each timeframe that has begun.</summary>
    [Alias("GetOpenCandles")]
    Task<Candle[]> GetOpenCandlesAsync();

    /// <summary>Closed 1m candles that start at or after a moment, oldest first, at most 1,500: memory first, then the database.</summary>
    [Alias("GetMinutesFrom")]
    Task<Candle[]> GetMinutesFromAsync(DateTimeOffset from);

    [Alias("GetContinuity")]
    Task<Continuity> GetContinuityAsync();

    /// <summary>Adds or renews an observer of this symbol's candles; it is dropped 30 s after its last renewal.</summary>
    [Alias("Observe")]
    Task ObserveAsync(IMarketObserver observer);
}

/// <summary>Live figures of one asset. Changes are percent against the close one period earlier; null while history is too short.</summary>
[GenerateSerializer, Immutable, Alias("quote")]
public sealed record Quote(
    [property: Id(0)] string Symbol,
    [property: Id(1)] decimal Price,
    [property: Id(2)] DateTimeOffset Time,
    [property: Id(3)] decimal? Volume24h,
    [property: Id(4)] decimal? Change24h,
    [property: Id(5)] decimal? Change7d,
    [property: Id(6)] decimal? Change30d);

/// <summary>How whole a symbol's history is, counted since the grain was activated.</summary>
/// <param name="IsLive">Backfill is done and trades are contiguous up to <paramref name="LastTradeId"/>.</param>
/// <param name="GapsFound">Holes in the trade ids or in the minutes.</param>
/// <param name="GapsRepaired">Holes closed again; equal to <paramref name="GapsFound"/> when nothing is open.</param>
/// <param name="MinutesReconciled">1m candles compared with the exchange's own kline and found equal.</param>
/// <param name="MinutesDiffering">1m candles that differed and were replaced by the exchange's.</param>
/// <param name="Duplicates">Trades ignored because their id was already seen.</param>
/// <param name="UnwrittenCandles">Closed candles not yet confirmed by the database.</param>
[GenerateSerializer, Immutable, Alias("continuity")]
public sealed record Continuity(
    [property: Id(0)] string Symbol,
    [property: Id(1)] bool IsLive,
    [property: Id(2)] long LastTradeId,
    [property: Id(3)] DateTimeOffset? LastTradeAt,
    [property: Id(4)] DateTimeOffset? LastClosedMinute,
    [property: Id(5)] long GapsFound,
    [property: Id(6)] long GapsRepaired,
    [property: Id(7)] long MinutesReconciled,
    [property: Id(8)] long MinutesDiffering,
    [property: Id(9)] long Duplicates,
    [property: Id(10)] int UnwrittenCandles);
