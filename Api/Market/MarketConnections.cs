using System.Collections.Concurrent;
using CryptoAI.Api.Notifications;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Market;

/// <summary>
/// Gives the broadcast direct hold of the hub's connections, so that a message is serialized once for all of them and a
/// write that waits is seen to wait. Connections of signed-in people get their notifications.
/// </summary>
internal sealed class MarketConnections(
    MarketBroadcast broadcast, NotificationRelay notifications, ILogger<DefaultHubLifetimeManager<MarketHub>> logger) : DefaultHubLifetimeManager<MarketHub>(logger)
{
    private readonly ConcurrentDictionary<string, MarketClient> _clients = new(StringComparer.Ordinal);

    public MarketClient this[string connectionId] => _clients[connectionId];

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        var client = broadcast.Connect(
            connection.ConnectionId,
            frame => connection.WriteAsync(frame.Message).AsTask(),
            connection.Abort);
        _clients[connection.ConnectionId] = client;
        if (connection.User.FindUserId() is { } userId)
        {
            await notifications.ConnectAsync(userId, client);
        }
    }

    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_clients.TryRemove(connection.ConnectionId, out var client))
        {
            if (connection.User.FindUserId() is { } userId)
            {
                notifications.Disconnect(userId, client);
            }

            await broadcast.DisconnectAsync(client);
        }

        await base.OnDisconnectedAsync(connection);
    }
}
