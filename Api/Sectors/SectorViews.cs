using System.ComponentModel;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Sectors;

namespace CryptoAI.Api.Sectors;

/// <summary>A sector's name and description.</summary>
public sealed record SectorBody
{
    [Description("1 to 100 characters, no two alike.")]
    public string? Name { get; init; }

    [Description("At most 1,000 characters.")]
    public string? Description { get; init; }

    [Description("Whether it is told of; true if left out.")]
    public bool IsActive { get; init; } = true;

    internal SectorText ToText() => new(Name ?? "", Description, IsActive);
}

/// <summary>All sectors of an asset: at most 10, together at most 100 percent.</summary>
public sealed record SectorMappingBody
{
    public IReadOnlyList<SectorShareBody>? Sectors { get; init; }
}

/// <summary>A sector of an asset.</summary>
public sealed record SectorShareBody
{
    public long SectorId { get; init; }

    [Description("How much of the asset counts for the sector, above 0 up to 100.")]
    public decimal AllocationPercentage { get; init; }

    [Description("True of one sector at most.")]
    public bool IsPrimary { get; init; }
}

/// <summary>The sectors of an asset.</summary>
public sealed record SectorMappingView(
    string Symbol,
    [property: Description("By id of the sector.")] IReadOnlyList<SectorShare> Sectors)
{
    internal static SectorMappingView From(SectorMapping mapping) => new(mapping.Symbol, mapping.Shares);
}

/// <summary>A sector with its newest figures.</summary>
public sealed record SectorView
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required bool IsActive { get; init; }

    [Description("How many belong to it.")]
    public required int Assets { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    [Description("Null before its first hour.")]
    public SectorFiguresView? Figures { get; init; }

    internal static SectorView From(Sector sector, SectorReading? reading) => new()
    {
        Id = sector.Id,
        Name = sector.Name,
        Description = sector.Description,
        IsActive = sector.IsActive,
        Assets = sector.Assets,
        UpdatedAt = sector.UpdatedAt,
        Figures = reading is null ? null : SectorFiguresView.From(reading),
    };
}

/// <summary>A sector at a time, percent; null where nothing is known.</summary>
public sealed record SectorFiguresView
{
    [Description("The whole hour it holds for.")]
    public required DateTimeOffset At { get; init; }

    public double? Performance24h { get; init; }

    public double? Performance7d { get; init; }

    public double? Performance30d { get; init; }

    [Description("Traded on the last whole day against the mean of the seven before.")]
    public double? VolumeChange { get; init; }

    [Description("Capitalisation at the last whole day's end against a day before.")]
    public double? MarketCapChange { get; init; }

    [Description("Share of assets above their price of a day ago, 0 to 1.")]
    public double? Up { get; init; }

    [Description("Share of assets above their mean of 20 days, 0 to 1.")]
    public double? AboveMean20d { get; init; }

    [Description("Assets with a price now and a day ago.")]
    public required int UsableAssets { get; init; }

    [Description("What the last 24 hours are weighted by; equal where too few capitalisations are known.")]
    public required SectorWeighting Weighting { get; init; }

    [Description("Against the market, -1 to 1.")]
    public double? Score { get; init; }

    public SectorPhase? Phase { get; init; }

    [Description("Why score and phase are unknown.")]
    public string? Unknown { get; init; }

    internal static SectorFiguresView From(SectorReading reading) => new()
    {
        At = reading.At,
        Performance24h = reading.Performance24h,
        Performance7d = reading.Performance7d,
        Performance30d = reading.Performance30d,
        VolumeChange = reading.VolumeChange,
        MarketCapChange = reading.MarketCapChange,
        Up = reading.Metrics.Up,
        AboveMean20d = reading.Metrics.AboveMean20d,
        UsableAssets = reading.Metrics.UsableAssets,
        Weighting = reading.Metrics.Windows[0].Weighting,
        Score = reading.Metrics.Standing?.Score,
        Phase = reading.Metrics.Standing?.Phase,
        Unknown = reading.Metrics.StandingUnknown is { } reason ? $"unknown: {reason}" : null,
    };
}

/// <summary>A sector with its assets.</summary>
public sealed record SectorDetailView(
    SectorView Sector,
    IReadOnlyList<SectorAssetView> Assets,
    [property: Description("Weights of the assets in 24 hours, 7 days and 30 days, and who is left out and why.")] IReadOnlyList<WindowReading> Windows,
    [property: Description("Against the market; null when it is unknown.")] StandingReading? Standing);

/// <summary>An asset of a sector.</summary>
public sealed record SectorAssetView(
    string Symbol,
    string Name,
    [property: Description("How much of it counts for the sector, above 0 up to 100.")] decimal AllocationPercentage,
    bool IsPrimary)
{
    internal static SectorAssetView From(SectorMember member) => new(member.Symbol, member.Name, member.AllocationPercentage, member.IsPrimary);
}

/// <summary>Rotation between sectors, or why nothing is known of it.</summary>
public sealed record RotationView(
    DateTimeOffset At,
    [property: Description("Strongest first. Empty when none is strong enough.")] IReadOnlyList<SectorRotation> Rotations,
    [property: Description("Where each sector stands against the market, strongest first.")] IReadOnlyList<SectorStanding> Sectors,
    [property: Description("Why nothing can be told.")] string? Unknown)
{
    internal static RotationView From(RotationReading reading) =>
        new(reading.At, reading.Rotations, reading.Sectors, reading.Unknown is { } reason ? $"unknown: {reason}" : null);
}
