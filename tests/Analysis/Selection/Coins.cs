using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Selection;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Selection;

/// <summary>Invented panels of which it is known what is in them.</summary>
internal static class Coins
{
    public static readonly DateOnly Start = new(2021, 1, 1);

    /// <summary>Random walks around a common market; BTC is the first coin.</summary>
    /// <param name="pull">Share of the last 30 days' standing among the coins that each coin repeats each day; 0: nothing to find.</param>
    public static Dictionary<string, List<DailyPoint>> Series(int coins, int days, ulong seed, double pull = 0)
    {
        var random = new SeededRandom(seed);
        var log = new double[coins, days];
        for (var day = 0; day < days; day++)
        {
            var market = random.NextNormal() * 0.03;
            for (var coin = 0; coin < coins; coin++)
            {
                // The standing is what momentum_30 sees: from 30 days before to three.
                var standing = day > 31 ? log[coin, day - 4] - log[coin, day - 31] : 0;
                var others = 0.0;
                for (var other = 0; day > 31 && other < coins; other++)
                {
                    others += (log[other, day - 4] - log[other, day - 31]) / coins;
                }

                var own = random.NextNormal() * (0.02 + (0.002 * coin));
                log[coin, day] = (day == 0 ? coin : log[coin, day - 1]) + (market * (0.5 + (coin * 0.05))) + own + (pull * (standing - others));
            }
        }

        return Enumerable.Range(0, coins).ToDictionary(
            coin => coin == 0 ? "BTC" : $"C{coin:00}",
            coin => Enumerable.Range(0, days)
                .Select(day => new DailyPoint(Start.AddDays(day), Math.Exp(log[coin, day]), 1e6 * (1 + coin) * (1 + random.NextDouble()))).ToList(),
            StringComparer.Ordinal);
    }

    public static SelectionPanel Panel(this Dictionary<string, List<DailyPoint>> series) =>
        new(series.Select(pair => (pair.Key, SeriesCheck.Check(pair.Key, pair.Value).Runs)));

    public static WalkForwardRanking Rank(this Dictionary<string, List<DailyPoint>> series)
    {
        var panel = series.Panel();
        // Any regimes will do that are known by their day.
        return new WalkForwardRanking(panel, RankingSpecification.Standard, new RankingInputs([.. Enumerable.Range(0, panel.Days).Select(static day => (day / 50) % 4 - 1)]));
    }
}
