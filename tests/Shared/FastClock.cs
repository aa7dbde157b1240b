using System.Diagnostics;

namespace CryptoAI.Tests.Shared;

/// <summary>
/// A clock on which time passes faster than on the wall, timers included: product and exchange share it, so every wait, grace and
/// back-off keeps its proportion and a minute takes a second or two.
/// </summary>
internal sealed class FastClock(DateTimeOffset start, double speed) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<FastTimer> _timers = [];
    private volatile Pace _pace = new(Stopwatch.GetTimestamp(), 0, speed);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Seconds on this clock in a second on the wall.</summary>
    public double Speed
    {
        get => _pace.Speed;
        set
        {
            lock (_lock)
            {
                var now = Stopwatch.GetTimestamp();
                _pace = new Pace(now, _pace.At(now), value);
                foreach (var timer in _timers)
                {
                    timer.Arm();
                }
            }
        }
    }

    /// <summary>Skips a time in which nothing is to happen.</summary>
    public void Skip(TimeSpan time)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _pace = new Pace(now, _pace.At(now) + time.Ticks, _pace.Speed);
            foreach (var timer in _timers)
            {
                timer.Arm();
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp());

    public override long GetTimestamp() => _pace.At(Stopwatch.GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FastTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until this clock shows a moment.</summary>
    public Task ReachAsync(DateTimeOffset moment) =>
        moment > GetUtcNow() ? Task.Delay(moment - GetUtcNow(), this) : Task.CompletedTask;

    private sealed record Pace(long Since, long Ticks, double Speed)
    {
        public long At(long stamp) => Ticks + (long)((stamp - Since) * Speed * TimeSpan.TicksPerSecond / Stopwatch.Frequency);
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
            var left = _due is { } due ? TimeSpan.FromTicks(Math.Max(0, due - _clock.GetTimestamp())) / _clock.Speed : Timeout.InfiniteTimeSpan;
            _wall.Change(left, Timeout.InfiniteTimeSpan);
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
                    // The wall's timers count whole milliseconds, of which each is many here.
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
