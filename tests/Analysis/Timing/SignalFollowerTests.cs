using CryptoAI.Analysis.Timing;

namespace CryptoAI.Tests.Analysis.Timing;

public sealed class SignalFollowerTests
{
    private const long Created = CandleSeries.Start;
    private const long Expires = CandleSeries.Start + (60 * CandleSeries.Minute);

    private readonly SignalFollower bought = new(PositionSide.Long, 100, 110, 95, Created, Expires);
    private readonly SignalFollower sold = new(PositionSide.Short, 100, 90, 105, Created, Expires);

    [Fact]
    public void A_trade_at_the_target_ends_it_at_the_target()
    {
        bought.OnTrade(Created + 1, 109.99).ShouldBeFalse();
        bought.OnTrade(Created + 2, 110).ShouldBeTrue();
        bought.Outcome.ShouldBe(FollowOutcome.TargetHit);
        bought.ReturnPercent.ShouldBe(10, 1e-9);
        bought.EndedAt.ShouldBe(Created + 2);

        sold.OnTrade(Created + 1, 88).ShouldBeTrue();
        sold.ExitPrice.ShouldBe(90);
        sold.ReturnPercent.ShouldBe(10, 1e-9);
    }

    [Fact]
    public void A_trade_beyond_the_stop_ends_it_at_its_own_worse_price()
    {
        bought.OnTrade(Created + 1, 94).ShouldBeTrue();
        bought.Outcome.ShouldBe(FollowOutcome.StopHit);
        bought.ReturnPercent.ShouldBe(-6, 1e-9);

        sold.OnTrade(Created + 1, 105).ShouldBeTrue();
        sold.Outcome.ShouldBe(FollowOutcome.StopHit);
        sold.ReturnPercent.ShouldBe(-5, 1e-9);
    }

    [Fact]
    public void Prices_at_or_before_the_creation_and_late_ones_do_not_count()
    {
        bought.OnTrade(Created - 1, 200).ShouldBeFalse();
        bought.OnTrade(Created, 1).ShouldBeFalse();
        bought.OnCandle(Created - CandleSeries.Minute, 100, 200, 1, 100).ShouldBeFalse();
        bought.OnTrade(Created + 5_000, 101);
        bought.OnTrade(Created + 4_000, 1).ShouldBeFalse();

        bought.Outcome.ShouldBe(FollowOutcome.Open);
        bought.ExitPrice.ShouldBe(double.NaN);
        bought.EndedAt.ShouldBeNull();
    }

    [Fact]
    public void A_candle_that_spans_target_and_stop_hit_the_stop()
    {
        bought.OnCandle(Created, 100, 111, 94, 108).ShouldBeTrue();
        bought.Outcome.ShouldBe(FollowOutcome.StopHit);
        bought.ExitPrice.ShouldBe(95);

        sold.OnCandle(Created, 100, 106, 89, 91).ShouldBeTrue();
        sold.Outcome.ShouldBe(FollowOutcome.StopHit);
        sold.ExitPrice.ShouldBe(105);
    }

    [Fact]
    public void A_candle_that_opens_beyond_the_stop_ends_it_at_the_open()
    {
        bought.OnCandle(Created, 93, 94, 92, 94).ShouldBeTrue();
        bought.ExitPrice.ShouldBe(93);

        sold.OnCandle(Created, 107, 108, 106, 106).ShouldBeTrue();
        sold.ReturnPercent.ShouldBe(-7, 1e-9);
    }

    [Fact]
    public void Without_target_or_stop_it_times_out_at_the_last_price_before_the_expiry()
    {
        bought.OnTrade(Created + 1_000, 103);
        bought.OnTrade(Expires, 120).ShouldBeTrue();
        bought.Outcome.ShouldBe(FollowOutcome.TimedOut);
        bought.ExitPrice.ShouldBe(103);
        bought.EndedAt.ShouldBe(Expires);

        sold.OnCandle(Expires - CandleSeries.Minute, 101, 102, 98, 99).ShouldBeTrue();
        sold.Outcome.ShouldBe(FollowOutcome.TimedOut);
        sold.ReturnPercent.ShouldBe(1, 1e-9);
        sold.EndedAt.ShouldBe(Expires);
    }

