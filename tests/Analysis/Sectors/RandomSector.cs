using CryptoAI.Analysis.Sectors;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Sectors;

/// <summary>Made-up assets whose prices walk at random.</summary>
internal sealed class RandomSector(int seed)
{
    public static readonly DateOnly LastDay = new(2025, 6, 30);

    private readonly Random _random = new(seed);

    public SectorCoin Coin(string symbol, int days = SectorPerformance.History, double share = 1, bool hasCaps = true, double drift = 0, Func<int, bool>? isMissing = null)
    {
        var (price, supply) = (10 + (90 * _random.NextDouble()), 1e6 * (1 + (99 * _random.NextDouble())));
        var points = new List<DailyPoint>();
        for (var i = 0; i < days; i++)
        {
            price *= Math.Exp(drift + (0.03 * Gauss()));
            supply *= 1 + (0.002 * _random.NextDouble());
            if (isMissing?.Invoke(i) != true)
            {
                points.Add(new DailyPoint(LastDay.AddDays(i + 1 - days), price, 1e6 * (0.5 + _random.NextDouble()), hasCaps ? price * supply : double.NaN));
            }
        }

        return new SectorCoin(symbol, share, points, HourlyPrices.Unknown);
    }

    public double Gauss()
    {
        var (a, b) = (1 - _random.NextDouble(), _random.NextDouble());
        return Math.Sqrt(-2 * Math.Log(a)) * Math.Cos(2 * Math.PI * b);
    }

    public double Share() => Math.Round(0.05 + (0.95 * _random.NextDouble()), 2);
}
