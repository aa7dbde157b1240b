using CryptoAI.Analysis.Evaluation;
using CryptoAI.Analysis.Selection;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Selection;

public sealed class RankingSkillTests(ITestOutputHelper output)
{
    [Fact]
    public void A_planted_signal_is_found()
    {
        var report = RankingSkill.Measure(Coins.Series(20, 900, 31, pull: 0.016).Rank());
        output.WriteLine(report.Reason);
        report.Verdict.ShouldBe(SkillVerdict.Edge);
        report.All.MeanIc.Lower.ShouldBeGreaterThan(0.02);
        report.Allows(-1, out var reason).ShouldBeTrue();
        reason.ShouldStartWith("edge: mean IC 0.");
    }

    [Fact]
    public void Where_nothing_is_to_be_found_nothing_is_claimed()
    {
        var claimed = 0;
        for (ulong seed = 0; seed < 8; seed++)
        {
            var report = RankingSkill.Measure(Coins.Series(12, 800, 1000 + seed).Rank());
            output.WriteLine(report.Reason);
            claimed += report.Verdict == SkillVerdict.Edge ? 1 : 0;
            report.Allows(-1, out var reason).ShouldBe(report.Verdict == SkillVerdict.Edge);
            reason.ShouldContain("over 1");
        }

        claimed.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Shuffled_dates_show_no_skill_even_where_a_signal_is_planted()
    {
        var series = Coins.Series(20, 900, 31, pull: 0.016);
        var panel = series.Panel();
        var outcomes = ForwardReturns.Of(panel, RankingSpecification.Standard).Shuffled(1, keepCoins: false);
        var report = RankingSkill.Measure(new WalkForwardRanking(panel, RankingSpecification.Standard, outcomes: outcomes));
        output.WriteLine(report.Reason);
        report.All.MeanIc.Includes(0).ShouldBeTrue();
        Math.Abs(report.All.MeanIc.Estimate).ShouldBeLessThan(0.02);
    }

    [Fact]
    public void Shuffling_deals_the_same_returns_to_other_days()
    {
        var panel = Coins.Series(9, 300, 2).Panel();
        var outcomes = ForwardReturns.Of(panel, RankingSpecification.Standard);
        foreach (var keep in (bool[])[true, false])
        {
            var shuffled = outcomes.Shuffled(3, keep);
            var before = Enumerable.Range(0, 300).SelectMany(day => outcomes.On(day).ToArray()).Where(value => !double.IsNaN(value)).Order().ToArray();
            var after = Enumerable.Range(0, 300).SelectMany(day => shuffled.On(day).ToArray()).Where(value => !double.IsNaN(value)).Order().ToArray();
            after.ShouldBe(before);
            Enumerable.Range(0, 290).Count(day => shuffled.On(day).SequenceEqual(outcomes.On(day))).ShouldBeLessThan(10);
        }
    }

    [Fact]
    public void A_leaked_outcome_is_found_out_and_nothing_is_recommended_by_it()
    {
        var panel = Coins.Series(12, 800, 77).Panel();
        var outcomes = ForwardReturns.Of(panel, RankingSpecification.Standard);
        var random = new SeededRandom(5);
        var leak = new double[panel.Coins.Count * panel.Days];
        for (var coin = 0; coin < panel.Coins.Count; coin++)
        {
            for (var day = 0; day < panel.Days; day++)
            {
                leak[(coin * panel.Days) + day] = outcomes.On(day)[coin] + (random.NextNormal() * 0.03);
            }
        }

        var report = RankingSkill.Measure(new WalkForwardRanking(panel, RankingSpecification.Standard, new RankingInputs(SectorStrength: leak)));
        output.WriteLine(report.Reason);
        report.Verdict.ShouldBe(SkillVerdict.Implausible);
        report.Allows(-1, out var reason).ShouldBeFalse();
        reason.ShouldContain("knows the outcome");
    }

    [Fact]
    public void A_regime_without_an_edge_of_its_own_is_refused()
    {
        var good = new SkillPart("all", 900, 30, new Interval(0.05, 0.02, 0.08), new Interval(0.02, 0.01, 0.03), 0, 0);
        var report = new SkillReport(
            SkillVerdict.Edge, "edge", good,
            [good with { Part = "bull" }, good with { Part = "bear", MeanIc = new Interval(0.01, -0.02, 0.04) }, good with { Part = "sideways", Months = 4 }], [], []);
        report.Allows(0, out _).ShouldBeTrue();
        report.Allows(1, out var reason).ShouldBeFalse();
        reason.ShouldBe("no edge while the market is bear: mean IC 0.010 [-0.020, 0.040] over 30 months");
        report.Allows(2, out _).ShouldBeFalse();

        // Ranks that are right and earn nothing are no edge either.
        var poor = report with { Regimes = [good with { Part = "bull", Spread = new Interval(0.0005, -0.0148, 0.014) }, good, good] };
        poor.Allows(0, out var costs).ShouldBeFalse();
        costs.ShouldBe("no edge while the market is bull: mean IC 0.050 [0.020, 0.080] over 30 months, top less bottom fifth after costs 0.05% [-1.48%, 1.40%]");
    }

    [Fact]
    public void Means_and_spreads_agree_with_a_naive_recomputation()
    {
        var ranking = Coins.Series(11, 800, 9).Rank();
        var report = RankingSkill.Measure(ranking);
        var days = Enumerable.Range(0, 800).Where(day => ranking.ModelOf(day) is not null && day + 8 < 800).ToArray();
        var skills = days.Select(day => (Day: day, Ic: RankCorrelation.Spearman(ranking.Scores(day), ranking.Outcomes.On(day)), Net: Net(day))).ToArray();
        var months = skills.GroupBy(skill => (ranking.Panel.DayAt(skill.Day).Year, ranking.Panel.DayAt(skill.Day).Month)).Where(month => month.Count() >= 5).ToArray();
        report.All.Days.ShouldBe(days.Length);
        report.All.Months.ShouldBe(months.Length);
        report.All.MeanIc.Estimate.ShouldBe(months.Average(month => month.Average(skill => skill.Ic)), 1e-12);
        report.All.Spread.Estimate.ShouldBe(months.Average(month => month.Average(skill => skill.Net)), 1e-12);
        report.Years.Sum(year => year.Days).ShouldBe(days.Length);

        double Net(int day)
        {
            var now = Weights(day);
            var before = ranking.ModelOf(day - 7) is null ? [] : Weights(day - 7);
            var turnover = now.Keys.Union(before.Keys).Sum(coin => Math.Abs(now.GetValueOrDefault(coin) - before.GetValueOrDefault(coin)));
            return now.Sum(pair => pair.Value * (Math.Exp(ranking.Outcomes.On(day)[ranking.Panel.IndexOf(pair.Key)]) - 1)) - (0.0015 * turnover);
        }

        // Eleven coins: the best two against the worst two.
        Dictionary<string, double> Weights(int day) => ranking.Explain(day) is var ranked
            ? new(ranked.Take(2).Select(asset => KeyValuePair.Create(asset.Coin, 0.5)).Concat(ranked.TakeLast(2).Select(asset => KeyValuePair.Create(asset.Coin, -0.5))))
            : [];
    }
}
