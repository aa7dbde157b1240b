using CryptoAI.Analysis.Macro;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Macro;

/// <summary>Shares of the market for each day that enough assets have a capitalisation of.</summary>
internal static class DominanceTeller
{
    /// <param name="caps">By time and symbol.</param>
    /// <param name="leastAssets">Days with fewer are left out.</param>
    /// <returns>Oldest first.</returns>
    public static List<DominanceReading> Tell(IReadOnlyList<DailyCap> caps, int leastAssets)
    {
        var readings = new List<DominanceReading>();
        var shares = new Dictionary<DateTimeOffset, double>();
        foreach (var day in caps.GroupBy(static cap => cap.At))
        {
            if (Dominance.Of(day.Select(static cap => (cap.Symbol, cap.Cap))) is not { } share || share.Assets < leastAssets)
            {
                continue;
            }

            shares.Add(day.Key, share.Btc);
            var month = Before(Dominance.TrendDays);
            readings.Add(new DominanceReading(
                day.Key, share.Btc, share.Eth, share.Alts, share.TotalCap, share.Assets, share.Btc - Before(7), share.Btc - month,
                (ShareTrend)Dominance.Trend(share.Btc, month ?? double.NaN)));

            double? Before(int days) => shares.TryGetValue(day.Key.AddDays(-days), out var before) ? before : null;
        }

        return readings;
    }
}
