namespace CryptoAI.Analysis.Timing;

/// <summary>How a followed signal stands.</summary>
public enum FollowOutcome : byte
{
    Open,
    TargetHit,
    StopHit,
    TimedOut,
}

/// <summary>
/// Follows one signal to its end, by trades, by candles, or by both in turn (candles fill in what was missed). Costs and
/// slippage beyond what the prices show are not counted. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Prices at or before the creation do not count, nor do late ones. Seeing the same prices again changes nothing. Where it cannot be known
/// what came first, the worse is taken: a candle that spans target and stop hit the stop.
/// </remarks>
public sealed class SignalFollower
{
    private readonly int sign;
    private readonly long candleLength;
    private long seenUntil;
    private double lastPrice;

    /// <param name="entry">Price at creation; like all prices here positive, and in one unit.</param>
    /// <param name="target">Beyond the entry in the side's direction.</param>
    /// <param name="stop">Beyond the entry in the other.</param>
    /// <param name="createdAt">Unix milliseconds; the end of the candle that decided.</param>
    /// <param name="expiresAt">Unix milliseconds, later than <paramref name="createdAt"/>.</param>
    /// <param name="candleLengthMs">Length of the candles given to <see cref="OnCandle"/>: 1m.</param>
    /// <exception cref="ArgumentException">Target and stop are not on their sides of the entry, or the expiry not after the creation.</exception>
    public SignalFollower(PositionSide side, double entry, double target, double stop, long createdAt, long expiresAt, long candleLengthMs = 60_000)
    {
        sign = side == PositionSide.Long ? 1 : -1;
        if (!(sign * target > sign * entry && sign * stop < sign * entry && entry > 0))
        {
            throw new ArgumentException($"A {side} from {entry} cannot have its target at {target} and its stop at {stop}.", nameof(target));
        }

        if (expiresAt <= createdAt)
        {
            throw new ArgumentException($"Expiry {expiresAt} is not after creation {createdAt}.", nameof(expiresAt));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(candleLengthMs, 1);
        candleLength = candleLengthMs;
        Side = side;
        Entry = entry;
        Target = target;
        Stop = stop;
        CreatedAt = createdAt;
        ExpiresAt = expiresAt;
        seenUntil = createdAt;
        lastPrice = entry;
    }

    public PositionSide Side { get; }

    public double Entry { get; }

    public double Target { get; }

    public double Stop { get; }

    public long CreatedAt { get; }

    public long ExpiresAt { get; }

    public FollowOutcome Outcome { get; private set; }

    /// <summary>Price it ended at; NaN while open.</summary>
    public double ExitPrice { get; private set; } = double.NaN;

    /// <summary>
    /// When it ended, Unix milliseconds; null while open. For a candle, its end: the moment within is not known.
    /// </summary>
    public long? EndedAt { get; private set; }

    /// <summary>(exit/entry − 1) in percent, signed for the side; NaN while open.</summary>
    public double ReturnPercent => sign * 100 * ((ExitPrice / Entry) - 1);

    /// <summary>
    /// Looks at a trade. At or beyond the target it ends there, at the target's price; at or beyond the stop it ends at the
    /// trade's own price, which may be worse than the stop. A trade at the expiry or later times it out at the last price before.
    /// </summary>
    /// <param name="time">Unix milliseconds.</param>
    /// <returns>Whether this ended it.</returns>
    public bool OnTrade(long time, double price)
    {
        if (Outcome != FollowOutcome.Open || time <= CreatedAt || time < seenUntil)
        {
            return false;
        }

        if (OnTime(time))
        {
            return true;
        }

        seenUntil = time;
        lastPrice = price;
        if (sign * price <= sign * Stop)
        {
            return End(FollowOutcome.StopHit, price, time);
        }

        return sign * price >= sign * Target && End(FollowOutcome.TargetHit, Target, time);
    }

    /// <summary>
    /// Looks at a closed candle that started at or after the creation and reaches beyond what was seen. Its stop counts before
    /// its target. It ends at the stop, or at the open if that was worse already; else at the target. A candle that reaches
    /// the expiry without either times it out at its close.
    /// </summary>
    /// <param name="openTime">Unix milliseconds.</param>
    /// <returns>Whether this ended it.</returns>
    public bool OnCandle(long openTime, double open, double high, double low, double close)
    {
        var end = openTime + candleLength;
        if (Outcome != FollowOutcome.Open || openTime < CreatedAt || end <= seenUntil)
        {
            return false;
        }

        if (OnTime(openTime))
        {
            return true;
        }

        seenUntil = end;
        lastPrice = close;
        var (worst, best) = sign > 0 ? (low, high) : (high, low);
        if (sign * worst <= sign * Stop)
        {
            return End(FollowOutcome.StopHit, sign * open < sign * Stop ? open : Stop, end);
        }

        return sign * best >= sign * Target ? End(FollowOutcome.TargetHit, Target, end) : OnTime(end);
    }

    /// <summary>Lets time pass without a price: at the expiry it is timed out, at the last price seen (the entry, if none was).</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>Whether this ended it.</returns>
    public bool OnTime(long now) =>
        Outcome == FollowOutcome.Open && now >= ExpiresAt && End(FollowOutcome.TimedOut, lastPrice, ExpiresAt);

    private bool End(FollowOutcome outcome, double price, long time)
    {
        Outcome = outcome;
        ExitPrice = price;
        EndedAt = Math.Min(time, ExpiresAt);
        return true;
    }
}
