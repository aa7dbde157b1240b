namespace CryptoAI.Analysis.Sectors;

/// <summary>A sector day by day, up to the last whole day. All lists are equally long, the last entry is the last day.</summary>
/// <param name="SectorId">crypto_sectors.id.</param>
/// <param name="Returns">Of each day, 0.01 is one percent; NaN where no asset is usable.</param>
/// <param name="Caps">Share times capitalisation of what is weighted by it, when the day begins, USD; NaN where the day is weighted equally.</param>
/// <param name="Flows">
/// Change of capitalisation less what the price explains, as a fraction of the capitalisation when the day begins; NaN where capitalisations are not stated for both ends.
/// </param>
/// <param name="Coins">Usable assets on the last day.</param>
/// <param name="Coverage">Their part, by share, of those with any usable day; 0 to 1.</param>
public sealed record SectorTrack(
    long SectorId, IReadOnlyList<double> Returns, IReadOnlyList<double> Caps, IReadOnlyList<double> Flows, int Coins, double Coverage)
{
    /// <summary>Goes through the days of a sector's assets. An asset counts on the days on which it is usable, so listings and ends make no jumps.</summary>
    public static SectorTrack Of(long sectorId, IReadOnlyList<SectorCoin> coins, DateOnly lastDay) =>
        Of(sectorId, SectorPerformance.Check(coins, lastDay));

    internal static SectorTrack Of(long sectorId, CheckedCoin[] known)
    {
        const int Days = SectorPerformance.History - 1;
        var entries = new SectorDays(known.Length);
        var (returns, caps, flows) = (new double[Days], new double[Days], new double[Days]);
        var (usable, share) = (0, 0.0);
        for (var day = 1; day <= Days; day++)
        {
            (returns[day - 1], caps[day - 1], flows[day - 1], usable, share) = entries.Of(known, day);
        }

        var listed = known.Where(static coin => coin.IsKnown).Sum(static coin => coin.Share);
        return new SectorTrack(sectorId, returns, caps, flows, usable, listed > 0 ? share / listed : 0);
    }
}
