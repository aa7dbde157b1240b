using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text;
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
    private readonly string[] _pairs;
    private readonly long[] _lastIds;
    private readonly long[][] _sentAt;
    private readonly byte[] _frame = new byte[512];
    private readonly TaskCompletionSource<WebSocket> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _allSubscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BenchExchange(WebApplication app, string[] symbols)
    {
        _app = app;
        Symbols = symbols;
        _pairs = [.. symbols.Select(symbol => symbol + "USDT")];
        _lastIds = new long[symbols.Length];
        _sentAt = [.. symbols.Select(_ => new long[MaxTrades / symbols.Length])];
    }

    public IReadOnlyList<string> Symbols { get; }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<BenchExchange> StartAsync(int symbols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var exchange = new BenchExchange(app, [.. Enumerable.Range(0, symbols).Select(static i => $"C{i}")]);
        app.UseWebSockets();
        app.MapGet("/api/v3/ping", static () => Json("{}"));
        app.MapGet("/api/v3/time", static () => Json($"{{\"serverTime\":{Now()}}}"));
        app.MapGet("/api/v3/exchangeInfo", () => Json(exchange.ExchangeInfo()));
        app.MapGet("/api/v3/ticker/24hr", () => Json(exchange.Tickers()));
        app.MapGet("/api/v3/klines", static () => Json("[]"));
        app.MapGet("/api/v3/aggTrades", static () => Json("[]"));
        app.Map("/stream", exchange.StreamAsync);
        await app.StartAsync();
        return exchange;
    }

    /// <summary>Waits until the product listens to the trades of every symbol.</summary>
    public Task SubscribedAsync() => _allSubscribed.Task.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Sends the next trade of a symbol. One caller at a time.</summary>
    public async Task SendAsync(int symbol)
    {
        var socket = await _connected.Task;
        var id = ++_lastIds[symbol];
        var now = Now();
        Encoding.UTF8.TryGetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"stream":"c{{symbol}}usdt@aggTrade","data":{"e":"aggTrade","E":{{now}},"s":"C{{symbol}}USDT","a":{{id}},"p":"{{100 + (id % 100)}}.25","q":"1.5","f":{{id}},"l":{{id}},"T":{{now}},"m":true,"M":true} }"""),
            _frame,
            out var length);
        _sentAt[symbol][id] = Stopwatch.GetTimestamp();
        await socket.SendAsync(_frame.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    /// <summary>Stopwatch timestamp of a trade's sending.</summary>
    public long SentAt(int symbol, long id) => Volatile.Read(ref _sentAt[symbol][id]);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task StreamAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[256 * 1024];
        try
        {
            while (true)
            {
                var filled = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(filled), context.RequestAborted);
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
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The product has stopped.
        }
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
            _connected.TrySetResult(socket);
            _allSubscribed.TrySetResult();
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
