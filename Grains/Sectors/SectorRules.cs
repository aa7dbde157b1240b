using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Operations;

namespace CryptoAI.Grains.Sectors;

/// <summary>What sectors and mappings must be like.</summary>
internal static class SectorRules
{
    private const int MaxName = 100;
    private const int MaxDescription = 1_000;
    private const int MaxSectors = 10;

    /// <exception cref="RefusedException">It breaks a rule.</exception>
    public static SectorText Checked(SectorText text)
    {
        var name = FieldRules.Name(text.Name, "name", MaxName);
        FieldRules.Text(text.Description, "description", MaxDescription);
        return text with { Name = name };
    }

    /// <exception cref="RefusedException">They break a rule.</exception>
    public static SectorShare[] Checked(SectorShare[] shares)
    {
        if (shares.Length > MaxSectors)
        {
            throw RefusedException.Invalid("sectors", $"Must be at most {MaxSectors}.");
        }

        if (shares.DistinctBy(static share => share.SectorId).Count() != shares.Length)
        {
            throw RefusedException.Invalid("sectors", "Must name each sector once.");
        }

        if (shares.Any(static share => share.AllocationPercentage is <= 0 or > 100 || decimal.Round(share.AllocationPercentage, 4) != share.AllocationPercentage))
        {
            throw RefusedException.Invalid("allocationPercentage", "Must be above 0 and at most 100, with at most 4 decimals.");
        }

        if (shares.Sum(static share => share.AllocationPercentage) > 100)
        {
            throw RefusedException.Invalid("allocationPercentage", "Must be at most 100 together.");
        }

        return shares.Count(static share => share.IsPrimary) > 1
            ? throw RefusedException.Invalid("isPrimary", "Must be true of one sector at most.")
            : shares;
    }
}
