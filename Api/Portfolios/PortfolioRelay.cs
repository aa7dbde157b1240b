using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Portfolios;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Portfolios;

/// <summary>
/// Tells connected people what their portfolio is worth: event <c>portfolio</c>, once a second at most and only when it has changed. While
/// one is being sent to a person, the next waits for the newest figures.
/// </summary>
internal sealed partial class PortfolioRelay(IGrainFactory grains, IHubContext<MarketHub> hub, TimeProvider time, ILogger<PortfolioRelay> log)
    : BackgroundService, IHubFilter
{
    public const string Event = "portfolio";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Watcher> _watchers = [];

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        if (context.Context.User.FindUserId() is { } userId)
        {
            lock (_gate)
            {
                if (!_watchers.TryGetValue(userId, out var watcher))
                {
                    _watchers.Add(userId, watcher = new Watcher(userId));
                }

                watcher.Connections++;
                // A new connection has seen nothing yet.
                watcher.Sent = null;
            }
        }

        await next(context);
    }

    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        if (context.Context.User.FindUserId() is { } userId)
        {
            lock (_gate)
            {
                if (_watchers.TryGetValue(userId, out var watcher) && --watcher.Connections == 0)
                {
                    _watchers.Remove(userId);
                }
            }
        }

        return next(context, exception);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                lock (_gate)
                {
                    foreach (var watcher in _watchers.Values)
                    {
                        if (watcher.Sending.IsCompleted)
                        {
                            watcher.Sending = SendAsync(watcher, stoppingToken);
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task SendAsync(Watcher watcher, CancellationToken cancellation)
    {
        // Not under the lock of the caller.
        await Task.Yield();
        try
        {
            var totals = await grains.GetGrain<IPortfolioGrain>(watcher.UserId).GetTotalsAsync();
            if (watcher.Sent is { } sent && sent with { At = totals.At } == totals)
            {
                return;
            }

            await hub.Clients.Group(HubAccess.GroupOf(watcher.UserId)).SendAsync(Event, totals, cancellation);
            watcher.Sent = totals;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogNotSent(watcher.UserId, exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The portfolio of user {UserId} could not be shown on the hub, again in a second: {Reason}")]
    private partial void LogNotSent(long userId, string reason);

    private sealed class Watcher(long userId)
    {
        public long UserId => userId;

        public int Connections { get; set; }

        public PortfolioTotals? Sent { get; set; }

        public Task Sending { get; set; } = Task.CompletedTask;
    }
}
