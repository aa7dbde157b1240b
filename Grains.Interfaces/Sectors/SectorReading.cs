namespace CryptoAI.Grains.Interfaces.Sectors;

/// <summary>What the assets of a sector are weighted by.</summary>
public enum SectorWeighting : byte
{
    /// <summary>Capitalisation when the window begins, times the part that counts for the sector.</summary>
    Capitalisation,

    /// <summary>The part that counts for the sector alone: too few capitalisations are known.</summary>
    Equal,
}

/// <summary>Where a sector stands against the market, and where it goes.</summary>
public enum SectorPhase : byte
{
    Leading,
    Weakening,
    Lagging,
    Improving,
}

/// <summary>A sector at a time. Percent; null where nothing is known.</summary>
/// <param name="At">The whole hour it holds for.</param>
/// <param name="VolumeChange">Traded on the last whole day against the mean of the seven before.</param>
/// <param name="MarketCapChange">Capitalisation at the last whole day's end against a day before.</param>
[GenerateSerializer, Immutable, Alias("sector-reading")]
public sealed record SectorReading(
    [property: Id(0)] long SectorId,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] double? Performance24h,
    [property: Id(3)] double? Performance7d,
    [property: Id(4)] double? Performance30d,
    [property: Id(5)] double? VolumeChange,
    [property: Id(6)] double? MarketCapChange,
    [property: Id(7)] SectorMetrics Metrics);

/// <param name="Up">Share of assets above their price of a day ago, 0 to 1; null when none is usable.</param>
/// <param name="AboveMean20d">Share of assets above their mean of 20 days.</param>
/// <param name="Assets">Assets of the sector.</param>
/// <param name="UsableAssets">Those with a return over the last day.</param>
/// <param name="Windows">24 hours, 7 days, 30 days.</param>
/// <param name="Standing">Against the market; null when it is unknown.</param>
/// <param name="StandingUnknown">Why it is; null when it is known.</param>
[GenerateSerializer, Immutable, Alias("sector-metrics")]
public sealed record SectorMetrics(
    [property: Id(0)] double? Up,
    [property: Id(1)] double? AboveMean20d,
    [property: Id(2)] int Assets,
    [property: Id(3)] int UsableAssets,
    [property: Id(4)] WindowReading[] Windows,
    [property: Id(5)] StandingReading? Standing,
    [property: Id(6)] string? StandingUnknown);

/// <param name="Weights">Largest first.</param>
/// <param name="LeftOut">Assets without a part in it, with the reason.</param>
[GenerateSerializer, Immutable, Alias("sector-window")]
public sealed record WindowReading(
    [property: Id(0)] int Days,
    [property: Id(1)] SectorWeighting Weighting,
    [property: Id(2)] WeightReading[] Weights,
    [property: Id(3)] LeftOutReading[] LeftOut);

/// <param name="Weight">0 to 1; those of a window sum to one.</param>
/// <param name="Performance">Of the asset, percent.</param>
[GenerateSerializer, Immutable, Alias("sector-weight")]
public sealed record WeightReading(
    [property: Id(0)] string Symbol,
    [property: Id(1)] double Weight,
    [property: Id(2)] double Performance);

[GenerateSerializer, Immutable, Alias("sector-left-out")]
public sealed record LeftOutReading(
    [property: Id(0)] string Symbol,
    [property: Id(1)] string Reason);

/// <summary>A sector against the market.</summary>
/// <param name="Score">-1 to 1.</param>
/// <param name="Coverage">Part of its assets, by share, that is usable, 0 to 1.</param>
/// <param name="Horizons">Shortest first.</param>
[GenerateSerializer, Immutable, Alias("sector-standing")]
public sealed record StandingReading(
    [property: Id(0)] double Score,
    [property: Id(1)] SectorPhase Phase,
    [property: Id(2)] double Coverage,
    [property: Id(3)] HorizonReading[] Horizons);

/// <param name="Strength">Return against the market, in standard deviations.</param>
/// <param name="Momentum">Its change against the horizon before, in standard deviations.</param>
/// <param name="Flow">Capital flow against the market's, percent of capitalisation; null when it is unknown.</param>
/// <param name="Score">-1 to 1.</param>
[GenerateSerializer, Immutable, Alias("sector-horizon")]
public sealed record HorizonReading(
    [property: Id(0)] int Days,
    [property: Id(1)] double Strength,
    [property: Id(2)] double Momentum,
    [property: Id(3)] double? Flow,
    [property: Id(4)] double Score);

/// <summary>Rotation between sectors at a time.</summary>
/// <param name="At">The whole hour it holds for.</param>
/// <param name="Rotations">Strongest first; empty when none is strong enough.</param>
/// <param name="Sectors">Where each sector stands, strongest first.</param>
/// <param name="Unknown">Why nothing can be told; null when something can.</param>
[GenerateSerializer, Immutable, Alias("rotation-reading")]
public sealed record RotationReading(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] SectorRotation[] Rotations,
    [property: Id(2)] SectorStanding[] Sectors,
    [property: Id(3)] string? Unknown);

/// <param name="Strength">0 to 1.</param>
/// <param name="Confidence">0 to 1.</param>
[GenerateSerializer, Immutable, Alias("sector-rotation")]
public sealed record SectorRotation(
    [property: Id(0)] long FromId,
    [property: Id(1)] string From,
    [property: Id(2)] long ToId,
    [property: Id(3)] string To,
    [property: Id(4)] double Strength,
    [property: Id(5)] double Confidence);

/// <param name="Standing">Null when it is unknown.</param>
/// <param name="Unknown">Why; null when it is known.</param>
[GenerateSerializer, Immutable, Alias("sector-named-standing")]
public sealed record SectorStanding(
    [property: Id(0)] long Id,
    [property: Id(1)] string Name,
    [property: Id(2)] StandingReading? Standing,
    [property: Id(3)] string? Unknown);

/// <summary>The sectors of an hour, when it is told or told otherwise.</summary>
/// <param name="At">The whole hour it holds for.</param>
/// <param name="Sectors">Strongest first.</param>
/// <param name="Rotations">Strongest first; empty when none is strong enough.</param>
[GenerateSerializer, Immutable, Alias("sector-change")]
public sealed record SectorChange(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] SectorMove[] Sectors,
    [property: Id(2)] SectorRotation[] Rotations);

/// <summary>A sector in short. Percent; null where nothing is known.</summary>
/// <param name="Score">Against the market, -1 to 1.</param>
[GenerateSerializer, Immutable, Alias("sector-move")]
public sealed record SectorMove(
    [property: Id(0)] long Id,
    [property: Id(1)] string Name,
    [property: Id(2)] double? Performance24h,
    [property: Id(3)] double? Performance7d,
    [property: Id(4)] double? Performance30d,
    [property: Id(5)] double? Score,
    [property: Id(6)] SectorPhase? Phase);

/// <summary>A sector as its grain hands it over.</summary>
/// <param name="Reading">Without its standing, which takes the other sectors.</param>
/// <param name="Returns">Of each day up to the last whole one, NaN where it is unknown.</param>
/// <param name="Caps">Capitalisation when the day begins, USD; NaN where the day is weighted equally.</param>
/// <param name="Flows">Change of capitalisation that the price does not explain, a fraction; NaN where it is unknown.</param>
[GenerateSerializer, Immutable, Alias("sector-state")]
public sealed record SectorState(
    [property: Id(0)] SectorReading Reading,
    [property: Id(1)] double[] Returns,
    [property: Id(2)] double[] Caps,
    [property: Id(3)] double[] Flows,
    [property: Id(4)] int Coins,
    [property: Id(5)] double Coverage);
