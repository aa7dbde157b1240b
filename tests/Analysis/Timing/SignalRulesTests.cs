using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Timing;

public sealed class SignalRulesTests
{
    private static readonly IndicatorValues Uptrend = new()
    {
        Sma200 = 90, Ema50 = 95, Ema20 = 100, Rsi14 = 55, Adx14 = 30, PlusDi14 = 30, MinusDi14 = 15, Atr14 = 1,
        BollingerUpper = 104, BollingerMiddle = 100, BollingerLower = 96,
    };

    private static readonly IndicatorValues Downtrend = Uptrend with
    {
        Sma200 = 110, Ema50 = 105, Rsi14 = 45, PlusDi14 = 15, MinusDi14 = 30,
    };

    private long time = CandleSeries.Start;

    [Fact]
    public void A_pullback_to_the_average_in_an_uptrend_is_bought_when_the_price_turns_up_again()
    {
        var rules = new SignalRules(60);
        rules.TryEvaluate(Candle(101.5, 101, 100.5, 101), Uptrend with { Rsi14 = 49 }, out _).ShouldBeFalse();
        rules.TryEvaluate(Candle(101, 101.2, 99.5, 100.5), Uptrend, out _).ShouldBeFalse();
        rules.TryEvaluate(Candle(100.5, 102, 100.4, 101.3), Uptrend, out var plan).ShouldBeTrue();

        plan.ShouldNotBeNull();
        plan.Rule.ShouldBe("trend_pullback");
        plan.Side.ShouldBe(PositionSide.Long);
        plan.Entry.ShouldBe(101.3);
        plan.Stop.ShouldBe(99.4, 1e-9, "a tenth of an ATR below the swing, which is farther than 1.5 ATR");
        plan.Target.ShouldBe(105.1, 1e-9);
        plan.RiskReward.ShouldBe(2, 1e-9);
        plan.CreatedAt.ShouldBe(time);
        plan.ExpiresAt.ShouldBe(time + (24 * 60 * CandleSeries.Minute));
        plan.HorizonHours.ShouldBe(24);
        plan.RiskLevel.ShouldBe("high", "1/101.3 an hour is 4.8 % a day");
        plan.Confidence.ShouldBe(0.2 + (0.6 * ((10 / 30.0) + (15 / 30.0) + 1) / 3), 1e-9);
        plan.Reasons.ShouldContain(new SignalReason("adx14", 30, 20));
    }

