using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Simulation;

/// <summary>Accepts stream connections: /ws and /stream, with or without streams in the address.</summary>
internal sealed partial class StreamServer(
    LiveMarket live, SimulationOptions options, TimeProvider time, FaultInjector faults, ILogger log)
{
    private readonly StreamControl control = new(live, options);
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, RateWindow> attempts = [];
    private int count;

    internal int Count => Volatile.Read(ref count);

    internal static bool Serves(string path) =>
        path is "/ws" or "/stream" or "/stream/" || path.StartsWith("/ws/", StringComparison.Ordinal);

    internal async Task HandleAsync(HttpContext context)
    {
        if (faults.Take(FaultKind.RefuseConnections, null) is not null)
        {
            context.Abort();
            return;
        }

        var request = context.Request;
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || request.Headers.SecWebSocketKey is not [{ Length: > 0 } key])
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (IsTooMany(context.Connection.RemoteIpAddress ?? IPAddress.Loopback))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        var combined = request.Path.Value!.StartsWith("/stream", StringComparison.Ordinal);
        var named = combined ? request.Query["streams"].ToString() : request.Path.Value!["/ws".Length..];
        var names = named.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length > options.StreamsPerConnection)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = WebSocketFrames.Accept(key);
        await using var connection = new StreamConnection(combined, options, time, faults, control.Answer);
        Interlocked.Increment(ref count);
        live.Open(connection);
        try
        {
            // Before the handshake: who is connected misses nothing from then on.
            live.Subscribe(connection, names, options.StreamsPerConnection);
            await using var stream = await upgrade.UpgradeAsync();
            await connection.RunAsync(stream, context.RequestAborted);
        }
        finally
        {
            live.Leave(connection);
            Interlocked.Decrement(ref count);
            LogEnded(log, connection.EndReason ?? "it was over");
            if (connection.WasCut)
            {
                context.Abort();
            }
        }
    }

    private bool IsTooMany(IPAddress address)
    {
        lock (gate)
        {
            if (!attempts.TryGetValue(address, out var recent))
            {
                attempts.Add(address, recent = new RateWindow(options.ConnectionsPerFiveMinutes, TimeSpan.FromMinutes(5), time));
            }

            return !recent.TryTake();
        }
    }
}
