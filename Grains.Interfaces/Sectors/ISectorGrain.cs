using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Sectors;

/// <summary>One sector. Key: crypto_sectors.id. Refuses with <see cref="Operations.RefusedException"/>.</summary>
[Alias("ISectorGrain")]
public interface ISectorGrain : IGrainWithIntegerKey
{
    /// <summary>Calculates the sector from what is stored. Stores nothing.</summary>
    /// <param name="at">A whole hour; nothing after it is looked at.</param>
    [Alias("Tell")]
    Task<SectorState> TellAsync(DateTimeOffset at);

    /// <summary>Replaces name, description and whether it is active; refused when <paramref name="version"/> is given and is not the stored one.</summary>
    [Alias("Change")]
    Task<Sector> ChangeAsync(Actor actor, SectorText text, long? version);

    /// <summary>Ends the sector: it is no longer told of. Its history and mapping stay, and changing it may bring it back.</summary>
    [Alias("Delete")]
    Task DeleteAsync(Actor actor, long? version);
}

/// <summary>All sectors and what belongs to them, for administrators. Key: 0.</summary>
[Alias("ISectorMapGrain")]
public interface ISectorMapGrain : IGrainWithIntegerKey
{
    /// <summary>A new sector without assets. A name is taken by deleted ones too.</summary>
    [Alias("Create")]
    Task<Sector> CreateAsync(Actor actor, SectorText text);

    /// <summary>Replaces the sectors of an asset.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="symbol">The asset.</param>
    /// <param name="shares">At most 10 sectors; together at most 100 percent, at most one of them the primary.</param>
    /// <param name="version">The version that the caller has read, or null.</param>
    [Alias("Map")]
    Task<SectorMapping> MapAsync(Actor actor, string symbol, SectorShare[] shares, long? version);
}

/// <summary>All sectors together: their performance, and rotation between them. Key: 0.</summary>
[Alias("ISectorRotationGrain")]
public interface ISectorRotationGrain : IGrainWithIntegerKey
{
    /// <summary>Has every sector calculated for the whole hour that began last, and stores it. The same again changes nothing.</summary>
    [Alias("Refresh")]
    Task<SectorRefresh> RefreshAsync();

    /// <summary>The newest rotations; calculated first when they are not known yet.</summary>
    [Alias("Get")]
    Task<RotationReading> GetAsync();

    /// <summary>Adds or renews an observer of changes; it is dropped 30 s after its last renewal.</summary>
    /// <returns>What was told last, so that an observer sees what it was not told; null when nothing was told since the grain is there.</returns>
    [Alias("Observe")]
    Task<SectorChange?> ObserveAsync(ISectorObserver observer);
}

/// <summary>An API node listening for changes of the sectors.</summary>
[Alias("ISectorObserver")]
public interface ISectorObserver : IGrainObserver
{
    /// <summary>May come twice.</summary>
    [Alias("OnSectors")]
    Task OnSectorsAsync(SectorChange change);
}

/// <param name="Name">1 to 100 characters, no two alike.</param>
/// <param name="Description">At most 1,000 characters.</param>
[GenerateSerializer, Immutable, Alias("sector-text")]
public sealed record SectorText(
    [property: Id(0)] string Name,
    [property: Id(1)] string? Description,
    [property: Id(2)] bool IsActive = true);

/// <param name="Version">Another one after every change.</param>
/// <param name="Assets">How many belong to it.</param>
[GenerateSerializer, Immutable, Alias("sector")]
public sealed record Sector(
    [property: Id(0)] long Id,
    [property: Id(1)] string Name,
    [property: Id(2)] string? Description,
    [property: Id(3)] bool IsActive,
    [property: Id(4)] int Assets,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] DateTimeOffset UpdatedAt,
    [property: Id(7)] long Version);

/// <param name="AllocationPercentage">How much of the asset counts for the sector, above 0 up to 100.</param>
[GenerateSerializer, Immutable, Alias("sector-share")]
public sealed record SectorShare(
    [property: Id(0)] long SectorId,
    [property: Id(1)] decimal AllocationPercentage,
    [property: Id(2)] bool IsPrimary);

/// <param name="Shares">By id of the sector.</param>
/// <param name="Version">Tells one content from another.</param>
[GenerateSerializer, Immutable, Alias("sector-mapping")]
public sealed record SectorMapping(
    [property: Id(0)] string Symbol,
    [property: Id(1)] SectorShare[] Shares,
    [property: Id(2)] long Version);

/// <summary>What a refresh did: rows written.</summary>
[GenerateSerializer, Immutable, Alias("sector-refresh")]
public sealed record SectorRefresh(
    [property: Id(0)] int Performances,
    [property: Id(1)] int Rotations,
    [property: Id(2)] int Deleted,
    [property: Id(3)] RotationReading Reading);
