namespace CryptoAI.Exchange.Market;

/// <summary>
/// Lets REST requests out: a bounded number at once, within the exchange's request weight per minute, and none before a
/// Retry-After is over. Urgent requests (repairs, a page at most) go before bulk ones (backfill), and bulk ones leave them a tenth of the weight.
/// </summary>
internal sealed class RequestGate : IDisposable
{
    /// <summary>A longer Retry-After is not waited for: callers are told and can go on.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private const int MaxWaiting = 10_000;
    private const double UrgentShare = 0.9;
    private const double BulkShare = 0.8;

    // The exchange's minute and ours are not exactly the same.
    private static readonly TimeSpan WindowMargin = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _urgent = new();
    private readonly Queue<Waiter> _bulk = new();
    private readonly int _maxConcurrent;
    private readonly TimeProvider _time;
    private readonly ClockOffset _clock;
    private readonly ITimer _timer;
    private int _weightLimit;
    private int _active;
    private long _minute;
    private int _used;
    private long _blockedAt;
    private TimeSpan _blockedFor;

    public RequestGate(int weightLimit, int maxConcurrent, TimeProvider time, ClockOffset clock)
    {
        _weightLimit = weightLimit;
        _maxConcurrent = maxConcurrent;
        _time = time;
        _clock = clock;
        _timer = time.CreateTimer(static gate => ((RequestGate)gate!).Pump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Weight the exchange allows per minute.</summary>
    public int WeightLimit
    {
        get => Volatile.Read(ref _weightLimit);
        set => Volatile.Write(ref _weightLimit, value);
    }

    /// <summary>Weight used in the current minute.</summary>
    public int UsedWeight
    {
        get
        {
            lock (_lock)
            {
                return EnterMinute() ? 0 : _used;
            }
        }
    }

    /// <summary>Waits for a turn and returns the minute it was granted in. Every success is followed by <see cref="Leave"/>.</summary>
    /// <exception cref="ExchangeUnavailableException">The exchange asked to be left alone for longer than <see cref="LongestWait"/>, or too many wait.</exception>
    public async Task<long> EnterAsync(int weight, bool urgent, CancellationToken cancellation)
    {
        var waiter = new Waiter(weight);
        lock (_lock)
        {
            var queue = urgent ? _urgent : _bulk;
            if (queue.Count >= MaxWaiting)
            {
                throw new ExchangeUnavailableException($"More than {MaxWaiting} requests wait for the exchange.");
            }

            queue.Enqueue(waiter);
        }

        Pump();
        await using var registration = cancellation.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Granted.TrySetCanceled(token), waiter);
        return await waiter.Granted.Task;
    }

    /// <summary>Ends a request. The weight is what the exchange said is used, if it said so.</summary>
    public void Leave(long minute, int? usedWeight)
    {
        lock (_lock)
        {
            _active--;
            EnterMinute();
            // A figure from the minute before says nothing about this one.
            if (usedWeight is { } used && minute == _minute)
            {
                _used = Math.Max(_used, used);
            }
        }

        Pump();
    }

    /// <summary>No request leaves for this long.</summary>
    public void Block(TimeSpan duration)
    {
        lock (_lock)
        {
            if (duration > BlockedFor())
            {
                _blockedAt = _time.GetTimestamp();
                _blockedFor = duration;
            }
        }

        Pump();
    }

    public void Dispose() => _timer.Dispose();

    private void Pump()
    {
        lock (_lock)
        {
            while (Next() is { } queue && _active < _maxConcurrent)
            {
                var blocked = BlockedFor();
                if (blocked > LongestWait)
                {
                    queue.Dequeue().Granted.TrySetException(new ExchangeUnavailableException(
                        $"The exchange asked not to be called for {blocked.TotalSeconds:F0} s.") { RetryAfter = blocked });
                    continue;
                }

                if (blocked > TimeSpan.Zero)
                {
                    Wake(blocked);
                    return;
                }

                EnterMinute();
                var allowed = WeightLimit * (queue == _urgent ? UrgentShare : BulkShare);
                if (_used > 0 && _used + queue.Peek().Weight > allowed)
                {
                    Wake(TimeSpan.FromMilliseconds(60_000 - (_clock.Now % 60_000)) + WindowMargin);
                    return;
                }

                var waiter = queue.Dequeue();
                if (waiter.Granted.TrySetResult(_minute))
                {
                    _active++;
                    _used += waiter.Weight;
                }
            }
        }
    }

    /// <summary>The queue whose head is next, without those that no longer wait.</summary>
    private Queue<Waiter>? Next()
    {
        foreach (var queue in (ReadOnlySpan<Queue<Waiter>>)[_urgent, _bulk])
        {
            while (queue.TryPeek(out var waiter))
            {
                if (!waiter.Granted.Task.IsCompleted)
                {
                    return queue;
                }

                queue.Dequeue();
            }
        }

        return null;
    }

    private bool EnterMinute()
    {
        var minute = _clock.Now / 60_000;
        if (minute == _minute)
        {
            return false;
        }

        _minute = minute;
        _used = 0;
        return true;
    }

    private TimeSpan BlockedFor()
    {
        var left = _blockedFor - _time.GetElapsedTime(_blockedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    // A timer may fire a little early: pumping again measures what is left.
    private void Wake(TimeSpan after) => _timer.Change(after + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);

    private sealed class Waiter(int weight)
    {
        public int Weight { get; } = weight;

        public TaskCompletionSource<long> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
