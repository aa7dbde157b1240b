using System.Reflection;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Edge;

/// <summary>
/// Lets hub methods be called by whom their <see cref="AccessAttribute"/> names, and by nobody where it is missing. Puts connections
/// of signed-in people into <see cref="GroupOf"/> and cuts them when their session ends.
/// </summary>
internal sealed class HubAccess(SessionConnections connections) : IHubFilter
{
    /// <summary>The SignalR group of all connections of a person, on this node.</summary>
    public static string GroupOf(long userId) => $"user:{userId}";

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var user = invocationContext.Context.User;
        var isAllowed = invocationContext.HubMethod.GetCustomAttribute<AccessAttribute>()?.Allowed switch
        {
            Access.Public => true,
            Access.SignedIn => user.FindUserId() is not null,
            Access.Admin => user is not null && user.IsAdmin(),
            _ => false,
        };
        return isAllowed ? next(invocationContext) : throw new HubException("This is not open to you; sign in with a hub ticket.");
    }

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        var caller = context.Context;
        if (caller.User.FindUserId() is { } userId && caller.User.FindSessionId() is { } sessionId)
        {
            await context.Hub.Groups.AddToGroupAsync(caller.ConnectionId, GroupOf(userId), caller.ConnectionAborted);
            connections.Add(sessionId, caller.ConnectionId, caller.Abort);
        }

        await next(context);
    }

    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        if (context.Context.User.FindSessionId() is { } sessionId)
        {
            connections.Remove(sessionId, context.Context.ConnectionId);
        }

        return next(context, exception);
    }
}
