using System.Globalization;
using System.Net.WebSockets;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>What the sockets of a stream share.</summary>
internal sealed record StreamContext(
    FeedOptions Options, string Provider, FramePipe Pipe, TimeProvider Time, Action<ApiCall> Report, ILogger Logger)
{
    private long _oversizedFrames;

    public long OversizedFrames => Interlocked.Read(ref _oversizedFrames);

    public void CountOversized() => Interlocked.Increment(ref _oversizedFrames);
}

/// <summary>
/// One WebSocket to /stream: reads whole frames into the pipe, answers pings (the framework does, with their payload), watches for
/// silence. It is alive from <see cref="ConnectAsync"/> until <see cref="Ended"/>.
/// </summary>
internal sealed partial class StreamSocket : IAsyncDisposable
{
    private const string Endpoint = "/stream";

    // A message of this size is no market data of any kind, and skipping it would cost more than a new connection.
    private const int LargestSkipped = 16 * 1_048_576;
    private const int LargestControlFrame = 4_096;

    // Giving up a goodbye cuts the connection; waiting for the answer to one is a courtesy.
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
    private static readonly FrameDecoder Shutdowns = new([]);

    private readonly ClientWebSocket _socket;
    private readonly StreamContext _context;
    private readonly ILogger _logger;
    private readonly StreamControl _control;
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _watch;
    private readonly long _connectedAt;
    private long _lastFrameAt;
    private volatile bool _isReceiving;
    private volatile string? _endReason;

    private StreamSocket(ClientWebSocket socket, StreamContext context)
    {
        _socket = socket;
        _context = context;
        _logger = context.Logger;
        _connectedAt = _lastFrameAt = context.Time.GetTimestamp();
        _control = new(
            (message, cancellation) => socket.SendAsync(message, WebSocketMessageType.Text, true, cancellation), context.Options, context.Time, context.Logger);
        var period = context.Options.ConnectionStaleAfter / 4;
        _watch = context.Time.CreateTimer(static state => ((StreamSocket)state!).EndIfSilent(), this, period, period);
        // On the pool: what is buffered already must not keep the caller.
        Ended = Task.Run(ReadAsync);
    }

    /// <summary>Completes, never failing, when the socket no longer delivers; by then everything it received is in the pipe.</summary>
    public Task Ended { get; }

    /// <summary>Completes when the exchange says that it is about to close the connection.</summary>
    public Task ShutdownAnnounced => _shutdown.Task;

    public TimeSpan Age => _context.Time.GetElapsedTime(_connectedAt);

