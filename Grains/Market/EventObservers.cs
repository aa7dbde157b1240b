using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>
/// Pushes events that must not be dropped (closed candles, signals) to API nodes, in order, one call in flight per observer. An
/// observer whose bounded queue overflows, or that fails, is dropped: its node sees the sequence stop, renews and reads
/// what it missed.
/// </summary>
internal sealed class EventObservers<TEvent>(TimeProvider time, Func<IMarketObserver, long, TEvent, Task> send)
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
            if (observer.Until < now || observer.Queue.Count >= MaxQueued)
            {
                (gone ??= []).Add(target);
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
        catch (Exception)
        {
            // An observer that fails is gone; if it lives, it renews and reads what it missed.
            observer.Queue.Clear();
            _observers.Remove(observer.Target);
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
