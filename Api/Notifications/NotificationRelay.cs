using System.Collections.Concurrent;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Api.Notifications;

/// <summary>
/// This node's ear for the notifications of the people connected to it: one observer at the grain of each, as a lease that is renewed. A
/// grain that did not know it any more may have pushed meanwhile, so what was pushed is read then. Each notification is shown to the
/// pages once.
/// </summary>
internal sealed partial class NotificationRelay(
    IGrainFactory grains, NotificationStore store, TimeProvider time, ILogger<NotificationRelay> logger) : BackgroundService, INotificationObserver
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How far the clocks of nodes and silos may differ.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, NotificationWatch> _watches = new();
    private readonly HubFrames _frames = new();
    private readonly Lock _framesGate = new();
    private readonly Lock _selfGate = new();
    private INotificationObserver? _self;

    /// <summary>The reference that grains hold. They compare references, so it is made once.</summary>
    private INotificationObserver Self
    {
        get
        {
            lock (_selfGate)
            {
                return _self ??= grains.CreateObjectReference<INotificationObserver>(this);
            }
        }
    }

    public Task OnNotificationAsync(Notification notification)
    {
        if (_watches.TryGetValue(notification.UserId, out var watch))
        {
            Show(watch, notification);
        }

        return Task.CompletedTask;
    }

    /// <summary>A person's page has connected. When this returns, what is pushed from now on reaches it, unless the grain is away: then it comes later.</summary>
    public async Task ConnectAsync(long userId, MarketClient client)
    {
        NotificationWatch watch;
        bool isFirst;
        while (true)
        {
            watch = _watches.GetOrAdd(userId, static id => new NotificationWatch(id));
            lock (watch.Gate)
            {
                // One that is being removed is not added to.
                if (!_watches.TryGetValue(userId, out var current) || current != watch)
                {
                    continue;
                }

                isFirst = watch.Clients.Count == 0;
                watch.Clients.Add(client);
                if (isFirst)
                {
                    watch.ReadSince = time.GetUtcNow();
                    watch.RenewAt = DateTimeOffset.MinValue;
                }

                break;
            }
        }

        if (isFirst)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            await TryRenewAsync(watch, patience.Token);
        }
    }

    public void Disconnect(long userId, MarketClient client)
    {
        if (_watches.TryGetValue(userId, out var watch))
        {
            lock (watch.Gate)
            {
                watch.Clients.Remove(client);
                if (watch.Clients.Count == 0)
                {
                    _watches.TryRemove(userId, out _);
                }
            }
        }
    }

    public override void Dispose()
    {
        _frames.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RenewDueAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RenewDueAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var due = new List<NotificationWatch>();
        foreach (var watch in _watches.Values)
        {
            lock (watch.Gate)
            {
                if (now >= watch.RenewAt)
                {
                    due.Add(watch);
                }
            }
        }

        string? failure = null;
        var failed = 0;
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = stop }, async (watch, cancellation) =>
        {
            if (await TryRenewAsync(watch, cancellation) is { } reason)
            {
                failure = reason;
                Interlocked.Increment(ref failed);
            }
        });
        if (failure is not null)
        {
            LogNotObserved(failed, failure);
        }
    }

    /// <returns>Why it failed; null when it did not.</returns>
    private async Task<string?> TryRenewAsync(NotificationWatch watch, CancellationToken cancellation)
    {
        var asked = time.GetUtcNow();
        DateTimeOffset since;
        lock (watch.Gate)
        {
            watch.RenewAt = asked + Turn;
            since = watch.ReadSince - ClockMargin;
        }

        try
        {
            var isKnown = await grains.GetGrain<INotificationGrain>(watch.UserId).ObserveAsync(Self).WaitAsync(cancellation);
            if (!isKnown)
            {
                foreach (var missed in await store.RecentlyPushedAsync(watch.UserId, since, cancellation))
                {
                    Show(watch, missed);
                }
            }

            lock (watch.Gate)
            {
                watch.ReadSince = asked;
                watch.RenewAt = asked + Renewal;
            }

            return null;
        }
        catch (Exception exception)
        {
            // The next turn asks again.
            return exception.Message;
        }
    }

    private void Show(NotificationWatch watch, Notification notification)
    {
        HubFrame frame;
        lock (_framesGate)
        {
            frame = _frames.Notification(notification);
        }

        lock (watch.Gate)
        {
            if (!watch.IsNews(notification.Id))
            {
                return;
            }

            foreach (var client in watch.Clients)
            {
                client.Post(frame);
            }
        }
    }
}
