using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// Keeps what browsers name as their push service from reaching into private networks: only https, and only public addresses, checked at the
/// moment of connecting, so that a name that changes its address in between gains nothing.
/// </summary>
internal static class PushEndpoints
{
    public const int MaxLength = 1000;

    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3", "::/96", "64:ff9b::/96", "64:ff9b:1::/48",
            "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(static network => IPNetwork.Parse(network)),
    ];

    /// <summary>Why an address cannot be a push service's; null when it can.</summary>
    public static string? Refuse(string? text, bool allowPrivate)
    {
        if (text is null || text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var endpoint))
        {
            return $"Must be an address of at most {MaxLength} characters.";
        }

        if (endpoint.UserInfo.Length > 0 || endpoint.Fragment.Length > 0 || text.Any(static letter => letter is <= ' ' or > '~'))
        {
            return "Must be a plain address without user, fragment or spaces.";
        }

        if (allowPrivate)
        {
            return endpoint.Scheme is "https" or "http" ? null : "Must begin with https://.";
        }

        if (endpoint.Scheme != "https" || !endpoint.IsDefaultPort)
        {
            return "Must begin with https:// and use its standard port.";
        }

        return endpoint.HostNameType == UriHostNameType.Dns && endpoint.Host.Contains('.', StringComparison.Ordinal)
            ? null
            : "Must name a public host.";
    }

    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Array.Exists(Closed, network => network.Contains(plain));
    }

    /// <summary>Follows no redirects, uses no proxy, and connects to public addresses only.</summary>
    public static SocketsHttpHandler Handler(bool allowPrivate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (!allowPrivate)
        {
            handler.ConnectCallback = ConnectAsync;
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = Array.FindAll(await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation), IsPublic);
        if (addresses.Length == 0)
        {
            throw new HttpRequestException("The push service has no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }
}
