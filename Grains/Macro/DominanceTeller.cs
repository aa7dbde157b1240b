using CryptoAI.Analysis.Macro;
using CryptoAI.Analysis.Series;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Macro;

/// <summary>Shares of the market for each day that enough assets have a capitalisation of. Each is told from that day and those before.</summary>
internal static class DominanceTeller
{
    /// <summary>Days that an asset which is not stated any more is still named.</summary>
    private const int NamedFor = 30;
    private const int MostNamed = 50;

    /// <param name="caps">As stated, by time and symbol.</param>
    /// <param name="leastAssets">Days with fewer are left out.</param>
    /// <returns>Oldest first.</returns>
    public static List<DominanceReading> Tell(IReadOnlyList<DailyCap> caps, int leastAssets)
    {
        var assets = caps.GroupBy(static cap => cap.Symbol, StringComparer.Ordinal)
            .Select(static asset => ValueCheck.CheckCaps(
                asset.Key, [.. asset.Select(static cap => new DailyPoint(RegimeTeller.DayEnding(cap.At), cap.Price ?? double.NaN, MarketCap: cap.Cap))]))
            .ToArray();
        var readings = new List<DominanceReading>();
        var shares = new Dictionary<DateTimeOffset, double>();
        foreach (var at in caps.Select(static cap => cap.At).Distinct().Order())
        {
            var day = RegimeTeller.DayEnding(at);
            var known = assets.Select(asset => (asset.Report.Name, Cap: asset.Latest(day))).Where(static asset => asset.Cap is not null);
            if (Dominance.Of(known.Select(static asset => (asset.Name, asset.Cap!.Value))) is not { } share || share.Assets < leastAssets)
            {
                continue;
            }

            shares.Add(at, share.Btc);
            var month = Before(Dominance.TrendDays);
            readings.Add(new DominanceReading(
                at, share.Btc, share.Eth, share.Alts, share.TotalCap, share.Assets, share.Btc - Before(7), share.Btc - month,
                (ShareTrend)Dominance.Trend(share.Btc, month ?? double.NaN), Doubted(assets, day)));

            double? Before(int days) => shares.TryGetValue(at.AddDays(-days), out var before) ? before : null;
        }

        return readings;
    }

    private static DoubtedAsset[]? Doubted(CheckedValues[] assets, DateOnly day)
    {
        DoubtedAsset[] doubted =
        [
            .. assets.Where(asset => !asset.Believed.ContainsKey(day) && WasStated(asset, day))
                .Select(asset => (Asset: asset, Cap: asset.Latest(day)))
                .OrderByDescending(static one => one.Cap ?? 0).ThenBy(static one => one.Asset.Report.Name, StringComparer.Ordinal)
                .Take(MostNamed)
                .Select(one => new DoubtedAsset(one.Asset.Report.Name, one.Asset.DoubtOf(day)!, one.Cap is null)),
        ];
        return doubted.Length == 0 ? null : doubted;
    }

    private static bool WasStated(CheckedValues asset, DateOnly day)
    {
        for (var back = 0; back <= NamedFor; back++)
        {
            if (asset.Stated.ContainsKey(day.AddDays(-back)))
            {
                return true;
            }
        }

        return false;
    }
}
