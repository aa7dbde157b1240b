namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// The exchange's own clock, made from the local one: as it is, or off by an offset, or from an origin at another speed, or standing
/// still and moved by hand.
/// </summary>
public sealed class ExchangeClock
{
    private readonly TimeProvider time;
    private readonly long start;
    private readonly long? origin;
    private readonly double speed;
    private long moved;

    /// <param name="time">The local clock.</param>
    /// <param name="offset">How far the exchange's clock is ahead.</param>
    /// <param name="origin">What it shows at first, Unix milliseconds; null for the local time.</param>
    /// <param name="speed">Exchange seconds a local second; 0 stands still.</param>
    internal ExchangeClock(TimeProvider time, TimeSpan offset, long? origin, double speed)
    {
        this.time = time;
        this.speed = speed;
        start = time.GetTimestamp();
        this.origin = origin is null && speed != 1 ? time.GetUtcNow().ToUnixTimeMilliseconds() : origin;
        moved = offset.Ticks;
    }

    /// <summary>Exchange time, Unix milliseconds.</summary>
    public long Now
    {
        get
        {
            var hand = Interlocked.Read(ref moved) / TimeSpan.TicksPerMillisecond;
            return origin is { } from
                ? from + hand + (long)(time.GetElapsedTime(start).TotalMilliseconds * speed)
                : time.GetUtcNow().ToUnixTimeMilliseconds() + hand;
        }
    }

    /// <summary>Local time until the clock will show a moment; infinite when it stands still before it.</summary>
    internal TimeSpan Until(long moment)
    {
        var left = moment - Now;
        return left <= 0 ? TimeSpan.Zero
            : speed > 0 ? TimeSpan.FromMilliseconds(left / speed)
            : Timeout.InfiniteTimeSpan;
    }

    internal void Move(TimeSpan by) => Interlocked.Add(ref moved, by.Ticks);
}
