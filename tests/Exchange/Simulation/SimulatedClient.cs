using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CryptoAI.Exchange.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.Exchange.Simulation;

/// <summary>An exchange on a clock that stands still until it is moved, and a plain client of it.</summary>
internal sealed class SimulatedClient : IAsyncDisposable
{
    internal static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 20, TimeSpan.Zero);

    private SimulatedClient(SimulatedExchange exchange)
    {
        Exchange = exchange;
        Http = new HttpClient { BaseAddress = exchange.RestUrl };
    }

    internal SimulatedExchange Exchange { get; }

    internal HttpClient Http { get; }

    internal long Now => Exchange.Clock.Now;

    /// <param name="change">Of options that are made for tests.</param>
    /// <param name="time">The local clock of limits, pings and faults; null for the system's.</param>
    internal static Task<SimulatedClient> StartAsync(Action<SimulationOptions>? change = null, TimeProvider? time = null) => StartAsync(null, change, time);

    internal static async Task<SimulatedClient> StartAsync(IMarket? market, Action<SimulationOptions>? change = null, TimeProvider? time = null)
    {
        var options = new SimulationOptions
        {
            HistoryDays = 3,
            Coins = 12,
            ClockOrigin = market is null ? Noon : null,
            ClockSpeed = 0,
            WeightPerMinute = 1_000_000,
        };
        change?.Invoke(options);
        return new SimulatedClient(
            await SimulatedExchange.StartAsync(options, market, time ?? TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));
    }

    internal async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    internal async Task<(int Status, string Body)> TryAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    internal async Task<Bar[]> BarsAsync(string query) => [.. (await GetAsync("/api/v3/klines?" + query)).EnumerateArray().Select(Bar.Parse)];

    internal async Task<Tick[]> TicksAsync(string query) => [.. (await GetAsync("/api/v3/aggTrades?" + query)).EnumerateArray().Select(Tick.Parse)];

    /// <summary>All aggregate trades in [from, to), page by page.</summary>
    internal async Task<List<Tick>> AllTicksAsync(string pair, long from, long to)
    {
        var all = (await TicksAsync($"symbol={pair}&startTime={from}&limit=1000")).ToList();
        while (all.Count > 0 && all[^1].Time < to)
        {
            var page = await TicksAsync($"symbol={pair}&fromId={all[^1].Id + 1}&limit=1000");
            if (page.Length == 0)
            {
                break;
            }

            all.AddRange(page);
        }

        return [.. all.Where(tick => tick.Time < to)];
    }

    internal Task<Listener> ListenAsync(string path, CancellationToken cancellation = default) =>
        Listener.ConnectAsync(new Uri(Exchange.StreamUrl, path), cancellation);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Exchange.DisposeAsync();
    }
}

/// <summary>A kline as REST or a stream states it.</summary>
internal sealed record Bar(
    long OpenTime, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume, long CloseTime, decimal Amount, long Count,
    decimal TakerVolume, decimal TakerAmount)
{
    internal static Bar Parse(JsonElement row)
    {
        row.GetArrayLength().ShouldBe(12);
        row[11].GetString().ShouldBe("0");
        return new Bar(
            row[0].GetInt64(), Decimal(row[1]), Decimal(row[2]), Decimal(row[3]), Decimal(row[4]), Decimal(row[5]), row[6].GetInt64(),
            Decimal(row[7]), row[8].GetInt64(), Decimal(row[9]), Decimal(row[10]));
    }

    internal static Bar FromStream(JsonElement k) => new(
        k.GetProperty("t").GetInt64(), Decimal(k.GetProperty("o")), Decimal(k.GetProperty("h")), Decimal(k.GetProperty("l")),
        Decimal(k.GetProperty("c")), Decimal(k.GetProperty("v")), k.GetProperty("T").GetInt64(), Decimal(k.GetProperty("q")),
        k.GetProperty("n").GetInt64(), Decimal(k.GetProperty("V")), Decimal(k.GetProperty("Q")));

    /// <summary>What the trades of one candle add up to; flat at the close before when there are none.</summary>
    internal static Bar Of(long open, long length, IReadOnlyList<Tick> ticks, decimal previousClose) => new(
        open,
        ticks.Count > 0 ? ticks[0].Price : previousClose,
        ticks.Count > 0 ? ticks.Max(tick => tick.Price) : previousClose,
        ticks.Count > 0 ? ticks.Min(tick => tick.Price) : previousClose,
        ticks.Count > 0 ? ticks[^1].Price : previousClose,
        ticks.Sum(tick => tick.Quantity),
        open + length - 1,
        ticks.Sum(tick => tick.Price * tick.Quantity),
        ticks.Sum(tick => tick.LastRaw - tick.FirstRaw + 1),
        ticks.Where(tick => !tick.BuyerIsMaker).Sum(tick => tick.Quantity),
        ticks.Where(tick => !tick.BuyerIsMaker).Sum(tick => tick.Price * tick.Quantity));

    internal static decimal Decimal(JsonElement text) => decimal.Parse(text.GetString()!, CultureInfo.InvariantCulture);
}

