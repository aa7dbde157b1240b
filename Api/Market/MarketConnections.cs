using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Market;

/// <summary>
/// Gives the broadcast direct hold of the hub's connections, so that a message is serialized once for all of them and a
/// write that waits is seen to wait.
/// </summary>
internal sealed class MarketConnections(MarketBroadcast broadcast, ILogger<DefaultHubLifetimeManager<MarketHub>> logger)
    : DefaultHubLifetimeManager<MarketHub>(logger)
{
    private readonly ConcurrentDictionary<string, MarketClient> _clients = new(StringComparer.Ordinal);

    public MarketClient this[string connectionId] => _clients[connectionId];

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        _clients[connection.ConnectionId] = broadcast.Connect(
            connection.ConnectionId,
            frame => connection.WriteAsync(frame.Message).AsTask(),
            connection.Abort);
    }

    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_clients.TryRemove(connection.ConnectionId, out var client))
        {
            await broadcast.DisconnectAsync(client);
        }

        await base.OnDisconnectedAsync(connection);
    }
}
