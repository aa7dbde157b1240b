namespace CryptoAI.Analysis.Sectors;

/// <summary>What the assets of a sector are weighted by.</summary>
public enum SectorWeighting : byte
{
    /// <summary>Their capitalisation when the window begins, times their share.</summary>
    Capitalisation,

    /// <summary>Their share alone, because too few capitalisations are known.</summary>
    Equal,
}

/// <summary>An asset's part in a sector's return.</summary>
/// <param name="Weight">0 to 1; those of a window sum to one.</param>
/// <param name="Return">Of the asset over the window; 0.01 is one percent.</param>
public sealed record SectorWeight(string Symbol, double Weight, double Return);

/// <summary>A sector over a window.</summary>
/// <param name="Days">Its length.</param>
/// <param name="Return">Sum of weight times return; NaN when no asset is usable.</param>
/// <param name="Weights">Largest first.</param>
/// <param name="LeftOut">Assets of the sector without a part in it.</param>
public sealed record SectorWindow(
    int Days, double Return, SectorWeighting Weighting, IReadOnlyList<SectorWeight> Weights, IReadOnlyList<LeftOutCoin> LeftOut);

/// <summary>A sector at a time. Changes are fractions; NaN where nothing is known.</summary>
/// <param name="VolumeChange">Traded on the last whole day over the mean of the seven days before, less one.</param>
/// <param name="CapChange">Capitalisation at the last whole day's end over that a day before, less one.</param>
/// <param name="Up">Share of assets with a price above that of a day ago.</param>
/// <param name="AboveMean">Share of assets with a price above their mean of 20 days.</param>
/// <param name="Coins">Assets of the sector.</param>
/// <param name="UsableCoins">Those with a return over the last day.</param>
public sealed record SectorFigures(
    SectorWindow Day, SectorWindow Week, SectorWindow Month, double VolumeChange, double CapChange, double Up, double AboveMean, int Coins, int UsableCoins);

/// <summary>
/// Performance of a sector: docs/SECTORS.md has the formulas. Weights are those of the beginning of a window, so that nothing of the window decides them.
/// </summary>
public static class SectorPerformance
{
    public const int Day = 1;
    public const int Week = 7;
    public const int Month = 30;

    /// <summary>Days up to the last whole one that everything here looks at.</summary>
    public const int History = 120;

    /// <summary>Part of the usable shares that must have a capitalisation for capitalisations to be the weights.</summary>
    public const double LeastCapped = 0.5;

    private const int MeanDays = 20;
    private const int VolumeDays = 7;

    /// <param name="coins">Those of the sector.</param>
    /// <param name="lastDay">The last whole UTC day.</param>
    public static SectorFigures Of(IReadOnlyList<SectorCoin> coins, DateOnly lastDay) => Of(Check(coins, lastDay));

    /// <summary>A sector's figures and its days; the assets are checked once for both.</summary>
    /// <param name="sectorId">crypto_sectors.id.</param>
    /// <param name="coins">Those of the sector.</param>
    /// <param name="lastDay">The last whole UTC day.</param>
    public static (SectorFigures Figures, SectorTrack Track) WithDays(long sectorId, IReadOnlyList<SectorCoin> coins, DateOnly lastDay)
    {
        var known = Check(coins, lastDay);
        return (Of(known), SectorTrack.Of(sectorId, known));
    }

    private static SectorFigures Of(CheckedCoin[] known)
    {
        var day = Window(known, Day);
        var up = known.Select(static coin => coin.WindowReturn(Day)).Where(static change => !double.IsNaN(change)).ToArray();
        var above = known.Select(static coin => coin.IsAboveMean(MeanDays)).OfType<bool>().ToArray();
        return new SectorFigures(
            day, Window(known, Week), Window(known, Month), VolumeChange(known), CapChange(known),
            Part(up.Count(static change => change > 0), up.Length), Part(above.Count(static isAbove => isAbove), above.Length), known.Length, up.Length);
    }

