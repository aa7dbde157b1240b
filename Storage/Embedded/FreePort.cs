using System.Net;
using System.Net.Sockets;

namespace CryptoAI.Storage.Embedded;

/// <summary>Ports for servers that must know theirs before they listen.</summary>
public static class FreePort
{
    private const int Attempts = 100;

    /// <summary>
    /// A port of this machine that is free now, below those that systems give to outgoing connections: from among these someone else, or
    /// even a client of ours connecting to itself, could take it before the server listens or while it restarts.
    /// </summary>
    public static int Choose()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, attempt < Attempts ? Random.Shared.Next(20_000, 32_000) : 0);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Taken: try another.
            }
        }
    }
}
