using CryptoAI.Analysis.Portfolios;

namespace CryptoAI.Tests.Analysis.Portfolios;

public sealed class RiskTests
{
    [Fact]
    public void Value_at_risk_and_expected_shortfall_of_a_hundred_days_by_hand()
    {
        // Losses of 1 to 100 USD, shuffled: the 95th is 95, and the five worse ones have a mean of 98.
        var profits = Enumerable.Range(1, 100).Select(loss => -(double)loss).OrderBy(loss => loss % 7).ToArray();
        HistoricalRisk.ValueAtRisk(profits, 0.95).ShouldBe(95);
        HistoricalRisk.ExpectedShortfall(profits, 0.95).ShouldBe(98, 1e-9);
        HistoricalRisk.ValueAtRisk(profits, 0.99).ShouldBe(99);
        HistoricalRisk.ExpectedShortfall(profits, 0.99).ShouldBe(100, 1e-9);

        // Of ten days, the worst 2.5: 10, 9 and half of 8.
        var ten = profits.Where(profit => profit >= -10).ToArray();
        HistoricalRisk.ValueAtRisk(ten, 0.75).ShouldBe(8);
        HistoricalRisk.ExpectedShortfall(ten, 0.75).ShouldBe((10 + 9 + (0.5 * 8)) / 2.5, 1e-9);
    }

    [Fact]
    public void Days_that_only_gained_risk_nothing()
    {
        HistoricalRisk.ValueAtRisk([1, 2, 3], 0.95).ShouldBe(0);
        HistoricalRisk.ExpectedShortfall([1, 2, 3], 0.95).ShouldBe(0);
    }