/// <summary>An aggregate trade as REST or a stream states it.</summary>
internal sealed record Tick(long Id, decimal Price, decimal Quantity, long FirstRaw, long LastRaw, long Time, bool BuyerIsMaker)
{
    internal static Tick Parse(JsonElement trade) => new(
        trade.GetProperty("a").GetInt64(), Bar.Decimal(trade.GetProperty("p")), Bar.Decimal(trade.GetProperty("q")),
        trade.GetProperty("f").GetInt64(), trade.GetProperty("l").GetInt64(), trade.GetProperty("T").GetInt64(),
        trade.GetProperty("m").GetBoolean());
}

/// <summary>A stream connection that keeps every frame it gets.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly ClientWebSocket socket;
    private readonly List<byte[]> frames = [];
    private readonly List<JsonElement> parsed = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly Task reading;

    private Listener(ClientWebSocket socket)
    {
        this.socket = socket;
        reading = ReadAsync();
    }

    internal bool HasEnded => reading.IsCompleted;

    internal WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    internal int Count
    {
        get
        {
            lock (frames)
            {
                return frames.Count;
            }
        }
    }

    internal string? Last
    {
        get
        {
            lock (frames)
            {
                return frames.Count > 0 ? Encoding.UTF8.GetString(frames[^1]) : null;
            }
        }
    }

    internal byte[][] Raw
    {
        get
        {
            lock (frames)
            {
                return [.. frames];
            }
        }
    }

    internal string[] Texts => [.. Raw.Select(Encoding.UTF8.GetString)];

    /// <summary>Every frame as JSON; each is parsed once, for waiting asks again and again.</summary>
    internal JsonElement[] Messages
    {
        get
        {
            lock (frames)
            {
                while (parsed.Count < frames.Count)
                {
                    parsed.Add(JsonDocument.Parse(frames[parsed.Count]).RootElement);
                }

                return [.. parsed];
            }
        }
    }

    /// <summary>Payloads of events of a type, unwrapped.</summary>
    internal JsonElement[] Events(string type) =>
    [
        .. Messages.Select(message => message.TryGetProperty("data", out var data) ? data : message)
            .Where(data => data.TryGetProperty("e", out var name) && name.GetString() == type)
    ];

    internal static async Task<Listener> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        var opened = new ClientWebSocket();
        try
        {
            await opened.ConnectAsync(address, cancellation);
            return new Listener(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    internal Task SendAsync(string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Sends a control message and gives the answer, which must be the next frame that is no event.</summary>
    internal async Task<string> AskAsync(string text)
    {
        var before = Answers.Length;
        await SendAsync(text);
        await Shared.Eventually.TrueAsync(() => Answers.Length > before);
        return Answers[before];
    }

    private string[] Answers => [.. Texts.Where(text => !text.Contains("\"E\":", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await reading;
        socket.Dispose();
        stopping.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[8 * 1024 * 1024];
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                var length = 0;
                WebSocketReceiveResult result;
                do
                {
                    result = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), stopping.Token);
                    length += result.Count;
                }
                while (!result.EndOfMessage);

                if (result.MessageType != WebSocketMessageType.Close)
                {
                    lock (frames)
                    {
                        frames.Add(buffer[..length]);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // Ended, one way or the other: HasEnded tells.
        }
    }
}
