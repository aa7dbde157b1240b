using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Interfaces.Macro;

/// <summary>market_regime_analysis.regime.</summary>
public enum MarketRegime : byte
{
    Bear,
    Sideways,
    Bull,
}

/// <summary>The regime at a moment, from data up to it.</summary>
/// <param name="At">End of the day it was told from.</param>
/// <param name="Confidence">Filtered probability of the regime.</param>
/// <param name="Bear">Filtered probability; the three sum to 1.</param>
/// <param name="Since">End of the first day of this regime.</param>
/// <param name="MeanReturn">Mean daily log return of the last 20 days.</param>
/// <param name="Volatility">Realised volatility of the last 20 days, a year: 0.6 is 60 %.</param>
/// <param name="EstimatedAt">The model's parameters come from days before this one.</param>
[GenerateSerializer, Immutable, Alias("regime-reading")]
public sealed record RegimeReading(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] MarketRegime Regime,
    [property: Id(2)] double Confidence,
    [property: Id(3)] double Bear,
    [property: Id(4)] double Sideways,
    [property: Id(5)] double Bull,
    [property: Id(6)] DateTimeOffset Since,
    [property: Id(7)] double MeanReturn,
    [property: Id(8)] double Volatility,
    [property: Id(9)] DateTimeOffset EstimatedAt);

/// <summary>Another regime than before.</summary>
/// <param name="Before">Null: none was known.</param>
[GenerateSerializer, Immutable, Alias("regime-change")]
public sealed record RegimeChange(
    [property: Id(0)] MarketRegime? Before,
    [property: Id(1)] RegimeReading Now);

/// <summary>The mood at a moment.</summary>
/// <param name="At">End of the day.</param>
/// <param name="Index">0 (fear) to 100 (greed).</param>
/// <param name="Parts">What it is made of.</param>
/// <param name="External">Indexes of others for that day, if any is configured and known.</param>
[GenerateSerializer, Immutable, Alias("sentiment-reading")]
public sealed record SentimentReading(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] double Index,
    [property: Id(2)] SentimentPart[] Parts,
    [property: Id(3)] ExternalIndex[] External);

/// <summary>One part of the mood.</summary>
/// <param name="Weight">Its share when nothing is missing.</param>
/// <param name="Score">0 to 100; null when what it needs is missing, and its weight goes to the others.</param>
[GenerateSerializer, Immutable, Alias("sentiment-part")]
public sealed record SentimentPart(
    [property: Id(0)] string Name,
    [property: Id(1)] double Weight,
    [property: Id(2)] double? Score);

/// <summary>Somebody else's index.</summary>
/// <param name="Name">The series in macro_indicators.</param>
/// <param name="At">Its own time.</param>
[GenerateSerializer, Immutable, Alias("external-index")]
public sealed record ExternalIndex(
    [property: Id(0)] string Name,
    [property: Id(1)] double Value,
    [property: Id(2)] DateTimeOffset At);

/// <summary>Where bitcoin's share goes.</summary>
public enum ShareTrend : byte
{
    Falling,
    Flat,
    Rising,
}

/// <summary>Shares of the capitalisation of all assets that have one, percent.</summary>
/// <param name="At">End of the day.</param>
/// <param name="TotalCap">What they are shares of, USD.</param>
/// <param name="Assets">How many assets that is.</param>
/// <param name="Change7d">Points that bitcoin's share moved; null when it was not known then.</param>
/// <param name="Trend">From <paramref name="Change30d"/>: flat within a point, and where it is unknown.</param>
/// <param name="Doubted">Assets of the month before whose capitalisation of that day is missing or not believed, largest first, at most 50; null: none.</param>
[GenerateSerializer, Immutable, Alias("dominance-reading")]
public sealed record DominanceReading(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] double Btc,
    [property: Id(2)] double Eth,
    [property: Id(3)] double Alts,
    [property: Id(4)] double TotalCap,
    [property: Id(5)] int Assets,
    [property: Id(6)] double? Change7d,
    [property: Id(7)] double? Change30d,
    [property: Id(8)] ShareTrend Trend,
    [property: Id(9)] DoubtedAsset[]? Doubted = null);

/// <summary>An asset whose capitalisation of a day is missing or not believed.</summary>
/// <param name="IsLeftOut">It has no part in the figures; else its last believed capitalisation, at most four days old, stands in.</param>
[GenerateSerializer, Immutable, Alias("doubted-asset")]
public sealed record DoubtedAsset(
    [property: Id(0)] string Symbol,
    [property: Id(1)] string Reason,
    [property: Id(2)] bool IsLeftOut);

/// <summary>A series from outside with something wrong in it.</summary>
/// <param name="IsExcluded">Its newest value is not used.</param>
/// <param name="Reason">Why, or what was found in the last 30 days.</param>
[GenerateSerializer, Immutable, Alias("doubted-series")]
public sealed record DoubtedSeries(
    [property: Id(0)] string Name,
    [property: Id(1)] Timeframe Timeframe,
    [property: Id(2)] bool IsExcluded,
    [property: Id(3)] string Reason);
