using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Sectors;
using SectorPhase = CryptoAI.Grains.Interfaces.Sectors.SectorPhase;
using SectorWeighting = CryptoAI.Grains.Interfaces.Sectors.SectorWeighting;

namespace CryptoAI.Grains.Sectors;

/// <summary>Between what is stored, what is calculated and what is shown: fractions become percent, NaN becomes null.</summary>
internal static class SectorReadings
{
    public static SectorCoin Coin(SectorAsset asset) => new(
        asset.Symbol,
        (double)asset.Allocation / 100,
        [.. asset.Days.Select(static day => new DailyPoint(day.Day, day.Close, day.Volume ?? double.NaN, day.MarketCap ?? double.NaN))],
        asset.Prices.Length == 0 ? HourlyPrices.Unknown : new HourlyPrices(Price(asset, 0), Price(asset, 1), Price(asset, 2), Price(asset, 3)));

    public static SectorReading Reading(long sectorId, DateTimeOffset at, SectorFigures figures) => new(
        sectorId, at, Percent(figures.Day.Return), Percent(figures.Week.Return), Percent(figures.Month.Return),
        Percent(figures.VolumeChange), Percent(figures.CapChange),
        new SectorMetrics(
            Known(figures.Up), Known(figures.AboveMean), figures.Coins, figures.UsableCoins,
            [Window(figures.Day), Window(figures.Week), Window(figures.Month)], Standing: null, StandingUnknown: null));

    public static StandingReading Standing(RelativeStrength strength) => new(
        strength.Score, (SectorPhase)strength.Phase, strength.Coverage,
        [.. strength.Horizons.Select(static one => new HorizonReading(one.Days, one.Strength, one.Momentum, Percent(one.Flow), one.Score))]);

    /// <param name="rotation">Of an hour.</param>
    /// <param name="readings">Of the same hour.</param>
    public static SectorChange Change(RotationReading rotation, IReadOnlyList<SectorReading> readings)
    {
        var known = readings.ToDictionary(static reading => reading.SectorId);
        return new SectorChange(
            rotation.At,
            [
                .. rotation.Sectors.Select(sector => new SectorMove(
                    sector.Id, sector.Name, known[sector.Id].Performance24h, known[sector.Id].Performance7d, known[sector.Id].Performance30d,
                    sector.Standing?.Score, sector.Standing?.Phase)),
            ],
            rotation.Rotations);
    }

    private static WindowReading Window(SectorWindow window) => new(
        window.Days, (SectorWeighting)window.Weighting,
        [.. window.Weights.Select(static part => new WeightReading(part.Symbol, part.Weight, 100 * part.Return))],
        [.. window.LeftOut.Select(static coin => new LeftOutReading(coin.Symbol, coin.Reason))]);

    private static double Price(SectorAsset asset, int place) => asset.Prices[place] is { } price and > 0 ? price : double.NaN;

    private static double? Percent(double fraction) => Known(100 * fraction);

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
