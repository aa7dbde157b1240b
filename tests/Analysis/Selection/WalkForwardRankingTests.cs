using CryptoAI.Analysis.Selection;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Tests.Analysis.Selection;

public sealed class WalkForwardRankingTests
{
    private const int Days = 700;

    [Fact]
    public void What_comes_later_never_changes_what_was_scored_before()
    {
        var seed = (ulong)Random.Shared.NextInt64();
        var whole = WithFaults(seed).Rank();
        var random = new Random(1);
        foreach (var cut in (int[])[400, 517, 600, 640])
        {
            // Another future: other prices from the next day on, coins that end, a coin that is listed. What a hole and a spike were is known only after them.
            var series = WithFaults(seed);
            foreach (var points in series.Values)
            {
                for (var i = points.FindIndex(point => point.Day > Coins.Start.AddDays(cut)); i < points.Count; i++)
                {
                    points[i] = points[i] with { Close = points[i].Close * Math.Exp(random.NextDouble() - 0.5), Volume = random.NextDouble() * 1e7 };
                }
            }

            foreach (var name in (string[])["C05", "C07", "C08"])
            {
                series[name].RemoveAll(point => point.Day > Coins.Start.AddDays(cut));
            }

            series["NEW"] = [.. Enumerable.Range(cut + 1, Days - cut - 1).Select(day => new DailyPoint(Coins.Start.AddDays(day), 1 + (day % 7), 1e6))];
            var other = series.Rank();
            for (var day = 0; day <= cut; day++)
            {
                foreach (var asset in whole.Panel.Coins)
                {
                    Bits(other, asset, day).ShouldBe(Bits(whole, asset, day), $"{asset} on {day}, cut {cut}, seed {seed}");
                }
            }

            whole.ModelOf(cut).ShouldNotBeNull();
            whole.Scores(cut).ToArray().Count(double.IsNaN).ShouldBe(cut == 600 ? 2 : 0);
        }

        // Two coins that on day 600 have no close that can be believed, and again one after it.
        static Dictionary<string, List<DailyPoint>> WithFaults(ulong seed)
        {
            var series = Coins.Series(12, Days, seed);
            series["C07"].RemoveRange(599, 2);
            series["C08"][600] = series["C08"][600] with { Close = series["C08"][600].Close / 50 };
            return series;
        }

        static long Bits(WalkForwardRanking ranking, string coin, int day) =>
            BitConverter.DoubleToInt64Bits(ranking.Scores(day)[ranking.Panel.IndexOf(coin)]);
    }

    [Fact]
    public void The_same_data_in_any_order_give_the_same_bits()
    {
        var series = Coins.Series(12, Days, 21);
        var once = series.Rank();
        var again = series.Reverse().ToDictionary(StringComparer.Ordinal).Rank();
        for (var day = 0; day < Days; day++)
        {
            again.Scores(day).SequenceEqual(once.Scores(day)).ShouldBeTrue($"day {day}");
        }

        once.Explain(Days - 1).Select(asset => (asset.Coin, BitConverter.DoubleToInt64Bits(asset.Score)))
            .ShouldBe(again.Explain(Days - 1).Select(asset => (asset.Coin, BitConverter.DoubleToInt64Bits(asset.Score))));
    }

    [Fact]
    public void Every_fit_rests_on_outcomes_that_were_known_and_agrees_with_the_normal_equations()
    {
        var ranking = Coins.Series(10, 420, 8).Rank();
        var specification = RankingSpecification.Standard;
        ranking.Models.ShouldNotBeEmpty();
        foreach (var model in ranking.Models)
        {
            (model.TrainTo + specification.Lag + (2 * specification.Horizon)).ShouldBe(model.FittedOn);
            ((ranking.Panel.First.DayNumber + model.FittedOn) % specification.RefitEvery).ShouldBe(0);
        }

        // (X'X / h + λI) w = X'y / h with X and y as they are defined.
        var last = ranking.Models[^1];
        var size = RankingFeatures.Count * 4;
        var left = new double[size];
        var gram = new double[size, size];
        var right = new double[size];
        for (var day = last.TrainFrom; day <= last.TrainTo; day++)
        {
            Assemble(ranking, day, gram, right, size);
        }

        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                left[i] += ((gram[i, j] / specification.Horizon) + (i == j ? 1 / 0.0009 : 0)) * last.Weights[j];
            }

