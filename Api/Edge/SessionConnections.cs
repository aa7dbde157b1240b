using CryptoAI.Storage.Users;

namespace CryptoAI.Api.Edge;

internal static class SessionConnectionsExtensions
{
    /// <summary>For endpoints that may end sessions: once one has answered, the connections of ended sessions on this node are cut.</summary>
    public static RouteHandlerBuilder CutsConnections(this RouteHandlerBuilder builder) => builder.AddEndpointFilter(static async (context, next) =>
    {
        var answer = await next(context);
        var http = context.HttpContext;
        await http.RequestServices.GetRequiredService<SessionConnections>().CheckAsync(http.RequestAborted);
        return answer;
    });
}

/// <summary>
/// This node's hub connections by the session they were opened with. Once a second, and at once after a revocation made here, it asks
/// which sessions still stand, and cuts the connections of those that do not: signed out, revoked, over, or of an account that
/// was suspended or deleted.
/// </summary>
internal sealed partial class SessionConnections(SessionStore sessions, TimeProvider time, ILogger<SessionConnections> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Dictionary<string, Action>> _connections = [];

    public void Add(long sessionId, string connectionId, Action abort)
    {
        lock (_gate)
        {
            if (!_connections.TryGetValue(sessionId, out var ofSession))
            {
                _connections[sessionId] = ofSession = new(StringComparer.Ordinal);
            }

            ofSession[connectionId] = abort;
        }
    }

    public void Remove(long sessionId, string connectionId)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(sessionId, out var ofSession) && ofSession.Remove(connectionId) && ofSession.Count == 0)
            {
                _connections.Remove(sessionId);
            }
        }
    }

    /// <summary>Cuts what no longer has a session.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        long[] open;
        lock (_gate)
        {
            open = [.. _connections.Keys];
        }

        if (open.Length == 0)
        {
            return;
        }

        var live = await sessions.LiveAsync(open, cancellation);
        Action[] aborts;
        lock (_gate)
        {
            aborts = [.. open.Where(session => !live.Contains(session) && _connections.ContainsKey(session)).SelectMany(session => _connections[session].Values)];
        }

        foreach (var abort in aborts)
        {
            abort();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await CheckAsync(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogUnknown(exception.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
