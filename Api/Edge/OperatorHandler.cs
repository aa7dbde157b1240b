using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

internal sealed class OperatorRequirement : IAuthorizationRequirement;

/// <summary>
/// Grants operators by their address. A request that came through a proxy nobody configured is never an operator's, since
/// its address is the proxy's; nor is one to a foreign host name, since a web page can be made to send it from this machine.
/// </summary>
internal sealed class OperatorHandler(IOptions<ApiOptions> options) : AuthorizationHandler<OperatorRequirement>
{
    private static readonly string[] ForwardingHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    private readonly IPNetwork[] _networks = [.. options.Value.OperatorNetworks.Select(ApiOptions.ParseNetwork)];

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperatorRequirement requirement)
    {
        if (context.Resource is HttpContext http && IsOperator(http))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    private bool IsOperator(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        if (address is null || ForwardingHeaders.Any(http.Request.Headers.ContainsKey))
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return (IPAddress.IsLoopback(address) && IsLocalName(http.Request.Host.Host))
            || _networks.Any(network => network.Contains(address));
    }

    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
