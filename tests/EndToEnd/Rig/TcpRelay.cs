using System.Net;
using System.Net.Sockets;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>A wire to a server that can be cut (connections reset and refused) or held (open, and nothing moves).</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly IPEndPoint _target;

    /// <summary>Bound and never listening: nobody else gets the port while the wire is cut.</summary>
    private readonly Socket _port = Bind(0);
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly List<Task> _flows = [];
    private TaskCompletionSource _held = Released();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public TcpRelay(string host, int port)
    {
        _target = new IPEndPoint(IPAddress.Parse(host), port);
        Restore();
    }

    public int Port => ((IPEndPoint)_port.LocalEndPoint!).Port;

    /// <summary>Resets every connection and refuses new ones.</summary>
    public async Task CutAsync()
    {
        _listener?.Dispose();

        // First, or a connection that is just being made would outlive the cut.
        await _accepting;
        lock (_lock)
        {
            foreach (var socket in _sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            _sockets.Clear();
        }
    }

    /// <summary>Accepts connections again, at the same port.</summary>
    public void Restore()
    {
        _listener = Bind(Port);
        _listener.Listen(64);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Keeps connections open and moves no byte until released.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await CutAsync();
        await Task.WhenAll(_flows);
        _port.Dispose();
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static TaskCompletionSource Released()
    {
        var released = new TaskCompletionSource();
        released.SetResult();
        return released;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptAsync();
                var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    near.NoDelay = true;
                    await far.ConnectAsync(_target);
                }
                catch (SocketException)
                {
                    // One of the two does not want it; others may.
                    near.Dispose();
                    far.Dispose();
                    continue;
                }

                lock (_lock)
                {
                    _sockets.Add(near);
                    _sockets.Add(far);
                }

                _flows.Add(FlowAsync(near, far));
                _flows.Add(FlowAsync(far, near));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task FlowAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await _held.Task;
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other now.
        }

        // In this order: whoever cuts touches every socket that is still in the set.
        lock (_lock)
        {
            _sockets.Remove(from);
            _sockets.Remove(to);
        }

        from.Dispose();
        to.Dispose();
    }
}
