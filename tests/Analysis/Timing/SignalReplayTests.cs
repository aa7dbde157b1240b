using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Timing;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Analysis.Timing;

/// <summary>
/// What the rules would have done on recorded markets, beside entries at every candle with the same stop, target and
/// expiry: printed, not asserted. Nothing here was used to choose the rules' numbers.
/// </summary>
public sealed class SignalReplayTests(ITestOutputHelper output)
{
    [RecordedDataFact(
        "binance_spot_BTCUSDT_15m_to_2025-06.csv.gz", "binance_spot_BTCUSDT_1h_to_2025-06.csv.gz", "binance_spot_BTCUSDT_4h_to_2025-06.csv.gz",
        "binance_spot_ETHUSDT_1h_to_2025-06.csv.gz", "binance_spot_SOLUSDT_1h_to_2025-06.csv.gz")]
    public void Every_signal_on_recorded_markets_comes_to_an_end_and_its_return_lies_between_stop_and_target()
    {
        foreach (var (market, minutes) in new[] { ("BTCUSDT_15m", 15), ("BTCUSDT_1h", 60), ("BTCUSDT_4h", 240), ("ETHUSDT_1h", 60), ("SOLUSDT_1h", 60) })
        {
            var candles = CandleSeries.Recorded($"binance_spot_{market}_to_2025-06.csv.gz").ToArray();
            var plans = Plans(candles, minutes, out var everyCandle);
            plans.Count.ShouldBeGreaterThan(20);
            foreach (var group in plans.Select(p => (Name: $"{p.Plan.Rule} {p.Plan.Side}", p.Index, p.Plan)).Concat(everyCandle).GroupBy(p => p.Name).OrderBy(g => g.Key))
            {
                var ended = group.Select(p => Follow(p.Plan, candles, p.Index, minutes)).Where(f => f.Outcome != FollowOutcome.Open).ToList();
                foreach (var f in ended)
                {
                    var risk = 100 * Math.Abs(f.Entry - f.Stop) / f.Entry;
                    f.ReturnPercent.ShouldBeLessThanOrEqualTo((2 * risk) + 1e-9);
                    (f.Outcome != FollowOutcome.StopHit || f.ReturnPercent <= -risk + 1e-9).ShouldBeTrue();
                }

                output.WriteLine(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{market,-12} {group.Key,-22} {ended.Count,6} target {Share(ended, FollowOutcome.TargetHit):P1} stop {Share(ended, FollowOutcome.StopHit):P1} time {Share(ended, FollowOutcome.TimedOut):P1} mean {ended.Average(InRisks):F3} R, {ended.Average(f => f.ReturnPercent):F3} %"));
            }

            output.WriteLine($"{market,-12} risk levels: {string.Join(", ", plans.GroupBy(p => p.Plan.RiskLevel).Select(g => $"{g.Key} {g.Count()}"))}");
        }
    }

    private static List<(int Index, SignalPlan Plan)> Plans(CandleInput[] candles, int minutes, out List<(string Name, int Index, SignalPlan Plan)> everyCandle)
    {
        var set = new IndicatorSet();
        var rules = new SignalRules(minutes);
        var plans = new List<(int, SignalPlan)>();
        everyCandle = [];
        for (var i = 0; i < candles.Length; i++)
        {
            var c = candles[i];
            set.Add(c.OpenTime, c.Open, c.High, c.Low, c.Close, c.Volume);
            if (rules.TryEvaluate(c, set.Values, out var plan))
            {
                plans.Add((i, plan));
            }

            var risk = SignalRules.StopAtrs * set.Values.Atr14;
            if (risk >= 0.001 * c.Close && risk <= 0.1 * c.Close)
            {
                var created = c.OpenTime + (minutes * CandleSeries.Minute);
                foreach (var (side, sign) in new[] { (PositionSide.Long, 1), (PositionSide.Short, -1) })
                {
                    everyCandle.Add(($"(every candle {side})", i, new SignalPlan(
                        "", side, c.Close, c.Close + (sign * 2 * risk), c.Close - (sign * risk), 2, "", 0, created,
                        created + (SignalRules.ExpiryCandles * minutes * CandleSeries.Minute), 0, [])));
                }
            }
        }

        return plans;
    }

    private static SignalFollower Follow(SignalPlan plan, CandleInput[] candles, int index, int minutes)
    {
        var follower = new SignalFollower(
            plan.Side, plan.Entry, plan.Target, plan.Stop, plan.CreatedAt, plan.ExpiresAt, minutes * CandleSeries.Minute);
        for (var i = index + 1; i < candles.Length && follower.Outcome == FollowOutcome.Open; i++)
        {
            follower.OnCandle(candles[i].OpenTime, candles[i].Open, candles[i].High, candles[i].Low, candles[i].Close);
        }

        return follower;
    }

    private static double InRisks(SignalFollower f) => f.ReturnPercent / (100 * Math.Abs(f.Entry - f.Stop) / f.Entry);

    private static double Share(List<SignalFollower> followers, FollowOutcome outcome) =>
        followers.Count(f => f.Outcome == outcome) / (double)followers.Count;
}
