using System.Net;
using System.Net.Sockets;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>A wire to a server that can be cut (connections reset and refused) or held (open, and nothing moves).</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly IPEndPoint _target;
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

    public int Port { get; private set; }

    /// <summary>Resets every connection and refuses new ones.</summary>
    public async Task CutAsync()
    {
        _listener?.Dispose();
        lock (_lock)
        {
            foreach (var socket in _sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            _sockets.Clear();
        }

        await _accepting;
    }

    /// <summary>Accepts connections again, at the same port.</summary>
    public void Restore()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen(64);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
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
                near.NoDelay = true;
                lock (_lock)
                {
                    _sockets.Add(near);
                    _sockets.Add(far);
                }

                await far.ConnectAsync(_target);
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
