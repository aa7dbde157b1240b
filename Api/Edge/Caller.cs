using System.Globalization;
using System.Net;
using System.Security.Claims;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Edge;

/// <summary>
/// Who a request or a hub call comes from: <c>context.User.UserId()</c> for reading, <c>context.Actor()</c> as the first argument of
/// grain calls that change something. Both are for endpoints and hub methods that require signing in.
/// </summary>
internal static class Caller
{
    private const string SessionClaim = "session";
    private const string PlanClaim = "plan";
    private const string AdminRole = "admin";
    private const int MaxUserAgent = 256;

    public static ClaimsIdentity Identity(LiveSession session, string scheme) => new(
        [
            new Claim(ClaimTypes.NameIdentifier, session.UserId.ToString(CultureInfo.InvariantCulture)),
            new Claim(SessionClaim, session.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(PlanClaim, session.Plan.ToString()),
            .. session.IsAdmin ? [new Claim(ClaimTypes.Role, AdminRole)] : Array.Empty<Claim>(),
        ],
        scheme);

    /// <summary>users.id of the caller.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in: the endpoint must require it.</exception>
    public static long UserId(this ClaimsPrincipal user) =>
        user.FindUserId() ?? throw new InvalidOperationException("Nobody is signed in here.");

    /// <summary>users.id of the caller; null when nobody is signed in, as on public endpoints.</summary>
    public static long? FindUserId(this ClaimsPrincipal? user) => Number(user, ClaimTypes.NameIdentifier);

    /// <summary>user_sessions.id of the caller; null when nobody is signed in.</summary>
    public static long? FindSessionId(this ClaimsPrincipal? user) => Number(user, SessionClaim);

    public static bool IsAdmin(this ClaimsPrincipal user) => user.IsInRole(AdminRole);

    /// <summary>The caller's plan as it counts now; free when nobody is signed in.</summary>
    public static Plan Plan(this ClaimsPrincipal user) => Enum.TryParse<Plan>(user.FindFirstValue(PlanClaim), out var plan) ? plan : default;

    /// <summary>The caller as grains and the audit know them.</summary>
    public static Actor Actor(this HttpContext context) => new(
        context.User.UserId(), context.User.FindSessionId(), context.Address(), context.UserAgent(), IdempotencyKey.Read(context.Request));

    /// <summary>The caller of a hub method.</summary>
    public static Actor Actor(this HubCallerContext context)
    {
        var http = context.GetHttpContext();
        return new(context.User!.UserId(), context.User.FindSessionId(), http?.Address(), http?.UserAgent());
    }

    /// <summary>The caller's IP address, without the zone that only this machine knows.</summary>
    public static string? Address(this HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes())).ToString()
        : null;

    /// <summary>What the caller's program calls itself, short and without control characters.</summary>
    public static string? UserAgent(this HttpContext context)
    {
        var text = context.Request.Headers.UserAgent.ToString();
        return text.Length == 0
            ? null
            : string.Concat(text.Take(MaxUserAgent).Select(static letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
    }

    private static long? Number(ClaimsPrincipal? user, string claim) =>
        long.TryParse(user?.FindFirstValue(claim), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
