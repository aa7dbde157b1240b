using CryptoAI.Analysis.Selection;

namespace CryptoAI.Tests.Analysis.Selection;

public sealed class RankingFeaturesTests
{
    [Fact]
    public void Every_feature_agrees_with_its_definition()
    {
        var series = Coins.Series(4, 200, 11);
        series["C02"][150] = series["C02"][150] with { Volume = double.NaN };
        var panel = series.Panel();
        Span<double> features = stackalloc double[RankingFeatures.Count];
        foreach (var (coin, points) in series)
        {
            foreach (var day in (int[])[90, 120, 155, 199])
            {
                double R(string of, int at) => Math.Log(series[of][at].Close / series[of][at - 1].Close);
                double Mom(int days) => Math.Log(points[day - 3].Close / points[day - days].Close);
                double[] last(string of, int n) => [.. Enumerable.Range(day - n + 1, n).Select(at => R(of, at))];
                var month = last(coin, 30);
                var moved = Enumerable.Range(day - 29, 30).Where(at => points[at].Volume > 0).Average(at => Math.Abs(R(coin, at)) / points[at].Volume);
                var (own, market) = (last(coin, 60), last("BTC", 60));
                double[] expected =
                [
                    Mom(14), Mom(30), Mom(90),
                    Math.Log(points[day].Close / points[day - 3].Close),
                    Math.Sqrt(month.Sum(r => Math.Pow(r - month.Average(), 2)) / 29),
                    -Math.Log(moved),
                    Math.Log(points[day].Close / points.Skip(day - 89).Take(90).Max(point => point.Close)),
                    own.Zip(market, (x, y) => (x - own.Average()) * (y - market.Average())).Sum() / market.Sum(y => Math.Pow(y - market.Average(), 2)),
                ];
                RankingFeatures.TryCompute(panel, panel.IndexOf("BTC"), panel.IndexOf(coin), day, features).ShouldBeTrue();
                for (var i = 0; i < expected.Length; i++)
                {
                    features[i].ShouldBe(expected[i], 1e-9, $"{RankingFeatures.Names[i]} of {coin} on {day}");
                }
            }
        }
    }

    [Fact]
    public void A_coin_is_ranked_from_its_ninety_first_unbroken_day_on()
    {
        var series = Coins.Series(3, 300, 5);
        series["C01"].RemoveRange(100, 10);
        var panel = series.Panel();
        var features = new double[RankingFeatures.Count];
        var coin = panel.IndexOf("C01");
        Enumerable.Range(0, 300).Where(day => RankingFeatures.TryCompute(panel, 0, coin, day, features))
            .ShouldBe([.. Enumerable.Range(90, 10), .. Enumerable.Range(200, 100)]);
    }

    [Fact]
    public void A_coin_is_not_ranked_on_a_day_whose_close_came_only_from_a_later_bridge()
    {
        var series = Coins.Series(3, 300, 6);
        series["C01"].RemoveRange(200, 2);
        series["C02"][250] = series["C02"][250] with { Close = series["C02"][250].Close * 100 };
        series["BTC"].RemoveAt(280);
        var panel = series.Panel();
        var features = new double[RankingFeatures.Count];
        Unranked("C01").ShouldBe([200, 201]);
        Unranked("C02").ShouldBe([250]);
        RankingFeatures.TryCompute(panel, panel.IndexOf("BTC"), panel.IndexOf("C01"), 280, features).ShouldBeTrue();
        features[7].ShouldBe(double.NaN, "the market had no close");
        RankingFeatures.TryCompute(panel, panel.IndexOf("BTC"), panel.IndexOf("C01"), 281, features).ShouldBeTrue();
        features[7].ShouldNotBe(double.NaN);

        int[] Unranked(string coin) =>
            [.. Enumerable.Range(90, 210).Where(day => !RankingFeatures.TryCompute(panel, panel.IndexOf("BTC"), panel.IndexOf(coin), day, features))];
    }

    [Fact]
    public void Standardised_values_are_their_centred_ranks_and_an_unknown_one_is_the_middle()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var values = Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(4) == 0 ? double.NaN : random.Next(12) / 3.0).ToArray();
            var known = values.Where(value => !double.IsNaN(value)).ToArray();
            var expected = values.Select(value => double.IsNaN(value)
                ? 0
                : (known.Count(other => other < value) + ((known.Count(other => other == value) + 1) / 2.0) - ((known.Length + 1) / 2.0)) / known.Length * Math.Sqrt(12)).ToArray();
            CrossSection.Standardise(values, new double[values.Length], new int[values.Length]);
            values.ShouldBe(expected, 1e-12, $"seed {seed}");
        }
    }
}