            left[i].ShouldBe(right[i] / specification.Horizon, 1e-6);
        }
    }

    [Fact]
    public void A_score_is_the_sum_of_the_numbers_that_decided()
    {
        var ranking = Coins.Series(12, Days, 4).Rank();
        var explained = ranking.Explain(Days - 1);
        explained.Length.ShouldBe(12);
        explained.Select(asset => asset.Rank).ShouldBe(Enumerable.Range(1, 12));
        explained.Select(asset => asset.Score).ShouldBeInOrder(SortDirection.Descending);
        foreach (var asset in explained)
        {
            var sum = 0.0;
            foreach (var contribution in asset.Contributions)
            {
                sum += contribution;
            }

            sum.ShouldBe(asset.Score);
            asset.Score.ShouldBe(ranking.Scores(Days - 1)[ranking.Panel.IndexOf(asset.Coin)]);
        }

        ranking.Explain(100).ShouldBeEmpty();
    }

    [Fact]
    public void Too_few_coins_or_too_short_a_history_are_not_ranked()
    {
        Coins.Series(7, Days, 4).Rank().Models.ShouldBeEmpty();
        Coins.Series(12, 91 + 180 + 14, 4).Rank().Models.ShouldBeEmpty();
        Coins.Series(12, 91 + 180 + 16 + 28, 4).Rank().Models.ShouldNotBeEmpty();
        new WalkForwardRanking(new SelectionPanel([]), RankingSpecification.Standard).Models.ShouldBeEmpty();
    }

    private static void Assemble(WalkForwardRanking ranking, int day, double[,] gram, double[] right, int size)
    {
        var panel = ranking.Panel;
        var outcomes = ranking.Outcomes.On(day).ToArray();
        int[] members = [.. Enumerable.Range(0, panel.Coins.Count).Where(coin => panel.DaysUnbroken(coin, day) >= RankingFeatures.Warmup)];
        if (members.Length < ranking.Specification.LeastCoins)
        {
            return;
        }

        var rows = members.Select(_ => new double[RankingFeatures.Count]).ToArray();
        for (var i = 0; i < members.Length; i++)
        {
            RankingFeatures.TryCompute(panel, panel.IndexOf("BTC"), members[i], day, rows[i]);
            rows[i][RankingFeatures.Sector] = double.NaN;
        }

        for (var feature = 0; feature < RankingFeatures.Count; feature++)
        {
            var column = Ranked([.. rows.Select(row => row[feature])]);
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i][feature] = column[i];
            }
        }

        int[] known = [.. Enumerable.Range(0, members.Length).Where(i => !double.IsNaN(outcomes[members[i]]))];
        var targets = Ranked([.. known.Select(i => outcomes[members[i]])]);
        for (var k = 0; k < known.Length; k++)
        {
            var x = new double[size];
            rows[known[k]].CopyTo(x, 0);
            if (ranking.Regime(day) >= 0)
            {
                rows[known[k]].CopyTo(x, (1 + ranking.Regime(day)) * RankingFeatures.Count);
            }

            for (var i = 0; i < size; i++)
            {
                right[i] += x[i] * targets[k];
                for (var j = 0; j < size; j++)
                {
                    gram[i, j] += x[i] * x[j];
                }
            }
        }
    }

    private static double[] Ranked(double[] values)
    {
        CrossSection.Standardise(values, new double[values.Length], new int[values.Length]);
        return values;
    }
}
