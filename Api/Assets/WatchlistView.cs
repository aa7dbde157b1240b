using System.ComponentModel;
using CryptoAI.Grains.Interfaces.Assets;

namespace CryptoAI.Api.Assets;

/// <summary>A watchlist's name and description.</summary>
public sealed record WatchlistBody
{
    [Description("1 to 100 characters.")]
    public string? Name { get; init; }

    [Description("At most 1,000 characters.")]
    public string? Description { get; init; }

    [Description("Of default lists only: most assets. Personal lists have the limit of their owner's plan.")]
    public int? MaxAssets { get; init; }

    internal WatchlistText ToText() => new(Name ?? "", Description, MaxAssets);
}

/// <summary>An asset to be added to a watchlist.</summary>
public sealed record WatchlistAssetBody
{
    [Description("The asset: BTC.")]
    public string? Symbol { get; init; }

    [Description("long, if left out, or short. An asset may be in a list once for each side.")]
    public PositionSide Side { get; init; }

    [Description("Share of a portfolio, 0 to 1; all weights of a list together are at most 1.")]
    public decimal? Weight { get; init; }

    [Description("Percent, 0 to 100.")]
    public decimal? TargetAllocation { get; init; }

    [Description("At most 2,000 characters.")]
    public string? Notes { get; init; }
}

/// <summary>What can be changed of an asset in a watchlist. What is left out is emptied.</summary>
public sealed record WatchlistEntryBody
{
    [Description("Share of a portfolio, 0 to 1; all weights of a list together are at most 1.")]
    public decimal? Weight { get; init; }

    [Description("Percent, 0 to 100.")]
    public decimal? TargetAllocation { get; init; }

    [Description("At most 2,000 characters.")]
    public string? Notes { get; init; }
}

/// <summary>Where something is to be moved.</summary>
public sealed record MoveBody
{
    [Description("From 0; beyond the end is the end.")]
    public int? Position { get; init; }
}

/// <summary>The link of a shared list.</summary>
/// <param name="Token">Shown this once.</param>
/// <param name="Path">Where whoever has it reads the list.</param>
public sealed record SharedLinkView(string Token, string Path);

/// <summary>A watchlist with its assets, in order.</summary>
public sealed record WatchlistView
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    [Description("default: everyone's, kept by administrators. personal: its owner's.")]
    public required string Type { get; init; }

    [Description("Whether whoever has its link may read it.")]
    public required bool IsShared { get; init; }

    public required int MaxAssets { get; init; }

    [Description("Goes up with every change; the ETag of the list.")]
    public required long Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required IReadOnlyList<WatchlistAssetView> Assets { get; init; }

    internal static WatchlistView From(Watchlist list) => new()
    {
        Id = list.Id,
        Name = list.Name,
        Description = list.Description,
        Type = list.UserId is null ? "default" : "personal",
        IsShared = list.IsPublic,
        MaxAssets = list.MaxAssets,
        Version = list.Version,
        CreatedAt = list.CreatedAt,
        UpdatedAt = list.UpdatedAt,
        Assets = [.. list.Assets.Select(WatchlistAssetView.From)],
    };
}

/// <summary>An asset in a watchlist.</summary>
public sealed record WatchlistAssetView
{
    public required string Symbol { get; init; }

    public required PositionSide Side { get; init; }

    public required int Position { get; init; }

    public decimal? Weight { get; init; }

    public decimal? TargetAllocation { get; init; }

    public string? Notes { get; init; }

    [Description("When it was added.")]
    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static WatchlistAssetView From(WatchlistAsset asset) => new()
    {
        Symbol = asset.Symbol,
        Side = asset.Side,
        Position = asset.Position,
        Weight = asset.Entry.Weight,
        TargetAllocation = asset.Entry.TargetAllocation,
        Notes = asset.Entry.Notes,
        CreatedAt = asset.CreatedAt,
        UpdatedAt = asset.UpdatedAt,
    };
}

/// <summary>A list as somebody sees it who has its link: without notes, and nothing about its owner.</summary>
public sealed record SharedWatchlistView
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required IReadOnlyList<SharedAssetView> Assets { get; init; }

    internal static SharedWatchlistView From(Watchlist list) => new()
    {
        Name = list.Name,
        Description = list.Description,
        UpdatedAt = list.UpdatedAt,
        Assets = [.. list.Assets.Select(static asset => new SharedAssetView(asset.Symbol, asset.Side, asset.Entry.Weight, asset.Entry.TargetAllocation))],
    };
}

/// <param name="Weight">Share of a portfolio, 0 to 1.</param>
/// <param name="TargetAllocation">Percent.</param>
public sealed record SharedAssetView(string Symbol, PositionSide Side, decimal? Weight, decimal? TargetAllocation);
