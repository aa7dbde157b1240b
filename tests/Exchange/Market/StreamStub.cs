using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>A control message as the stub received it, at its moment on the test's clock.</summary>
internal sealed record Control(string Method, string[] Streams, long Id, DateTimeOffset At);

/// <summary>A WebSocket server on /stream that acknowledges subscriptions, and otherwise does as the test says.</summary>
internal sealed class StreamStub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<StubConnection> _connections = new();

    private StreamStub(WebApplication app) => _app = app;

    /// <summary>The answer to a control message; null for none.</summary>
    public Func<Control, string?> Reply { get; set; } = static control => $$"""{"result":null,"id":{{control.Id}}}""";

    /// <summary>Status with which connections are refused; 0 to accept them.</summary>
    public int Refusal { get; set; }

    public int Refused { get; private set; }

    public IReadOnlyList<StubConnection> Connections => [.. _connections];

    public string Url => _app.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal);

    public static async Task<StreamStub> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new StreamStub(app);
        app.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
            {
                context.Features.Set<IHttpUpgradeFeature>(new RecordedUpgrade(upgrade));
            }

            return next(context);
        });
        app.UseWebSockets(new() { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Run(async context =>
        {
            if (stub.Refusal != 0 || context.Request.Path != "/stream")
            {
                stub.Refused++;
                context.Response.StatusCode = stub.Refusal == 0 ? 404 : stub.Refusal;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var connection = new StubConnection(socket, (RecordedUpgrade)context.Features.Get<IHttpUpgradeFeature>()!);
            stub._connections.Enqueue(connection);
            await connection.RunAsync(control => stub.Reply(control), clock);
        });
        await app.StartAsync();
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            connection.Abort();
        }

        await _app.StopAsync();
        await _app.DisposeAsync();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }
}

/// <summary>One connection at the stub.</summary>
internal sealed class StubConnection(WebSocket socket, RecordedUpgrade upgrade) : IDisposable
{
    private readonly ConcurrentQueue<Control> _controls = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private volatile bool _isOver;

    public IReadOnlyList<Control> Controls => [.. _controls];

    public bool IsOver => _isOver;

    /// <summary>How the client closed; null while it has not.</summary>
    public WebSocketCloseStatus? Closed { get; private set; }

    /// <summary>Payloads of the pongs received.</summary>
    public IReadOnlyList<string> Pongs => upgrade.Pongs();

    public async Task RunAsync(Func<Control, string?> reply, TimeProvider clock)
    {
        var buffer = new byte[65_536];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    Closed = socket.CloseStatus;
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                using var message = JsonDocument.Parse(buffer.AsMemory(0, received.Count));
                var root = message.RootElement;
                var control = new Control(
                    root.GetProperty("method").GetString()!,
                    [.. root.GetProperty("params").EnumerateArray().Select(stream => stream.GetString()!)],
                    root.GetProperty("id").GetInt64(),
                    clock.GetUtcNow());
                // Before the answer: who has been answered may rely on the message's being seen here.
                _controls.Enqueue(control);
                if (reply(control) is { } text)
                {
                    await SendAsync(text);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The client is gone; if it said goodbye before, that stands.
        }

        _isOver = true;
    }

    public async Task SendAsync(string text)
    {
        await _sending.WaitAsync();
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>A ping with this payload, as the framework would not send it.</summary>
    public Task PingAsync(string payload) => upgrade.Connection!.WriteAsync((byte[])[0x89, (byte)payload.Length, .. Encoding.ASCII.GetBytes(payload)]).AsTask();

    public Task CloseAsync() => socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "bye", CancellationToken.None);

    public void Abort() => socket.Abort();

    public void Dispose() => _sending.Dispose();
}

/// <summary>Keeps what is read of an upgraded connection.</summary>
internal sealed class RecordedUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    private readonly List<byte> _read = [];

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public Stream? Connection { get; private set; }

    public async Task<Stream> UpgradeAsync() => Connection = new Recorded(await inner.UpgradeAsync(), _read);

    public IReadOnlyList<string> Pongs()
    {
        byte[] bytes;
        lock (_read)
        {
            bytes = [.. _read];
        }

        // Client frames: flags, length, four bytes of mask, payload.
        var pongs = new List<string>();
        for (var at = 0; at + 6 <= bytes.Length;)
        {
            var length = bytes[at + 1] & 0x7F;
            var head = 2;
            if (length == 126)
            {
                length = (bytes[at + 2] << 8) | bytes[at + 3];
                head = 4;
            }

            var payload = bytes.Skip(at + head + 4).Take(length).Select((value, i) => (byte)(value ^ bytes[at + head + (i % 4)])).ToArray();
            if ((bytes[at] & 0x0F) == 0x0A)
            {
                pongs.Add(Encoding.ASCII.GetString(payload));
            }

            at += head + 4 + length;
        }

        return pongs;
    }

    private sealed class Recorded(Stream inner, List<byte> read) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            lock (read)
            {
                read.AddRange(buffer.Span[..count]);
            }

            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
