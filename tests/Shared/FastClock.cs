using System.Diagnostics;

namespace CryptoAI.Tests.Shared;

/// <summary>
/// A clock on which time passes faster than on the wall, timers included: product and exchange share it, so every wait, grace and
/// back-off keeps its proportion and a minute takes a second or two. It can be told to crawl from a moment on, so that a test need not hurry before
/// what comes next.
/// </summary>
internal sealed class FastClock(DateTimeOffset start, double speed) : TimeProvider
{
    /// <summary>Seconds on this clock in a second on the wall while it crawls: what waits for short timers goes on.</summary>
    private const double Crawl = 0.2;

    /// <summary>A timer that is due later looks again then.</summary>
    private const double LongestSleep = TimeSpan.TicksPerDay;

    private readonly Lock _lock = new();
    private readonly HashSet<FastTimer> _timers = [];
    private volatile Pace _pace = new(Stopwatch.GetTimestamp(), 0, speed, long.MaxValue);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Seconds on this clock in a second on the wall. Setting it ends a crawl.</summary>
    public double Speed
    {
        get => _pace.Speed;
        set => Run(value, null);
    }

    /// <summary>Goes at a speed until a moment, and crawls from there on; if that is over, it crawls at once.</summary>
    public void Run(double speed, DateTimeOffset? until) =>
        Change(now => (now, speed, until is { } moment ? Math.Max(now, (moment - start).Ticks) : long.MaxValue));

    /// <summary>Goes at a speed to a moment, and crawls from there on.</summary>
    public Task RunToAsync(double speed, DateTimeOffset moment)
    {
        Run(speed, moment);
        return ReachAsync(moment);
    }

    /// <summary>Skips a time in which nothing is to happen.</summary>
    public void Skip(TimeSpan time) => Change(now => (now + time.Ticks, _pace.Speed, long.MaxValue));

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp());

    public override long GetTimestamp()
    {
        while (true)
        {
            var pace = _pace;
            var now = pace.At(Stopwatch.GetTimestamp());

            // Whoever is held up between the two must not see what the old speed would have come to.
            if (pace == _pace)
            {
                return now;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FastTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until this clock shows a moment.</summary>
    public Task ReachAsync(DateTimeOffset moment)
    {
        var left = moment - GetUtcNow();
        return left > TimeSpan.Zero ? Task.Delay(left, this) : Task.CompletedTask;
    }

    private void Change(Func<long, (long Ticks, double Speed, long CrawlFrom)> change)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            var (ticks, speed, crawlFrom) = change(_pace.At(now));
            _pace = new Pace(now, ticks, speed, crawlFrom);
            foreach (var timer in _timers)
            {
                timer.Arm();
            }
        }
    }

    private sealed class Pace(long since, long ticks, double speed, long crawlFrom)
    {
        public double Speed => speed;

        public long At(long stamp)
        {
            var wall = (stamp - since) * (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;
            var now = ticks + (long)(wall * speed);
            return now <= crawlFrom ? now : crawlFrom + (long)((wall - ((crawlFrom - ticks) / speed)) * Crawl);
        }

        /// <summary>Time on the wall from one moment of this clock to a later one.</summary>
        public TimeSpan Wall(long from, long to)
        {
            var fast = Math.Max(0, Math.Min(to, crawlFrom) - from);
            var slow = Math.Max(0, to - Math.Max(from, crawlFrom));
            return TimeSpan.FromTicks((long)Math.Min((fast / speed) + (slow / Crawl), LongestSleep));
        }
    }

    private sealed class FastTimer : ITimer
    {
        private readonly FastClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _wall;
        private long? _due;
        private long _period;

        public FastTimer(FastClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _wall = System.CreateTimer(static timer => ((FastTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_clock._lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.GetTimestamp() + dueTime.Ticks;
                _period = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                if (_due is null)
                {
                    _clock._timers.Remove(this);
                }
                else
                {
                    _clock._timers.Add(this);
                }

                Arm();
                return true;
            }
        }

        public void Arm()
        {
            _wall.Change(_due is { } due ? _clock._pace.Wall(_clock.GetTimestamp(), due) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _wall.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            lock (_clock._lock)
            {
                var now = _clock.GetTimestamp();
                if (_due is not { } due)
                {
                    return;
                }

                if (due > now)
                {
                    // The wall's timers count whole milliseconds, of which each is many here, and sleep a day at most.
                    Arm();
                    return;
                }

                if (_period > 0)
                {
                    _due = Math.Max(due + _period, now);
                    Arm();
                }
                else
                {
                    _due = null;
                    _clock._timers.Remove(this);
                }
            }

            _callback(_state);
        }
    }
}