    /// <exception cref="ExchangeUnavailableException">No connection.</exception>
    public static async Task<StreamSocket> ConnectAsync(StreamContext context, CancellationToken cancellation)
    {
        var uri = Address(context.Options.StreamUrl);
        var sentAt = context.Time.GetUtcNow();
        var started = context.Time.GetTimestamp();
        var socket = new ClientWebSocket();
        // The exchange pings; pings of our own would count against its message limit.
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        socket.Options.CollectHttpResponseDetails = true;
        if (uri.IsLoopback)
        {
            socket.Options.Proxy = null;
        }

        try
        {
            using var timeout = new CancellationTokenSource(context.Options.ConnectTimeout, context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            await socket.ConnectAsync(uri, either.Token);
            Report(101, null);
            return new(socket, context);
        }
        catch (Exception exception)
        {
            var status = (int)socket.HttpStatusCode is var code and > 0 ? code : (int?)null;
            var retryAfter = RetryAfter(socket);
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            Report(status, exception.Message);
            throw new ExchangeUnavailableException($"No connection to {uri}: {exception.Message}", exception) { RetryAfter = retryAfter };
        }

        void Report(int? status, string? error) => context.Report(new(
            context.Provider, Endpoint, "CONNECT", status, context.Time.GetElapsedTime(started).TotalMilliseconds, null, null, error, sentAt));
    }

    /// <summary>Sends SUBSCRIBE or UNSUBSCRIBE for the streams; false when not all of it was acknowledged or the socket ended.</summary>
    public async Task<bool> RequestAsync(string method, IReadOnlyList<string> streams, CancellationToken cancellation)
    {
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _over.Token);
            return await _control.RequestAsync(method, streams, either.Token);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested
            && exception is OperationCanceledException or WebSocketException or InvalidOperationException or IOException)
        {
            LogRequestFailed(method, exception.Message);
            return false;
        }
    }

    /// <summary>Says goodbye, reads what is still under way, and ends within about a second, or within seconds if it cannot even say goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        _endReason ??= "closed by us";
        try
        {
            if (_socket.State == WebSocketState.Open)
            {
                using var timeout = new CancellationTokenSource(GoodbyeTimeout);
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
            }

            await Ended.WaitAsync(CloseTimeout);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or TimeoutException or InvalidOperationException or IOException)
        {
            LogAbandoned(exception.Message);
        }

        _socket.Abort();
        // A reader that waits for room in the pipe is let go too.
        await _over.CancelAsync();
        await Ended;
        await _watch.DisposeAsync();
        _socket.Dispose();
        _control.Dispose();
        _over.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await ReadFramesAsync();
            _endReason ??= $"closed by the exchange ({_socket.CloseStatus}, {_socket.CloseStatusDescription})";
        }
        catch (Exception exception)
        {
            _endReason ??= exception.Message;
        }

        _isReceiving = false;
        await _over.CancelAsync();
        LogEnded(_endReason, Age.TotalSeconds);
        _context.Report(new(
            _context.Provider, Endpoint, "CLOSE", (int?)_socket.CloseStatus, Age.TotalMilliseconds, null, null, _endReason, _context.Time.GetUtcNow()));
    }

    private async Task ReadFramesAsync()
    {
        var buffer = new byte[_context.Options.MaxFrameBytes];
        var length = 0;
        long skipped = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                // Too large: its rest is read over the part already here.
                skipped += length;
                length = 0;
                if (skipped > LargestSkipped)
                {
                    _context.CountOversized();
                    throw new InvalidDataException($"a message of more than {LargestSkipped} bytes");
                }
            }

            _isReceiving = true;
            // Aborting the socket ends this; a token would have to be registered for every frame.
            var received = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            length += received.Count;
            if (!received.EndOfMessage)
            {
                continue;
            }

            var now = _context.Time.GetUtcNow();
            Volatile.Write(ref _lastFrameAt, _context.Time.GetTimestamp());
            if (skipped > 0)
            {
                _context.CountOversized();
                LogOversized(skipped + length, _context.Options.MaxFrameBytes);
            }
            else if (!IsReply(buffer.AsSpan(0, length)))
            {
                var receivedAt = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
                while (!_context.Pipe.TryWrite(buffer.AsSpan(0, length), receivedAt))
                {
                    // Whoever does not read cannot tell whether the exchange is silent.
                    _isReceiving = false;
                    await _context.Pipe.WaitForRoomAsync(_over.Token);
                    Volatile.Write(ref _lastFrameAt, _context.Time.GetTimestamp());
                }
            }

            (length, skipped) = (0, 0);
        }
    }

    /// <summary>Whether the frame answers a message of ours. Notes an announced shutdown on the way.</summary>
    private bool IsReply(ReadOnlySpan<byte> frame)
    {
        var usual = "{\"stream\":\""u8;
        if ((frame.Length > usual.Length && frame.StartsWith(usual) && frame[usual.Length] != (byte)'!') || frame.Length > LargestControlFrame)
        {
            return false;
        }

        if (frame.IndexOf("serverShutdown"u8) >= 0 && Shutdowns.Decode(frame, out _) == FrameKind.ServerShutdown)
        {
            _shutdown.TrySetResult();
            return false;
        }

        return frame.IndexOf("\"id\""u8) >= 0 && _control.TryTakeReply(frame);
    }

    private void EndIfSilent()
    {
        if (_isReceiving && _context.Time.GetElapsedTime(Volatile.Read(ref _lastFrameAt)) >= _context.Options.ConnectionStaleAfter)
        {
            _endReason ??= $"no frame for {_context.Options.ConnectionStaleAfter.TotalSeconds} s";
            _socket.Abort();
        }
    }

    private static Uri Address(string streamUrl)
    {
        var text = streamUrl.TrimEnd('/');
        text = text.EndsWith(Endpoint, StringComparison.Ordinal) ? text : text + Endpoint;
        var builder = new UriBuilder(text);
        builder.Scheme = builder.Scheme switch { "http" => "ws", "https" => "wss", var scheme => scheme };
        return builder.Uri;
    }

    private static TimeSpan? RetryAfter(ClientWebSocket socket) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
