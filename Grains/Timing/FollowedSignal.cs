using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;

namespace CryptoAI.Grains.Timing;

/// <summary>An active signal and the calculation that follows it.</summary>
internal sealed class FollowedSignal(Signal signal)
{
    public Signal Signal => signal;

    public SignalFollower Follower { get; private set; } = FollowerOf(signal);

    public bool IsOver => Follower.Outcome != FollowOutcome.Open;

    /// <summary>Follows through a closed minute. True when it ends the signal.</summary>
    public bool Follow(Candle minute) => Follow(Follower, minute);

    /// <summary>
    /// Looks at a closed minute some of whose trades were missed, as if none of it had been seen: true when it reaches target or stop.
    /// </summary>
    public bool TryEndBy(Candle minute)
    {
        var fresh = FollowerOf(signal);
        if (!Follow(fresh, minute))
        {
            return false;
        }

        Follower = fresh;
        return true;
    }

    /// <summary>The signal as it ended.</summary>
    public Signal Ended() => signal with
    {
        Status = Follower.Outcome == FollowOutcome.TimedOut ? SignalStatus.Expired : SignalStatus.Executed,
        Outcome = Follower.Outcome switch
        {
            FollowOutcome.TargetHit => SignalOutcome.TargetHit,
            FollowOutcome.StopHit => SignalOutcome.StopHit,
            _ => SignalOutcome.TimedOut,
        },
        ReturnPercent = Math.Round((decimal)Follower.ReturnPercent, 6),
        EndedAt = DateTimeOffset.FromUnixTimeMilliseconds(Follower.EndedAt ?? signal.ExpiresAt.ToUnixTimeMilliseconds()),
    };

    private static bool Follow(SignalFollower follower, Candle minute) => follower.OnCandle(
        minute.OpenTime.ToUnixTimeMilliseconds(), (double)minute.Open, (double)minute.High, (double)minute.Low, (double)minute.Close);

    private static SignalFollower FollowerOf(Signal signal) => new(
        signal.Side == SignalSide.Long ? PositionSide.Long : PositionSide.Short,
        (double)signal.EntryPrice,
        (double)signal.TargetPrice,
        (double)signal.StopLoss,
        signal.CreatedAt.ToUnixTimeMilliseconds(),
        signal.ExpiresAt.ToUnixTimeMilliseconds());
}
