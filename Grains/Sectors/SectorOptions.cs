using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Sectors;

/// <summary>Section <c>Sectors</c>.</summary>
public sealed class SectorOptions
{
    public const string Section = "Sectors";

    /// <summary>Performances and rotations are kept so many days.</summary>
    [Range(31, 36_500)]
    public int HistoryDays { get; set; } = 730;
}