    [Fact]
    public void A_pullback_in_a_downtrend_is_sold()
    {
        var rules = new SignalRules(15);
        rules.TryEvaluate(Candle(99, 100.1, 98.8, 99.5), Downtrend with { Rsi14 = 51 }, out _).ShouldBeFalse();
        rules.TryEvaluate(Candle(99.5, 99.6, 98.7, 98.7), Downtrend, out var plan).ShouldBeTrue();

        plan!.Side.ShouldBe(PositionSide.Short);
        plan.Stop.ShouldBe(100.2, 1e-9);
        plan.Target.ShouldBe(95.7, 1e-9);
        plan.HorizonHours.ShouldBe(6);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("adx at 20", true)]
    [InlineData("adx below 20", false)]
    [InlineData("direction against", false)]
    [InlineData("average below", false)]
    [InlineData("no dip of the rsi", false)]
    [InlineData("no touch", false)]
    [InlineData("dip too long ago", false)]
    [InlineData("close at the high before", false)]
    [InlineData("unknown average", false)]
    public void Every_condition_of_the_pullback_is_needed(string change, bool expected)
    {
        var values = change switch
        {
            "adx at 20" => Uptrend with { Adx14 = 20 },
            "adx below 20" => Uptrend with { Adx14 = 19.99 },
            "direction against" => Uptrend with { MinusDi14 = 30 },
            "average below" => Uptrend with { Ema50 = 90 },
            "unknown average" => Uptrend with { Sma200 = double.NaN },
            _ => Uptrend,
        };
        var rules = new SignalRules(60);
        rules.TryEvaluate(
            Candle(100, 100.5, change == "no touch" ? 100.1 : 99.9, 100.2), Uptrend with { Rsi14 = change == "no dip of the rsi" ? 50 : 49 }, out _);
        for (var i = 0; i < (change == "dip too long ago" ? 2 : 0); i++)
        {
            rules.TryEvaluate(Candle(100.2, 100.5, 100.1, 100.2), Uptrend, out _).ShouldBeFalse();
        }

        rules.TryEvaluate(Candle(100.2, 101, 100.1, change == "close at the high before" ? 100.5 : 100.9), values, out _).ShouldBe(expected);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("volume just enough", true)]
    [InlineData("volume too small", false)]
    [InlineData("adx not rising", false)]
    [InlineData("close at the channel", false)]
    [InlineData("bands at the median", false)]
    [InlineData("bands just under the median", true)]
    [InlineData("too little history", false)]
    public void Every_condition_of_the_breakout_is_needed(string change, bool expected)
    {
        var rules = new SignalRules(240);
        var calm = Uptrend with { Sma200 = double.NaN };
        var narrower = change switch { "bands at the median" => 50, "bands just under the median" => 49, _ => 0 };
        for (var i = 0; i < (change == "too little history" ? 99 : 100); i++)
        {
            var half = i == 99 ? 2 : i < narrower ? 1 : 3;
            rules.TryEvaluate(
                Candle(100, 101, 99, 100, 10), calm with { BollingerUpper = 100 + half, BollingerLower = 100 - half }, out _).ShouldBeFalse();
        }

        var volume = change switch { "volume just enough" => 15, "volume too small" => 14.9, _ => 30 };
        var issued = rules.TryEvaluate(
            Candle(100, 103, 100, change == "close at the channel" ? 101 : 102, volume),
            calm with { Adx14 = change == "adx not rising" ? 30 : 31 },
            out var plan);

        issued.ShouldBe(expected);
        if (issued)
        {
            plan!.Rule.ShouldBe("breakout");
            plan.Stop.ShouldBe(100.5, 1e-9);
            plan.Target.ShouldBe(105, 1e-9);
            plan.HorizonHours.ShouldBe(96);
        }
    }

    [Theory]
    [InlineData(0.01, false)]
    [InlineData(0.07, true)]
    [InlineData(6.5, true)]
    [InlineData(7.0, false)]
    public void A_stop_nearer_than_a_thousandth_or_farther_than_a_tenth_of_the_price_gives_no_signal(double atr, bool expected)
    {
        var rules = new SignalRules(60);
        rules.TryEvaluate(Candle(101, 101, 100.95, 101), Uptrend with { Ema20 = 100.95, Rsi14 = 40 }, out _);

        rules.TryEvaluate(Candle(101, 101.1, 100.96, 101.001), Uptrend with { Ema20 = 100.95, Atr14 = atr }, out _).ShouldBe(expected);
    }

    [Fact]
    public void Target_and_stop_lie_on_the_tick_and_a_tick_too_coarse_for_the_reward_gives_no_signal()
    {
        SignalPlan? PlanWithTick(double tick)
        {
            var rules = new SignalRules(60, tick);
            rules.TryEvaluate(Candle(100, 100.5, 99.9, 100.2), Uptrend with { Rsi14 = 40 }, out _);
            rules.TryEvaluate(Candle(100.2, 101, 100.1, 100.9), Uptrend with { Atr14 = 0.84 }, out var plan);
            return plan;
        }

        var exact = PlanWithTick(0).ShouldNotBeNull();
        exact.Stop.ShouldBe(99.64, 1e-9);
        var rounded = PlanWithTick(0.1).ShouldNotBeNull();
        rounded.Stop.ShouldBe(99.6, 1e-9);
        rounded.Target.ShouldBe(103.4, 1e-9);
        rounded.RiskReward.ShouldBe(2.5 / 1.3, 1e-9);
        PlanWithTick(1.7).ShouldBeNull("the stop is rounded to 98.6, 2.3 away, the target to 103.7, 2.8 away");
    }

