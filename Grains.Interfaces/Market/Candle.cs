namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>How a candle came to be. Stored in price_data.provenance under the same lower-case names.</summary>
public enum CandleProvenance : byte
{
    /// <summary>Every trade came over the stream, and the exchange's own kline agrees.</summary>
    Streamed,

    /// <summary>Taken from the exchange's history: the minute was over before we listened.</summary>
    Backfilled,

    /// <summary>A hole or a difference was found, and the exchange's history put it right.</summary>
    Repaired,

    /// <summary>From a file, as the file states it. The exchange has not been asked.</summary>
    Imported,

    /// <summary>From a file that does not state the USD volume: <see cref="Candle.Volume"/> is the traded amount times the typical price.</summary>
    Estimated,

    /// <summary>Summed here from shorter candles that were imported or estimated.</summary>
    Derived,
}

/// <summary>
/// One candle of one symbol. Prices and <paramref name="Volume"/> are USD; <paramref name="Volume"/> is the exact quote volume
/// (price_data.volume holds it to the cent), <paramref name="BaseVolume"/> counts the asset itself.
/// </summary>
/// <param name="OpenTime">Start of the candle, UTC.</param>
/// <param name="TradeCount">Raw trades in it; zero in a quiet minute, whose prices are the close before.</param>
/// <param name="IsClosed">False for the candle still being built.</param>
[GenerateSerializer, Immutable, Alias("candle")]
public sealed record Candle(
    [property: Id(0)] string Symbol,
    [property: Id(1)] Timeframe Timeframe,
    [property: Id(2)] DateTimeOffset OpenTime,
    [property: Id(3)] decimal Open,
    [property: Id(4)] decimal High,
    [property: Id(5)] decimal Low,
    [property: Id(6)] decimal Close,
    [property: Id(7)] decimal Volume,
    [property: Id(8)] decimal BaseVolume,
    [property: Id(9)] long TradeCount,
    [property: Id(10)] CandleProvenance Provenance,
    [property: Id(11)] bool IsClosed,
    [property: Id(12)] Indicators? Indicators);

/// <summary>
/// Indicator values at the close of a candle; null while the series is still too short. Price-like ones are USD.
/// Stored as JSON in price_data.technical_indicators.
/// </summary>
[GenerateSerializer, Immutable, Alias("indicators")]
public sealed record Indicators
{
    [Id(0)] public double? Sma20 { get; init; }

    [Id(1)] public double? Sma50 { get; init; }

    [Id(2)] public double? Sma200 { get; init; }

    [Id(3)] public double? Ema12 { get; init; }

    [Id(4)] public double? Ema20 { get; init; }

    [Id(5)] public double? Ema26 { get; init; }

    [Id(6)] public double? Ema50 { get; init; }

    [Id(7)] public double? Ema100 { get; init; }

    [Id(8)] public double? Rsi14 { get; init; }

    [Id(9)] public double? Macd { get; init; }

    [Id(10)] public double? MacdSignal { get; init; }

    [Id(11)] public double? MacdHistogram { get; init; }

    [Id(12)] public double? BollingerUpper { get; init; }

    [Id(13)] public double? BollingerMiddle { get; init; }

    [Id(14)] public double? BollingerLower { get; init; }

    [Id(15)] public double? Atr14 { get; init; }

    [Id(16)] public double? Adx14 { get; init; }

    [Id(17)] public double? PlusDi14 { get; init; }

    [Id(18)] public double? MinusDi14 { get; init; }

    /// <summary>Volume-weighted average price of the UTC day so far.</summary>
    [Id(19)] public double? Vwap { get; init; }

    /// <summary>On-balance volume in the base asset, counted from the first candle of the loaded history.</summary>
    [Id(20)] public double? Obv { get; init; }
}

/// <summary>
/// What the stream "candles" carries for one symbol: the candles that closed together, the 1m first, then every longer one
/// that ended with it.
/// </summary>
[GenerateSerializer, Immutable, Alias("candles-closed")]
public sealed record CandlesClosed(
    [property: Id(0)] string Symbol,
    [property: Id(1)] Candle[] Candles);
