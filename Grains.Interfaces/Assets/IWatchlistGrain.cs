using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Assets;

/// <summary>
/// The one writer of a watchlist and its assets. Key: watchlists.id. Personal lists are changed by their owner, default ones by
/// administrators. Every change applies to the list as it is then, so that those of several editors add up; where a
/// <c>version</c> is given and the list has another one by now, it refuses instead (<see cref="Operations.Refusal.Stale"/>). Refuses with
/// <see cref="Operations.RefusedException"/>; a change is committed when it returns, as one with its entry in the audit.
/// </summary>
[Alias("IWatchlistGrain")]
public interface IWatchlistGrain : IGrainWithIntegerKey
{
    /// <summary>Replaces name and description.</summary>
    [Alias("Change")]
    Task<Watchlist> ChangeAsync(Actor actor, WatchlistText text, long? version);

    /// <summary>Ends the list and its sharing.</summary>
    [Alias("Delete")]
    Task DeleteAsync(Actor actor, long? version);

    /// <summary>Adds an asset at the end. Refused when that side of it is in the list already, or the list is full.</summary>
    [Alias("Add")]
    Task<Watchlist> AddAsync(Actor actor, string symbol, PositionSide side, WatchlistEntry entry, long? version);

    /// <summary>Replaces weight, target and notes of an asset.</summary>
    [Alias("ChangeAsset")]
    Task<Watchlist> ChangeAssetAsync(Actor actor, string symbol, PositionSide side, WatchlistEntry entry, long? version);

    [Alias("Remove")]
    Task<Watchlist> RemoveAsync(Actor actor, string symbol, PositionSide side, long? version);

    /// <summary>Moves an asset; the others keep their order.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="symbol">The asset.</param>
    /// <param name="side">Which side of it.</param>
    /// <param name="position">From 0; beyond the end is the end.</param>
    /// <param name="version">The version that the caller has read, or null.</param>
    [Alias("MoveAsset")]
    Task<Watchlist> MoveAssetAsync(Actor actor, string symbol, PositionSide side, int position, long? version);

    /// <summary>Makes the list readable to whoever has the token that is given back, which is shown this once. An earlier token ends.</summary>
    [Alias("Share")]
    Task<string> ShareAsync(Actor actor);

    /// <summary>Ends the sharing: the token stops working at once.</summary>
    [Alias("Unshare")]
    Task<Watchlist> UnshareAsync(Actor actor);
}

/// <summary>All lists of one person. Key: users.id; 0 for the default lists, which administrators keep.</summary>
[Alias("IWatchlistShelfGrain")]
public interface IWatchlistShelfGrain : IGrainWithIntegerKey
{
    /// <summary>A new, empty list behind the others.</summary>
    [Alias("Create")]
    Task<Watchlist> CreateAsync(Actor actor, WatchlistText text);

    /// <summary>Moves a list among the others, to a position from 0; beyond the end is the end.</summary>
    [Alias("Move")]
    Task MoveAsync(Actor actor, long watchlistId, int position);
}

/// <summary>watchlist_assets.position_type.</summary>
public enum PositionSide : byte
{
    Long,
    Short,
}

/// <param name="Name">1 to 100 characters.</param>
/// <param name="Description">At most 1,000 characters.</param>
/// <param name="MaxAssets">Of default lists only: most assets; null leaves it. Those of people have the limit of their plan.</param>
[GenerateSerializer, Immutable, Alias("watchlist-text")]
public sealed record WatchlistText(
    [property: Id(0)] string Name,
    [property: Id(1)] string? Description,
    [property: Id(2)] int? MaxAssets);

/// <param name="Weight">Share of a portfolio, 0 to 1; all weights of a list together are at most 1.</param>
/// <param name="TargetAllocation">Percent, 0 to 100.</param>
/// <param name="Notes">At most 2,000 characters.</param>
[GenerateSerializer, Immutable, Alias("watchlist-entry")]
public sealed record WatchlistEntry(
    [property: Id(0)] decimal? Weight,
    [property: Id(1)] decimal? TargetAllocation,
    [property: Id(2)] string? Notes);

/// <param name="UserId">Its owner; null for a default list.</param>
/// <param name="IsPublic">Whether whoever has its link may read it.</param>
/// <param name="MaxAssets">Most assets it may hold.</param>
/// <param name="Version">Goes up with every change.</param>
/// <param name="Assets">In order of position.</param>
[GenerateSerializer, Immutable, Alias("watchlist")]
public sealed record Watchlist(
    [property: Id(0)] long Id,
    [property: Id(1)] long? UserId,
    [property: Id(2)] string Name,
    [property: Id(3)] string? Description,
    [property: Id(4)] bool IsPublic,
    [property: Id(5)] int MaxAssets,
    [property: Id(6)] int SortOrder,
    [property: Id(7)] long Version,
    [property: Id(8)] DateTimeOffset CreatedAt,
    [property: Id(9)] DateTimeOffset UpdatedAt,
    [property: Id(10)] WatchlistAsset[] Assets);

/// <param name="Position">Place in the list, from 0 without holes.</param>
/// <param name="AddedBy">users.id; null when that person was erased.</param>
[GenerateSerializer, Immutable, Alias("watchlist-asset")]
public sealed record WatchlistAsset(
    [property: Id(0)] string Symbol,
    [property: Id(1)] PositionSide Side,
    [property: Id(2)] int Position,
    [property: Id(3)] WatchlistEntry Entry,
    [property: Id(4)] long? AddedBy,
    [property: Id(5)] long? LastModifiedBy,
    [property: Id(6)] DateTimeOffset CreatedAt,
    [property: Id(7)] DateTimeOffset UpdatedAt);
