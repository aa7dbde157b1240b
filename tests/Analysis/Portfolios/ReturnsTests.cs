using CryptoAI.Analysis.Portfolios;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Portfolios;

public sealed class ReturnsTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_money_weighted_return_is_the_rate_of_a_published_example()
    {
        // The example in the documentation of the spreadsheet function XIRR: 0.373362535.
        CashFlow[] flows =
        [
            new(Day(2008, 1, 1), -10_000), new(Day(2008, 3, 1), 2_750), new(Day(2008, 10, 30), 4_250), new(Day(2009, 2, 15), 3_250),
            new(Day(2009, 4, 1), 2_750),
        ];
        Returns.MoneyWeighted(flows).ShouldNotBeNull().ShouldBe(0.373362535, 1e-8);
        Returns.MoneyWeighted([new(Start, -100), new(Start.AddDays(365), 110)]).ShouldNotBeNull().ShouldBe(0.1, 1e-12);
        Returns.MoneyWeighted([new(Start, -100), new(Start.AddDays(73), 40)]).ShouldNotBeNull().ShouldBe(Math.Pow(0.4, 5) - 1, 1e-12);
    }

    [Fact]
    public void Flows_of_one_sign_or_of_one_day_have_no_rate()
    {
        Returns.MoneyWeighted([]).ShouldBeNull();
        Returns.MoneyWeighted([new(Start, -100), new(Start.AddDays(9), -1)]).ShouldBeNull();
        Returns.MoneyWeighted([new(Start, -100), new(Start.AddHours(9), 300)]).ShouldBeNull();
        Returns.MoneyWeighted([new(Start, -1), new(Start.AddDays(1), 1e9)]).ShouldBeNull();
    }

    [Fact]
    public void A_random_rate_is_found_again()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var run = 0; run < 500; run++)
        {
            var rate = Math.Exp((random.NextDouble() * 4) - 2) - 1;
            var flows = Enumerable.Range(0, random.Next(1, 10)).Select(i => new CashFlow(Start.AddDays(random.Next(400) + (i == 0 ? -400 : 0)), -random.Next(1, 1000))).ToList();
            var end = Start.AddDays(400 + random.Next(100));
            flows.Add(new CashFlow(end, -flows.Sum(flow => flow.Amount * Math.Pow(1 + rate, (end - flow.At).TotalDays / 365))));
            Returns.MoneyWeighted(flows).ShouldNotBeNull($"seed {seed}").ShouldBe(rate, 1e-9 * (1 + rate), $"seed {seed}");
        }
    }

    [Fact]
    public void The_time_weighted_return_does_not_ask_when_money_was_put_in()
    {
        // +10 %, then 900 put in, then −50 %: 1.1 × 0.5 − 1, whatever the money was.
        ValuePeriod[] periods =
        [
            new(Start.AddDays(1), 0, 100, 0, 110), new(Start.AddDays(2), 110, 900, 0, 505), new(Start.AddDays(3), 505, 0, 505, 0), new(Start.AddDays(4), 0, 0, 0, 0),
        ];
        Returns.TimeWeighted(periods).ShouldBe(-0.45, 1e-12);
        Returns.TimeWeighted([]).ShouldBe(0);
    }

    [Fact]
    public void The_deepest_fall_is_from_a_peak_to_a_later_trough()
    {
        // Growth 1.2, 0.9, 1.5, 1.05, 1.2: falls of 25 % and 30 %, 20 % below the peak at the end.
        double[] growth = [1.2, 0.9, 1.5, 1.05, 1.2];
        var last = 1.0;
        var periods = growth.Select((level, i) =>
        {
            var period = new ValuePeriod(Start.AddDays(i), last, 0, 0, level);
            last = level;
            return period;
        }).ToArray();
        var drawdown = Returns.MaxDrawdown(periods);
        drawdown.Depth.ShouldBe(0.3, 1e-12);
        (drawdown.Peak, drawdown.Trough).ShouldBe((Start.AddDays(2), Start.AddDays(3)));
        drawdown.Current.ShouldBe(0.2, 1e-12);
    }

    [Fact]
    public void The_equity_curve_by_hand()
    {
        var empty = new Position(PositionSide.Long);
        DatedAction[] actions =
        [
            new(1, Start.AddHours(1), new LedgerAction(LedgerKind.Entry, 100, 1)),
            new(2, Start.AddDays(2).AddHours(1), new LedgerAction(LedgerKind.Entry, 50, 2, 1)),
            new(1, Start.AddDays(2).AddHours(2), new LedgerAction(LedgerKind.FullExit, 130, 1)),
        ];
        decimal[] closes = [110, 120, 140, 150];
        var positions = new Dictionary<long, CurvePosition>
        {
            [1] = new(empty, day => closes[day.DayNumber - DateOnly.FromDateTime(Start.UtcDateTime).DayNumber]),
            [2] = new(empty, _ => null),
        };

        var curve = EquityCurve.Build(actions, positions, Start.AddDays(3).AddHours(6), 99);

        curve.ShouldBe(
        [
            new ValuePeriod(Start.AddDays(1), 0, 100, 0, 110),
            new ValuePeriod(Start.AddDays(2), 110, 0, 0, 120),
            new ValuePeriod(Start.AddDays(3), 120, 101, 130, 100),
            new ValuePeriod(Start.AddDays(3).AddHours(6), 100, 0, 0, 99),
        ]);
    }

    private static DateTimeOffset Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
