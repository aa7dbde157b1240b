using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace CryptoAI.Tests.Shared;

/// <summary>A client of the SignalR JSON protocol over one WebSocket. Every message ends with a record separator.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private const byte Separator = 0x1E;
    private const int Invocation = 1;
    private const int Completion = 3;
    private const int Ping = 6;
    private const int Close = 7;

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new(StringComparer.Ordinal);
    private readonly Channel<HubEvent> _events = Channel.CreateUnbounded<HubEvent>();
    private readonly TaskCompletionSource _handshake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastCall;

    private HubClient()
    {
    }

    /// <summary>Events in order of arrival; ends when the connection does.</summary>
    public ChannelReader<HubEvent> Events => _events.Reader;

    /// <summary>Completes when the connection has ended, however that came.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>What the server gave as the reason of its closing, if it did.</summary>
    public string? CloseReason { get; private set; }

    /// <param name="server">The server's base address, http or https.</param>
    /// <param name="configure">Adds headers and the like.</param>
    /// <param name="path">The hub's, with a ticket if there is one.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<HubClient> ConnectAsync(
        Uri server,
        Action<ClientWebSocketOptions>? configure = null,
        string path = "/hubs/market",
        CancellationToken cancellation = default)
    {
        var client = new HubClient();
        try
        {
            configure?.Invoke(client._socket.Options);
            var address = new UriBuilder(new Uri(server, path)) { Scheme = server.Scheme == "https" ? "wss" : "ws" }.Uri;
            await client._socket.ConnectAsync(address, cancellation);
            client.Ended = client.ReadAsync();
            await client.SendAsync("""{"protocol":"json","version":1}""");
            await client._handshake.Task.WaitAsync(cancellation);
            return client;
        }
        catch (Exception)
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a hub method and gives its result.</summary>
    /// <exception cref="HubRefusedException">The hub answered with an error.</exception>
    public async Task<JsonElement> InvokeAsync(string method, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall).ToString();
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = answer;
        await SendAsync(JsonSerializer.Serialize(new { type = Invocation, invocationId = id, target = method, arguments }));
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Sends a text as it is, with the separator behind it.</summary>
    public async Task SendAsync(string json)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(json + (char)Separator), WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next event with this name; others are passed over.</summary>
    public async Task<JsonElement> NextAsync(string name, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(60));
        while (true)
        {
            var next = await _events.Reader.ReadAsync(patience.Token);
            if (next.Name == name)
            {
                return next.Argument;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Ended;
        _socket.Dispose();
        _sending.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (true)
            {
                if (filled == buffer.Length)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }

                var received = await _socket.ReceiveAsync(buffer.AsMemory(filled), _stop.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    CloseReason ??= _socket.CloseStatusDescription;
                    break;
                }

                filled += received.Count;
                filled = TakeMessages(buffer, filled, Stopwatch.GetTimestamp());
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            CloseReason ??= exception.Message;
        }
        finally
        {
            _events.Writer.TryComplete();
            var lost = new IOException($"The connection ended: {CloseReason}");
            _handshake.TrySetException(lost);
            foreach (var call in _calls.Values)
            {
                call.TrySetException(lost);
            }
        }
    }

    /// <summary>Takes whole messages off the buffer's front and moves the rest there.</summary>
    private int TakeMessages(byte[] buffer, int filled, long receivedAt)
    {
        var start = 0;
        int length;
        while ((length = buffer.AsSpan(start, filled - start).IndexOf(Separator)) >= 0)
        {
            using var message = JsonDocument.Parse(buffer.AsMemory(start, length));
            Take(message.RootElement, receivedAt);
            start += length + 1;
        }

        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        return filled - start;
    }

    private void Take(JsonElement message, long receivedAt)
    {
        if (!message.TryGetProperty("type", out var type))
        {
            if (message.TryGetProperty("error", out var refused))
            {
                _handshake.TrySetException(new HubRefusedException(refused.GetString()!));
            }

            _handshake.TrySetResult();
            return;
        }

        switch (type.GetInt32())
        {
            case Invocation:
                var arguments = message.GetProperty("arguments");
                _events.Writer.TryWrite(new HubEvent(message.GetProperty("target").GetString()!, arguments[0].Clone(), receivedAt));
                break;
            case Completion when _calls.TryRemove(message.GetProperty("invocationId").GetString()!, out var call):
                if (message.TryGetProperty("error", out var error))
                {
                    call.TrySetException(new HubRefusedException(error.GetString()!));
                }
                else
                {
                    call.TrySetResult(message.TryGetProperty("result", out var result) ? result.Clone() : default);
                }

                break;
            case Ping:
                break;
            case Close:
                CloseReason = message.TryGetProperty("error", out var reason) ? reason.GetString() : "closed";
                break;
        }
    }
}

/// <summary>An event of the hub.</summary>
/// <param name="Argument">Its first argument.</param>
/// <param name="ReceivedAt"><see cref="Stopwatch"/> timestamp of its arrival.</param>
public sealed record HubEvent(string Name, JsonElement Argument, long ReceivedAt);

/// <summary>The hub answered a call or the handshake with an error.</summary>
public sealed class HubRefusedException(string message) : Exception(message);
