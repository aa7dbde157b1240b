namespace CryptoAI.Grains.Operations;

/// <summary>API nodes that listen for rare events. One that fails or does not renew is dropped: it renews, and reads what it missed.</summary>
internal sealed class LeasedObservers<TObserver>(TimeProvider time)
    where TObserver : notnull
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly Dictionary<TObserver, DateTimeOffset> _observers = [];

    /// <summary>Adds an observer, or renews its lease.</summary>
    public void Renew(TObserver observer) => _observers[observer] = time.GetUtcNow() + Lease;

    /// <summary>Tells all, one after the other.</summary>
    /// <returns>Why the last that was not reached was not; null when all were.</returns>
    public async Task<string?> TellAsync(Func<TObserver, Task> tell)
    {
        string? failure = null;
        var now = time.GetUtcNow();
        foreach (var (observer, until) in _observers.ToArray())
        {
            try
            {
                if (until >= now)
                {
                    await tell(observer);
                    continue;
                }
            }
            catch (Exception exception)
            {
                failure = exception.Message;
            }

            _observers.Remove(observer);
        }

        return failure;
    }
}