    [Fact]
    public void A_rule_that_gave_a_signal_is_silent_on_that_side_for_twenty_candles()
    {
        var rules = new SignalRules(60);
        var issuedAt = new List<int>();
        var price = 100.0;
        for (var i = 0; i < 60; i++)
        {
            // Every candle meets all conditions of the pullback.
            price *= 1.02;
            var values = Uptrend with { Ema20 = price * 0.999, Rsi14 = 49, Atr14 = price / 100 };
            if (rules.TryEvaluate(Candle(price * 0.99, price * 1.001, price * 0.985, price), values, out _))
            {
                issuedAt.Add(i);
            }
        }

        issuedAt.ShouldBe([1, 22, 43]);
    }

    [Fact]
    public void A_candle_out_of_order_is_refused()
    {
        var rules = new SignalRules(60);
        var candle = Candle(1, 1, 1, 1);
        rules.TryEvaluate(candle, new IndicatorValues(), out _);
        Should.Throw<ArgumentException>(() => rules.TryEvaluate(candle, new IndicatorValues(), out _));
    }

    [Fact]
    public void On_random_markets_a_plan_appears_exactly_where_the_rules_words_hold()
    {
        var (signals, rulesSeen) = (0, new HashSet<string>());
        for (var round = 0; round < 20; round++)
        {
            var seed = Random.Shared.Next();
            var candles = CandleSeries.Random(new Random(seed), 50_000, 60 * CandleSeries.Minute).Take(3_000).ToList();
            var set = new IndicatorSet();
            var rules = new SignalRules(60);
            var values = new List<IndicatorValues>();
            var naive = new NaiveRules(candles, values);
            var silentUntil = new Dictionary<(string, PositionSide), int>();
            for (var i = 0; i < candles.Count; i++)
            {
                var c = candles[i];
                set.Add(c.OpenTime, c.Open, c.High, c.Low, c.Close, c.Volume);
                values.Add(set.Values);
                var due = new[] { PositionSide.Long, PositionSide.Short }
                    .SelectMany(side => new[]
                    {
                        (Rule: "trend_pullback", Side: side, Holds: naive.Pullback(i, side), Risk: naive.PullbackRisk(i, side)),
                        (Rule: "breakout", Side: side, Holds: naive.Breakout(i, side), Risk: naive.BreakoutRisk(i)),
                    })
                    .Where(r => r.Holds && r.Risk >= 0.001 * c.Close && r.Risk <= 0.1 * c.Close)
                    .Where(r => silentUntil.GetValueOrDefault((r.Rule, r.Side), -1) < i)
                    .ToList();
                var context = $"candle {i}, seed {seed}";
                rules.TryEvaluate(c, set.Values, out var plan).ShouldBe(due.Count > 0, context);
                if (plan is null)
                {
                    continue;
                }

                var rule = due.Single(r => r.Rule == plan.Rule && r.Side == plan.Side);
                silentUntil[(plan.Rule, plan.Side)] = i + 20;
                var sign = plan.Side == PositionSide.Long ? 1 : -1;
                plan.Entry.ShouldBe(c.Close, context);
                plan.Stop.ShouldBe(c.Close - (sign * rule.Risk), 1e-9 * c.Close, context);
                plan.RiskReward.ShouldBe(2, 1e-9, context);
                plan.Confidence.ShouldBeInRange(0.2, 0.8, context);
                signals++;
                rulesSeen.Add($"{plan.Rule} {plan.Side}");
            }
        }

        rulesSeen.Count.ShouldBe(4);
        signals.ShouldBeGreaterThan(100);
    }

    private CandleInput Candle(double open, double high, double low, double close, double volume = 1)
    {
        var candle = new CandleInput(time, open, high, low, close, volume);
        time += 60 * CandleSeries.Minute;
        return candle;
    }
}
