using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Bench.Latency;

/// <summary>
/// The least exchange that the product takes for one: it lists its pairs, has no history, and sends exactly the trades it is told to,
/// remembering when. Trades of a symbol have contiguous ids from 1; prices have two decimals, quantities one.
/// </summary>
internal sealed class BenchExchange : IAsyncDisposable
{
    private const int MaxTrades = 4_000_000;

    private readonly WebApplication _app;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string[] _pairs;
    private readonly long[] _lastIds;
    private readonly long[][] _sentAt;
    private readonly byte[] _frame = new byte[512];
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<WebSocket> _allSubscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _serving = Task.CompletedTask;

    private BenchExchange(WebApplication app, string[] symbols)
    {
        _app = app;
        Symbols = symbols;
        _pairs = [.. symbols.Select(symbol => symbol + "USDT")];
        _lastIds = new long[symbols.Length];
        _sentAt = [.. symbols.Select(_ => new long[MaxTrades / symbols.Length])];
    }

    public IReadOnlyList<string> Symbols { get; }

    public Uri RestUrl => new(_app.Urls.Single());

    public Uri StreamUrl => new($"ws://{_listener.LocalEndpoint}");

    public static async Task<BenchExchange> StartAsync(int symbols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var exchange = new BenchExchange(app, [.. Enumerable.Range(0, symbols).Select(static i => $"C{i}")]);
        app.MapGet("/api/v3/ping", static () => Json("{}"));
        app.MapGet("/api/v3/time", static () => Json($"{{\"serverTime\":{Now()}}}"));
        app.MapGet("/api/v3/exchangeInfo", () => Json(exchange.ExchangeInfo()));
        app.MapGet("/api/v3/ticker/24hr", () => Json(exchange.Tickers()));
        app.MapGet("/api/v3/klines", static () => Json("[]"));
        app.MapGet("/api/v3/aggTrades", static () => Json("[]"));
        await app.StartAsync();
        exchange._listener.Start();
        exchange._serving = exchange.ServeAsync();
        return exchange;
    }

    /// <summary>Waits until the product listens to the trades of every symbol.</summary>
    public Task SubscribedAsync() => _allSubscribed.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Sends the next trade of a symbol, and returns when the kernel has it. One caller at a time.</summary>
    public void Send(int symbol)
    {
        var socket = _allSubscribed.Task.Result;
        var id = ++_lastIds[symbol];
        var now = Now();
        Utf8.TryWrite(
            _frame,
            CultureInfo.InvariantCulture,
            $"{{\"stream\":\"c{symbol}usdt@aggTrade\",\"data\":{{\"e\":\"aggTrade\",\"E\":{now},\"s\":\"C{symbol}USDT\",\"a\":{id},\"p\":\"{100 + (id % 100)}.25\",\"q\":\"1.5\",\"f\":{id},\"l\":{id},\"T\":{now},\"m\":true,\"M\":true}}}}",
            out var length);
        _sentAt[symbol][id] = Stopwatch.GetTimestamp();
        socket.SendAsync(_frame.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask().Wait();
    }

    /// <summary>Stopwatch timestamp of a trade's sending.</summary>
    public long SentAt(int symbol, long id) => Volatile.Read(ref _sentAt[symbol][id]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>
    /// The stream goes over a bare socket: a web server's buffers and threads between would be measured with the product, which has
    /// none of an exchange's.
    /// </summary>
    private async Task ServeAsync()
    {
        try
        {
            using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
            connection.NoDelay = true;
            using var socket = await UpgradeAsync(connection.GetStream());
            var buffer = new byte[256 * 1024];
            while (true)
            {
                var filled = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(filled), _stop.Token);
                    filled += received.Count;
                }
                while (!received.EndOfMessage);

                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                await AnswerAsync(socket, buffer.AsMemory(0, filled));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // The run is over.
        }
    }

    private async Task<WebSocket> UpgradeAsync(NetworkStream stream)
    {
        var request = new byte[8192];
        var length = 0;
        while (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            length += await stream.ReadAsync(request.AsMemory(length), _stop.Token);
        }

        const string header = "Sec-WebSocket-Key: ";
        var key = Encoding.ASCII.GetString(request, 0, length).Split("\r\n").Single(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase))[header.Length..];
        // RFC 6455, section 4.2.2, names both the constant and the hash.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        var accept = Convert.ToBase64String(hash.GetHashAndReset());
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"),
            _stop.Token);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
    }

    private async Task AnswerAsync(WebSocket socket, ReadOnlyMemory<byte> request)
    {
        using var message = JsonDocument.Parse(request);
        foreach (var stream in message.RootElement.TryGetProperty("params", out var streams) ? streams.EnumerateArray() : default)
        {
            if (stream.GetString()!.EndsWith("@aggTrade", StringComparison.Ordinal))
            {
                _subscribed.Add(stream.GetString()!);
            }
        }

        var answer = Encoding.UTF8.GetBytes($"{{\"result\":null,\"id\":{message.RootElement.GetProperty("id").GetRawText()}}}");
        await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (_subscribed.Count == Symbols.Count)
        {
            _allSubscribed.TrySetResult(socket);
        }
    }

    private string ExchangeInfo() =>
        $$"""{"timezone":"UTC","serverTime":{{Now()}},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":1000000}],"exchangeFilters":[],"symbols":["""
        + string.Join(',', _pairs.Select((pair, i) =>
            $$"""{"symbol":"{{pair}}","status":"TRADING","baseAsset":"{{Symbols[i]}}","quoteAsset":"USDT","isSpotTradingAllowed":true,"permissions":["SPOT"],"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"1000000.00","tickSize":"0.01"},{"filterType":"LOT_SIZE","minQty":"0.1","maxQty":"9000.0","stepSize":"0.1"}]}"""))
        + "]}";

    private string Tickers() =>
        "[" + string.Join(',', _pairs.Select(static (pair, i) => $$"""{"symbol":"{{pair}}","quoteVolume":"{{1_000_000 - i}}.00","lastPrice":"100.00"}""")) + "]";

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static IResult Json(string text) => Results.Text(text, "application/json");
}