    [Fact]
    public void Time_alone_ends_it_at_the_expiry_and_not_before()
    {
        bought.OnTime(Expires - 1).ShouldBeFalse();
        bought.OnTime(Expires + 5).ShouldBeTrue();
        bought.ReturnPercent.ShouldBe(0);
        bought.EndedAt.ShouldBe(Expires);
    }

    [Fact]
    public void A_candle_that_comes_after_its_own_first_trades_gives_the_later_last_price()
    {
        bought.OnTrade(Created + 10_000, 101);
        bought.OnCandle(Created, 100, 104, 99, 103).ShouldBeFalse();
        bought.OnTrade(Created + 20_000, 120).ShouldBeFalse("the candle has covered that moment");

        bought.OnTime(Expires);
        bought.ExitPrice.ShouldBe(103);
    }

    [Fact]
    public void Nothing_changes_after_the_end()
    {
        bought.OnTrade(Created + 1, 110);
        bought.OnTrade(Created + 2, 50).ShouldBeFalse();
        bought.OnCandle(Created + CandleSeries.Minute, 50, 50, 50, 50).ShouldBeFalse();
        bought.OnTime(Expires).ShouldBeFalse();

        bought.Outcome.ShouldBe(FollowOutcome.TargetHit);
        bought.EndedAt.ShouldBe(Created + 1);
    }

    [Theory]
    [InlineData(PositionSide.Long, 100, 99, 95)]
    [InlineData(PositionSide.Long, 100, 110, 100)]
    [InlineData(PositionSide.Short, 100, 110, 120)]
    [InlineData(PositionSide.Short, 100, 90, double.NaN)]
    [InlineData(PositionSide.Long, -1, 110, -2)]
    public void A_signal_with_prices_on_the_wrong_side_is_refused(PositionSide side, double entry, double target, double stop) =>
        Should.Throw<ArgumentException>(() => new SignalFollower(side, entry, target, stop, Created, Expires));

    [Fact]
    public void Trades_and_the_candles_made_of_them_lead_to_the_same_outcome_unless_a_candle_spans_both_prices()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var outcomes = new HashSet<FollowOutcome>();
        for (var round = 0; round < 500; round++)
        {
            var side = (PositionSide)random.Next(2);
            var sign = side == PositionSide.Long ? 1 : -1;
            var byTrades = new SignalFollower(side, 100, 100 + (sign * 2), 100 - sign, Created, Expires);
            var byCandles = new SignalFollower(side, 100, 100 + (sign * 2), 100 - sign, Created, Expires);
            var mixed = new SignalFollower(side, 100, 100 + (sign * 2), 100 - sign, Created, Expires);
            var (price, spansBoth) = (100.0, false);
            for (var minute = 0; minute < 61; minute++)
            {
                var openTime = Created + (minute * CandleSeries.Minute);
                var trades = Enumerable.Range(1, 20).Select(i => (Time: openTime + (i * 2_900L), Price: price += (random.NextDouble() - 0.5) * 0.2)).ToArray();
                var (high, low) = (trades.Max(t => t.Price), trades.Min(t => t.Price));
                spansBoth |= high >= Math.Max(byTrades.Target, byTrades.Stop) && low <= Math.Min(byTrades.Target, byTrades.Stop);
                byCandles.OnCandle(openTime, trades[0].Price, high, low, trades[^1].Price);

                // The third sees trades until it is interrupted, and then the candle of the whole minute.
                var seen = random.Next(trades.Length + 1);
                for (var i = 0; i < trades.Length; i++)
                {
                    byTrades.OnTrade(trades[i].Time, trades[i].Price);
                    if (i < seen)
                    {
                        mixed.OnTrade(trades[i].Time, trades[i].Price);
                    }
                }

                mixed.OnCandle(openTime, trades[0].Price, high, low, trades[^1].Price);
            }

            spansBoth.ShouldBeFalse();
            byTrades.Outcome.ShouldNotBe(FollowOutcome.Open);
            byCandles.Outcome.ShouldBe(byTrades.Outcome, $"round {round}, seed {seed}");
            mixed.Outcome.ShouldBe(byTrades.Outcome, $"round {round}, seed {seed}");
            byCandles.ReturnPercent.ShouldBe(byTrades.ReturnPercent, 0.11, $"round {round}, seed {seed}");
            outcomes.Add(byTrades.Outcome);
        }

        outcomes.Count.ShouldBe(3, $"seed {seed}");
    }
}
