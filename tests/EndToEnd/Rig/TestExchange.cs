using System.Globalization;
using System.Text.Json;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>A candle in the terms both sides can be compared in. Money in USD; the cents are price_data.volume.</summary>
internal sealed record Row(
    DateTimeOffset Time, decimal Open, decimal High, decimal Low, decimal Close, decimal Base, decimal Quote, decimal Cents, long Count);

/// <summary>A simulated exchange on the test's clock, and its truth: what its own REST klines say once no fault is in force.</summary>
internal sealed class TestExchange : IAsyncDisposable
{
    private readonly SimulatedExchange _server;
    private readonly HttpClient _http;

    private TestExchange(SimulatedExchange server, TimeProvider clock)
    {
        _server = server;
        Clock = clock;
        _http = new HttpClient { BaseAddress = server.RestUrl };
    }

    public TimeProvider Clock { get; }

    public Uri RestUrl => _server.RestUrl;

    public Uri StreamUrl => _server.StreamUrl;

    public FaultInjector Faults => _server.Faults;

    public int Connections => _server.Connections;

    public IMarket Market => _server.Market;

    /// <summary>The exchange's own clock.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_server.Clock.Now);

    /// <param name="clock">Shared with the product, or the system's for a product in a process of its own.</param>
    /// <param name="market">What it serves; null for the seeded model.</param>
    /// <param name="change">Changes the options.</param>
    public static async Task<TestExchange> StartAsync(TimeProvider clock, IMarket? market = null, Action<SimulationOptions>? change = null)
    {
        var options = new SimulationOptions
        {
            HistoryDays = 2,
            WeightPerMinute = 1_000_000,
            ConnectionsPerFiveMinutes = 1_000_000,
            MessagesPerSecond = 1_000,
            QueuedBytesPerConnection = 64 * 1024 * 1024,
        };
        change?.Invoke(options);
        return new TestExchange(
            await SimulatedExchange.StartAsync(options, market, clock, NullLoggerFactory.Instance, CancellationToken.None), clock);
    }

    public Task AdvanceAsync(TimeSpan by) => _server.AdvanceAsync(by);

    /// <summary>Its klines that open in [from, to), read without any of the product's code.</summary>
    public async Task<List<Row>> TruthAsync(string pair, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to)
    {
        var rows = new List<Row>();
        while (from < to)
        {
            var path = string.Create(
                CultureInfo.InvariantCulture,
                $"/api/v3/klines?symbol={pair}&interval={timeframe.Code()}&startTime={from.ToUnixTimeMilliseconds()}&endTime={to.ToUnixTimeMilliseconds() - 1}&limit=1000");
            using var page = JsonDocument.Parse(await _http.GetStringAsync(path));
            if (page.RootElement.GetArrayLength() == 0)
            {
                break;
            }

            rows.AddRange(page.RootElement.EnumerateArray().Select(Read));
            from = rows[^1].Time + timeframe.Length();
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private static Row Read(JsonElement kline)
    {
        decimal Number(int index) => decimal.Parse(kline[index].GetString()!, CultureInfo.InvariantCulture);
        return new Row(
            DateTimeOffset.FromUnixTimeMilliseconds(kline[0].GetInt64()),
            Number(1),
            Number(2),
            Number(3),
            Number(4),
            Number(5),
            Number(7),
            Math.Round(Number(7), 2, MidpointRounding.AwayFromZero),
            kline[8].GetInt64());
    }
}
