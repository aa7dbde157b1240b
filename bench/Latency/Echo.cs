using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Bench.Latency;

/// <summary>A bare WebSocket echo over loopback: two hops through the same stack, and nothing in between.</summary>
internal sealed class Echo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ClientWebSocket _client = new();
    private readonly byte[] _buffer = new byte[4096];

    private Echo(WebApplication app) => _app = app;

    public static async Task<Echo> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/echo", RepeatAsync);
        await app.StartAsync();
        var echo = new Echo(app);
        await echo._client.ConnectAsync(new UriBuilder(app.Urls.Single()) { Scheme = "ws", Path = "/echo" }.Uri, CancellationToken.None);
        return echo;
    }

    /// <summary>Sends 180 bytes, as long as a trade's frame, and returns how long they took to come back, in milliseconds.</summary>
    public async Task<double> MeasureAsync()
    {
        var start = Stopwatch.GetTimestamp();
        await _client.SendAsync(_buffer.AsMemory(0, 180), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        await _client.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Abort();
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private static async Task RepeatAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The run is over.
        }
    }
}
