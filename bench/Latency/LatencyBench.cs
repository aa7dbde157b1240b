using System.Diagnostics;
using System.Globalization;
using CryptoAI.Api;
using CryptoAI.Silo.Hosting;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Builder;

namespace CryptoAI.Bench.Latency;

/// <summary>
/// From a trade on the exchange's socket to a hub client over loopback, beside a bare WebSocket echo measured in the same seconds.
/// Latency is the receipt of a hub message minus the sending of the newest trade in it; how old the other symbols of the message
/// are, because prices are conflated to ten messages a second, is printed apart. Everything runs in this one process.
/// </summary>
internal static class LatencyBench
{
    private const int Symbols = 200;
    private const int LoadPerSecond = 20_000;
    private const double IdleLimit = 3;
    private const double LoadedLimit = 10;

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var exchange = await BenchExchange.StartAsync(Symbols);
        await using var echo = await Echo.StartAsync();
        await using var app = await StartProductAsync(exchange, database.ConnectionString);
        await exchange.SubscribedAsync();
        var address = new Uri(app.Urls.Single());

        Console.WriteLine($"trade to hub client, {Symbols} symbols, {Environment.ProcessorCount} cores, milliseconds");
        Console.WriteLine("                    samples      p50      p99      max");
        // Twenty clients with a symbol each: a trade every 10 ms finds the next client rested, so every one is a leading edge.
        var idle = await RunAsync(exchange, echo, address, clients: 20, symbolsEach: 1, SendPaced);
        var isIdleFine = Report("idle", idle, IdleLimit);
        var loaded = await RunAsync(exchange, echo, address, clients: 10, symbolsEach: Symbols / 10, SendLoad);
        var isLoadedFine = Report("loaded", loaded, LoadedLimit);
        Console.WriteLine($"loaded: {loaded.Trades / Duration.TotalSeconds:N0} trades/s sent while measuring");
        await app.StopAsync();
        return isIdleFine && isLoadedFine ? 0 : 1;
    }

    private static async Task<WebApplication> StartProductAsync(BenchExchange exchange, string postgres)
    {
        var builder = ApiHost.CreateBuilder(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error",
            "--Feed:Source", "binance", "--Feed:RestUrl", exchange.RestUrl.ToString(), "--Feed:StreamUrl", exchange.StreamUrl.ToString(),
            "--Feed:Symbols", $"top:{Symbols}", "--Feed:BackfillDays", "0",
        ]);
        builder.AddProduct(postgres);
        builder.AddApi();
        var app = builder.Build().UseApi();
        await app.StartAsync();
        return app;
    }

    private static async Task<Measurement> RunAsync(
        BenchExchange exchange, Echo echo, Uri address, int clients, int symbolsEach, Func<BenchExchange, int, Stop, long> send)
    {
        using var stop = new CancellationTokenSource();
        var phase = new Stop(stop.Token);
        var listeners = new List<Listener>();
        for (var i = 0; i < clients; i++)
        {
            listeners.Add(await Listener.StartAsync(exchange, address, Enumerable.Range(i * symbolsEach, symbolsEach)));
        }

        // A thread of its own, as an exchange is a machine of its own.
        var sending = Task.Factory.StartNew(() => send(exchange, clients * symbolsEach, phase), TaskCreationOptions.LongRunning);
        await Task.Delay(Warmup);
        listeners.ForEach(static listener => listener.IsMeasuring = true);
        phase.IsMeasuring = true;
        var echoes = new List<double>();
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < Duration)
        {
            echoes.Add(await echo.MeasureAsync());
            await Task.Delay(10);
        }

        phase.IsMeasuring = false;
        listeners.ForEach(static listener => listener.IsMeasuring = false);
        await stop.CancelAsync();
        var trades = await sending;
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }

        return new Measurement(
            echoes, [.. listeners.SelectMany(static listener => listener.Latencies)], [.. listeners.SelectMany(static listener => listener.Ages)], trades);
    }

    /// <summary>One trade every 10 ms, each of another symbol.</summary>
    private static long SendPaced(BenchExchange exchange, int symbols, Stop stop)
    {
        var sent = 0L;
        for (var i = 0; !stop.Token.IsCancellationRequested; i++)
        {
            exchange.Send(i % symbols);
            sent += stop.IsMeasuring ? 1 : 0;
            Thread.Sleep(10);
        }

        return sent;
    }

    /// <summary>The load, over all symbols at random, as much every time as the clock says is due.</summary>
    private static long SendLoad(BenchExchange exchange, int symbols, Stop stop)
    {
        var (sent, measured, random) = (0L, 0L, new Random(1));
        var since = Stopwatch.GetTimestamp();
        while (!stop.Token.IsCancellationRequested)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(since).TotalSeconds * LoadPerSecond); sent < due; sent++)
            {
                exchange.Send(random.Next(symbols));
                measured += stop.IsMeasuring ? 1 : 0;
            }

            Thread.Sleep(1);
        }

        return measured;
    }

    private static bool Report(string name, Measurement measured, double limit)
    {
        Line($"{name}: echo", measured.Echo);
        Line($"{name}: hub", measured.Hub);
        Line($"{name}: conflated age", measured.Age);
        var difference = Percentile(measured.Hub, 99) - Percentile(measured.Echo, 99);
        var isFine = difference <= limit;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: p99 is {difference:0.000} ms above the echo's, limit {limit} ms: {(isFine ? "within" : "EXCEEDED")}; ratio {Percentile(measured.Hub, 99) / Percentile(measured.Echo, 99):0.0}"));
        return isFine;
    }

    private static void Line(string name, List<double> values) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-20}{values.Count,7}{Percentile(values, 50),9:0.000}{Percentile(values, 99),9:0.000}{Percentile(values, 100),9:0.000}"));

    private static double Percentile(List<double> values, double percent)
    {
        if (values.Count == 0)
        {
            return double.NaN;
        }

        values.Sort();
        return values[Math.Max(0, (int)Math.Ceiling(values.Count * percent / 100) - 1)];
    }

    private sealed record Measurement(List<double> Echo, List<double> Hub, List<double> Age, long Trades);

    /// <summary>Tells a sender when to stop, and whether what it sends now is measured.</summary>
    private sealed class Stop(CancellationToken token)
    {
        public CancellationToken Token => token;

        public volatile bool IsMeasuring;
    }
}