    [Fact]
    public void The_shortfall_is_never_below_the_value_at_risk()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 1_000; run++)
        {
            var profits = Enumerable.Range(0, random.Next(1, 400)).Select(_ => random.NextDouble() - 0.5).ToArray();
            var level = 0.5 + (random.NextDouble() * 0.499);
            HistoricalRisk.ExpectedShortfall(profits, level).ShouldBeGreaterThanOrEqualTo(HistoricalRisk.ValueAtRisk(profits, level) - 1e-9, $"seed {seed}");
        }
    }

    [Fact]
    public void Exposures_make_each_days_profit()
    {
        HistoricalRisk.Profits([1000, -500], [[0.1, -0.2], [0.02, 0.1]]).ShouldBe([90, -250]);
    }

    [Fact]
    public void Beta_is_the_slope_against_the_market()
    {
        double[] market = [0.01, -0.02, 0.03, 0.00];
        HistoricalRisk.Beta([.. market.Select(r => (1.5 * r) + 0.004)], market).ShouldNotBeNull().ShouldBe(1.5, 1e-12);
        HistoricalRisk.Beta([1, 2], [0.1, 0.1]).ShouldBeNull();
        HistoricalRisk.Beta([], []).ShouldBeNull();
    }

    [Fact]
    public void A_position_is_sized_so_that_its_stop_costs_what_was_meant()
    {
        // 1 % of 10,000 over a distance of 500: 0.2 units, worth 5,000 at 25,000.
        var size = PositionSizing.FromStop(10_000, 1, 25_000, 24_500, 26_500, 5, 0);
        size.ShouldBe(new PositionSize(0.2m, 5_000, 1_000, 100, 500, 2, 300, 3));

        // Fees of 0.1 % on both trades: 49.5 more a unit.
        var withFees = PositionSizing.FromStop(10_000, 1, 25_000, 24_500, null, 1, 0.1m);
        withFees.LossPerUnit.ShouldBe(549.5m);
        withFees.Quantity.ShouldBe(0.18198362m);
        withFees.Loss.ShouldBe(99.99999919m);
        PositionSizing.FromStop(10_000, 1, 100, 110, 80, 1, 0).RewardRisk.ShouldBe(2);
    }

    [Theory]
    [InlineData(0, 1, 100, 90, "capital")]
    [InlineData(100, 0, 100, 90, "riskPercent")]
    [InlineData(100, 101, 100, 90, "riskPercent")]
    [InlineData(100, 1, 0, 90, "entryPrice")]
    [InlineData(100, 1, 100, 100, "stopPrice")]
    [InlineData(0.0000001, 1, 10000000, 1, "riskPercent")]
    public void Sizing_refuses_what_makes_no_sense(double capital, double risk, double entry, double stop, string field) =>
        Should.Throw<LedgerException>(() => PositionSizing.FromStop((decimal)capital, (decimal)risk, (decimal)entry, (decimal)stop, null, 1, 0)).Field.ShouldBe(field);

    [Fact]
    public void Each_limit_is_broken_just_beyond_its_value()
    {
        var others = new RiskBook([new("BTC", 3_000, 3_000, 1, 300), new("ETH", -1_000, 500, 2, null)]);
        var changed = new RiskPosition("BTC", 2_000, 400, 5, 100);
        (RiskLimitKind Kind, decimal Value)[] facts =
        [
            (RiskLimitKind.PositionSize, 2_000), (RiskLimitKind.PortfolioRisk, 0.09m), (RiskLimitKind.TradeRisk, 1),
            (RiskLimitKind.AssetShare, 50), (RiskLimitKind.Leverage, 5), (RiskLimitKind.TotalExposure, 0.6m), (RiskLimitKind.OpenPositions, 3),
        ];
        facts.Length.ShouldBe(Enum.GetValues<RiskLimitKind>().Length);
        RiskLimits.Check(facts, 10_000, others, changed, isNew: true).ShouldBeEmpty();
        RiskLimits.Check(facts.Select(fact => (fact.Kind, fact.Value - 0.001m)), 10_000, others, changed, isNew: true)
            .ShouldBe(facts.Select(fact => new RiskBreach(fact.Kind, fact.Value - 0.001m, fact.Value)));
        RiskLimits.Check([(RiskLimitKind.OpenPositions, 1)], 10_000, others, changed, isNew: false).ShouldBeEmpty();
        RiskLimits.Check([(RiskLimitKind.TradeRisk, 100)], 0, others, changed, isNew: true).Count.ShouldBe(1);
    }

    [Fact]
    public void Drift_says_what_to_buy_and_to_sell()
    {
        var drift = Allocation.Drift([("BTC", 4_000, 30), ("BTC", 2_000, 20), ("ETH", 1_000, 20), ("SOL", 3_000, null)], 10_000);
        drift.ShouldBe([new AllocationDrift("BTC", 6_000, 60, 50, 10, -1_000), new AllocationDrift("ETH", 1_000, 10, 20, -10, 1_000)], ignoreOrder: true);
        Allocation.Drift([("BTC", 1, 30)], 0).ShouldBeEmpty();
    }

    [Fact]
    public void Statistics_of_five_trades_by_hand()
    {
        RoundTrip[] trades =
        [
            Trade(100, "calm", 50), Trade(-50, "fomo", 50), Trade(-30, "fomo", null), Trade(20, "calm", 10), Trade(0, null, null),
        ];
        var all = TradeStatistics.Of(trades);
        all.ShouldBe(new TradeStatistics(5, 2, 2, 40, 0.4, 60, -40, 8, all.ExpectancyError, 1.5, all.AverageReturn, 1));
        all.AverageReturn.ShouldNotBeNull().ShouldBe(0.008, 1e-12);
        all.ExpectancyError.ShouldNotBeNull().ShouldBe(Math.Sqrt(((92 * 92) + (58 * 58) + (38 * 38) + (12 * 12) + (8 * 8)) / 4.0 / 5), 1e-9);
        var byEmotion = TradeStatistics.By(trades, trade => trade.Emotion);
        byEmotion.Select(group => (group.Key, group.Statistics.Trades, group.Statistics.Profit)).ShouldBe([("calm", 2, 120m), ("fomo", 2, -80m)]);
        TradeStatistics.Of([]).ShouldBe(new TradeStatistics(0, 0, 0, 0, null, null, null, null, null, null, null, null));

        static RoundTrip Trade(decimal profit, string? emotion, decimal? risk) => new("BTC", "breakout", "1h", emotion, 5, 5, profit, 1_000, risk);
    }
}
