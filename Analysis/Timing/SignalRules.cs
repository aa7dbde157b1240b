using System.Diagnostics.CodeAnalysis;
using CryptoAI.Analysis.Indicators;

namespace CryptoAI.Analysis.Timing;

/// <summary>
/// The rule set of docs/SIGNALS.md for one symbol and timeframe: two rules looked at with every closed candle, and the plan
/// made of one that holds. A placeholder until models take its place; it promises no profit. Constant time per candle, small
/// fixed memory. Not safe for concurrent use.
/// </summary>
public sealed class SignalRules
{
    /// <summary>Distance of the stop from the entry, in ATRs.</summary>
    public const double StopAtrs = 1.5;

    /// <summary>How far beyond a swing the stop lies, in ATRs, where the swing is farther away.</summary>
    public const double SwingMarginAtrs = 0.1;

    /// <summary>Distance of the target, in distances of the stop.</summary>
    public const double TargetRiskReward = 2;

    public const double MinRiskReward = 1.5;

    /// <summary>Nearest and farthest stop, as a share of the price.</summary>
    public const double MinStopDistance = 0.001;
    public const double MaxStopDistance = 0.10;

    public const int ExpiryCandles = 24;

    /// <summary>Candles for which a rule is silent on a side after it gave a signal for it.</summary>
    public const int CooldownCandles = 20;

    private const int MinutesPerDay = 1440;

    private readonly int minutes;
    private readonly double tick;
    private readonly TrendPullback pullback = new();
    private readonly Breakout breakout = new();
    private readonly long[] lastIssued = [long.MinValue, long.MinValue, long.MinValue, long.MinValue];
    private long count;
    private long lastOpenTime = long.MinValue;

    /// <param name="timeframeMinutes">Length of the candles; the system uses 15, 60 and 240.</param>
    /// <param name="tickSize">Smallest price step, to which target and stop are rounded; 0 leaves them as they are.</param>
    public SignalRules(int timeframeMinutes, double tickSize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeframeMinutes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(tickSize);
        minutes = timeframeMinutes;
        tick = tickSize;
    }

    /// <summary>
    /// Takes the next closed candle in, with the indicator values at its close, and gives a plan when a rule holds; the one of
    /// higher confidence when both do. Every candle must come here, history included, whether or not its plan is used.
    /// </summary>
    /// <exception cref="ArgumentException">The candle is not later than the one before.</exception>
    public bool TryEvaluate(in CandleInput candle, in IndicatorValues values, [NotNullWhen(true)] out SignalPlan? plan)
    {
        if (candle.OpenTime <= lastOpenTime)
        {
            throw new ArgumentException($"Candle {candle.OpenTime} does not follow {lastOpenTime}.", nameof(candle));
        }

        lastOpenTime = candle.OpenTime;
        count++;
        var first = PlanFor(pullback.Next(candle, values), candle, values.Atr14);
        var second = PlanFor(breakout.Next(candle, values), candle, values.Atr14);
        plan = first is null || second?.Confidence > first.Confidence ? second : first;
        if (plan is null)
        {
            return false;
        }

        LastIssued(plan.Rule, plan.Side) = count;
        return true;
    }

    private SignalPlan? PlanFor(RuleMatch? match, in CandleInput candle, double atr)
    {
        if (match is null)
        {
            return null;
        }

        var issued = LastIssued(match.Rule, match.Side);
        if (issued != long.MinValue && count - issued <= CooldownCandles)
        {
            return null;
        }

        var sign = match.Side == PositionSide.Long ? 1 : -1;
        var entry = candle.Close;

        // Distances along the side's direction, so that one formula serves both.
        var toSwing = double.IsNaN(match.Swing) ? 0 : (sign * (entry - match.Swing)) + (SwingMarginAtrs * atr);
        var risk = Math.Max(StopAtrs * atr, toSwing);
        var stop = RoundAway(entry - (sign * risk), -sign);
        var target = RoundAway(entry + (sign * TargetRiskReward * risk), 0);
        risk = sign * (entry - stop);
        var riskReward = sign * (target - entry) / risk;
        if (!(risk >= MinStopDistance * entry && risk <= MaxStopDistance * entry && riskReward >= MinRiskReward && target > 0))
        {
            return null;
        }

        var createdAt = candle.OpenTime + (minutes * 60_000L);
        return new SignalPlan(
            match.Rule,
            match.Side,
            entry,
            target,
            stop,
            riskReward,
            RiskLevel(atr / entry),
            match.Confidence,
            createdAt,
            createdAt + (ExpiryCandles * minutes * 60_000L),
            Math.Max(1, ExpiryCandles * minutes / 60),
            [.. match.Reasons, new("stop_distance_percent", 100 * risk / entry, 100 * MaxStopDistance), new("atr14_percent", 100 * atr / entry, 0)]);
    }

    /// <summary>
    /// The ATR as a share of the price, brought to a day's length by the square root of time, so that one scale serves all
    /// timeframes.
    /// </summary>
    private string RiskLevel(double atrShare) => (atrShare * Math.Sqrt(MinutesPerDay / (double)minutes)) switch
    {
        < 0.02 => "low",
        < 0.04 => "medium",
        < 0.08 => "high",
        _ => "extreme",
    };

    /// <summary>A price on the tick: the next one in a direction, or the nearest for 0.</summary>
    private double RoundAway(double price, int direction)
    {
        if (tick == 0)
        {
            return price;
        }

        var ticks = price / tick;

        // A price that is on its tick but for the division's last bits stays there.
        var nearest = Math.Round(ticks);
        var rounded = direction == 0 || Math.Abs(ticks - nearest) < 1e-6 ? nearest : direction > 0 ? Math.Ceiling(ticks) : Math.Floor(ticks);
        return rounded * tick;
    }

    private ref long LastIssued(string rule, PositionSide side) =>
        ref lastIssued[(rule == Breakout.Name ? 2 : 0) + (int)side];
}
