using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Market;

/// <summary>
/// Pushes events that must not be dropped (closed candles, signals) to API nodes, in order, one call in flight per observer. An
/// observer whose bounded queue overflows, or that fails, is dropped: its node sees the sequence stop, renews and reads
/// what it missed.
/// </summary>
/// <param name="events">What they are called in the log.</param>
internal sealed class EventObservers<TEvent>(TimeProvider time, ILogger log, string events, Func<IMarketObserver, long, TEvent, Task> send)
{
    private const int MaxQueued = 256;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly Dictionary<IMarketObserver, Observer> _observers = [];

    public bool Any => _observers.Count > 0;

    public void Renew(IMarketObserver target)
    {
        if (!_observers.TryGetValue(target, out var observer))
        {
            observer = new Observer(target);
            _observers.Add(target, observer);
        }

        observer.Until = time.GetUtcNow() + Lease;
    }

    /// <param name="conflate">The event may be left out for an observer that is still busy: a newer one follows.</param>
    public void Post(TEvent item, bool conflate = false)
    {
        if (_observers.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        List<IMarketObserver>? gone = null;
        foreach (var (target, observer) in _observers)
        {
            var isBusy = observer.Serving is { IsCompleted: false };
            var isTooSlow = observer.Queue.Count >= MaxQueued;
            if (observer.Until < now || isTooSlow)
            {
                (gone ??= []).Add(target);
                if (isTooSlow)
                {
                    log.LogDropped(events, $"{MaxQueued} wait for it");
                }
            }
            else if (!isBusy || !conflate)
            {
                observer.Queue.Enqueue(item);
                if (!isBusy)
                {
                    observer.Serving = ServeAsync(observer);
                }
            }
        }

        foreach (var target in gone ?? [])
        {
            _observers.Remove(target);
        }
    }

    private async Task ServeAsync(Observer observer)
    {
        try
        {
            while (observer.Queue.TryDequeue(out var item))
            {
                await send(observer.Target, ++observer.Sequence, item);
            }
        }
        catch (Exception exception)
        {
            // An observer that fails is gone; if it lives, it renews and reads what it missed.
            observer.Queue.Clear();
            _observers.Remove(observer.Target);
            log.LogDropped(events, exception.Message);
        }
    }

    private sealed class Observer(IMarketObserver target)
    {
        public IMarketObserver Target => target;

        public Queue<TEvent> Queue { get; } = new();

        public DateTimeOffset Until { get; set; }

        public long Sequence { get; set; }

        public Task? Serving { get; set; }
    }
}