    internal static CheckedCoin[] Check(IReadOnlyList<SectorCoin> coins, DateOnly lastDay) =>
        [.. coins.OrderBy(static coin => coin.Symbol, StringComparer.Ordinal).Select(coin => new CheckedCoin(coin, lastDay, History))];

    /// <summary>Weights of assets from their shares and capitalisations: those without one have no part where enough others have.</summary>
    /// <param name="shares">Above 0.</param>
    /// <param name="caps">NaN where it is not known.</param>
    /// <param name="weights">Filled; they sum to one unless there is no asset.</param>
    internal static SectorWeighting Weigh(ReadOnlySpan<double> shares, ReadOnlySpan<double> caps, Span<double> weights)
    {
        var (all, capped, total) = (0.0, 0.0, 0.0);
        for (var i = 0; i < shares.Length; i++)
        {
            all += shares[i];
            if (!double.IsNaN(caps[i]))
            {
                capped += shares[i];
                total += shares[i] * caps[i];
            }
        }

        var weighting = capped >= LeastCapped * all && total > 0 ? SectorWeighting.Capitalisation : SectorWeighting.Equal;
        for (var i = 0; i < shares.Length; i++)
        {
            weights[i] = weighting == SectorWeighting.Equal ? shares[i] / all : double.IsNaN(caps[i]) ? 0 : shares[i] * caps[i] / total;
        }

        return weighting;
    }

    private static SectorWindow Window(CheckedCoin[] coins, int days)
    {
        var returns = Array.ConvertAll(coins, coin => coin.WindowReturn(days));
        CheckedCoin[] usable = [.. coins.Where((_, i) => !double.IsNaN(returns[i]))];
        double[] changes = [.. returns.Where(static change => !double.IsNaN(change))];
        var weights = new double[usable.Length];
        var weighting = Weigh(
            Array.ConvertAll(usable, static coin => coin.Share), Array.ConvertAll(usable, coin => coin.CapAround(History - 1 - days)), weights);
        var sum = usable.Length == 0 ? double.NaN : 0;
        var parts = new List<SectorWeight>(usable.Length);
        List<LeftOutCoin> leftOut = [.. coins.Where((_, i) => double.IsNaN(returns[i])).Select(coin => new LeftOutCoin(coin.Symbol, coin.Reason(days)))];
        for (var i = 0; i < usable.Length; i++)
        {
            if (weights[i] == 0)
            {
                leftOut.Add(new LeftOutCoin(usable[i].Symbol, "It has no capitalisation of the time that the window begins."));
                continue;
            }

            sum += weights[i] * changes[i];
            parts.Add(new SectorWeight(usable[i].Symbol, weights[i], changes[i]));
        }

        parts.Sort(static (a, b) => b.Weight != a.Weight ? b.Weight.CompareTo(a.Weight) : string.CompareOrdinal(a.Symbol, b.Symbol));
        return new SectorWindow(days, sum, weighting, parts, leftOut);
    }

    private static double VolumeChange(CheckedCoin[] coins)
    {
        var (now, before) = (0.0, 0.0);
        foreach (var coin in coins)
        {
            var sum = 0.0;
            for (var at = History - 1 - VolumeDays; at < History - 1; at++)
            {
                sum += coin.Volume(at);
            }

            var last = coin.Volume(History - 1);
            if (!double.IsNaN(sum) && !double.IsNaN(last))
            {
                now += coin.Share * last;
                before += coin.Share * sum / VolumeDays;
            }
        }

        return before > 0 ? (now / before) - 1 : double.NaN;
    }

    private static double CapChange(CheckedCoin[] coins)
    {
        var (now, before) = (0.0, 0.0);
        foreach (var coin in coins)
        {
            var (last, first) = (coin.CapAt(History - 1), coin.CapAt(History - 2));
            if (!double.IsNaN(last) && !double.IsNaN(first))
            {
                now += coin.Share * last;
                before += coin.Share * first;
            }
        }

        return before > 0 ? (now / before) - 1 : double.NaN;
    }

    private static double Part(int count, int of) => of == 0 ? double.NaN : (double)count / of;
}
