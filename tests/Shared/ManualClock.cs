namespace CryptoAI.Tests.Shared;

/// <summary>A clock that stands still until it is moved; its timers fire, in order, while it is being moved.</summary>
public sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks;

    public ManualClock() : this(new(2024, 10, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(Volatile.Read(ref _ticks));

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>When the next timer is due, from now; null when there is none.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count == 0 ? null : TimeSpan.FromTicks(Math.Max(0, _timers.Min(timer => timer.Due) - _ticks));
            }
        }
    }

    /// <summary>Whether a timer is due in exactly so long: what a test waits for before it moves the clock, where another thread sets the timer.</summary>
    public bool HasTimerIn(TimeSpan time)
    {
        lock (_lock)
        {
            return _timers.Exists(timer => timer.Due - _ticks == time.Ticks);
        }
    }

    /// <summary>Moves the clock on, firing every timer that becomes due at its own moment.</summary>
    public void Advance(TimeSpan by)
    {
        var target = Volatile.Read(ref _ticks) + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
                if (next is null)
                {
                    Volatile.Write(ref _ticks, Math.Max(_ticks, target));
                    return;
                }

                Volatile.Write(ref _ticks, Math.Max(_ticks, next.Due));
                next.Rearm();
            }

            next.Fire();
        }
    }

    /// <summary>
    /// Moves the clock from timer to timer until the task or the condition is done, each time after giving the rest of the program a moment. Timers further
    /// away than <paramref name="reach"/> (time-outs, as a rule) are left alone.
    /// </summary>
    public async Task DriveAsync(Task task, TimeSpan reach)
    {
        await DriveAsync(() => task.IsCompleted, reach);
        await task;
    }

    /// <inheritdoc cref="DriveAsync(Task, TimeSpan)"/>
    public async Task DriveAsync(Func<bool> condition, TimeSpan reach)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), patience.Token);
            // The timer first: one that was armed because the condition came to hold must not be fired.
            if (NextTimer is { } next && next <= reach && !condition())
            {
                Advance(next);
            }
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; }

        public void Fire() => callback(state);

        public void Rearm()
        {
            if (_period > TimeSpan.Zero)
            {
                Due += _period.Ticks;
            }
            else
            {
                clock._timers.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._ticks + Math.Max(0, dueTime.Ticks);
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
