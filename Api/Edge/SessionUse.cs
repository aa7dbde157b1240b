using System.Collections.Concurrent;
using CryptoAI.Storage.Users;

namespace CryptoAI.Api.Edge;

/// <summary>
/// Writes user_sessions.last_used_at in batches: at most once a minute per session, and not with the request. A crash loses the last
/// few seconds of it.
/// </summary>
internal sealed partial class SessionUse(SessionStore sessions, TimeProvider time, ILogger<SessionUse> logger) : BackgroundService
{
    private const int MaxWaiting = 50_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, DateTimeOffset> _used = new();

    public void Note(LiveSession session)
    {
        var now = time.GetUtcNow();
        if (now - session.LastUsedAt >= Precision && _used.Count < MaxWaiting)
        {
            _used[session.Id] = now;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteAsync(CancellationToken.None);
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        var uses = _used.ToArray();
        if (uses.Length == 0)
        {
            return;
        }

        try
        {
            await sessions.TouchAsync(uses, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            LogNotWritten(exception, uses.Length);
            return;
        }

        foreach (var use in uses)
        {
            _used.TryRemove(use);
        }
    }
}
