using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// An exchange that speaks Binance spot's public protocol over real sockets on 127.0.0.1, REST and streams on one port. Its market is
/// a <see cref="MarketModel"/> or a recording. It goes wrong on request: see <see cref="Faults"/>, or POST /simulation/faults. There is no separate truth to
/// ask for: klines and aggTrades over REST are the truth, whatever the streams were made to say.
/// </summary>
public sealed partial class SimulatedExchange : IAsyncDisposable
{
    private readonly KestrelServer kestrel;
    private readonly LiveMarket liveMarket;
    private readonly StreamServer streamServer;

    private SimulatedExchange(
        KestrelServer kestrel, LiveMarket liveMarket, StreamServer streamServer, ExchangeClock clock, FaultInjector faults, IMarket market)
    {
        this.kestrel = kestrel;
        this.liveMarket = liveMarket;
        this.streamServer = streamServer;
        Clock = clock;
        Faults = faults;
        Market = market;
        Port = new Uri(kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public int Port { get; }

    /// <summary>http://127.0.0.1:port, without a path.</summary>
    public Uri RestUrl => new($"http://127.0.0.1:{Port}");

    /// <summary>ws://127.0.0.1:port, without a path.</summary>
    public Uri StreamUrl => new($"ws://127.0.0.1:{Port}");

    public ExchangeClock Clock { get; }

    public FaultInjector Faults { get; }

    /// <summary>What it serves.</summary>
    public IMarket Market { get; }

    /// <summary>Open stream connections.</summary>
    public int Connections => streamServer.Count;

    /// <summary>Starts an exchange over the seeded model.</summary>
    public static Task<SimulatedExchange> StartAsync(
        SimulationOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation) =>
        StartAsync(options, null, time, logs, cancellation);

    /// <summary>Starts an exchange.</summary>
    /// <param name="options">Checked; a value out of range throws <see cref="ValidationException"/>.</param>
    /// <param name="market">What it serves; null for the model that the options describe.</param>
    /// <param name="time">The local clock, from which the exchange's is made.</param>
    /// <param name="logs">Where it logs to.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatedExchange> StartAsync(
        SimulationOptions options, IMarket? market, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var origin = options.ClockOrigin?.ToUnixTimeMilliseconds() ?? market?.ClockOrigin;
        var clock = new ExchangeClock(time, options.ClockOffset, origin, options.ClockSpeed);
        market ??= Model(options, DateTimeOffset.FromUnixTimeMilliseconds(clock.Now));

        var log = logs.CreateLogger<SimulatedExchange>();
        var history = new MarketHistory(market);
        var faults = new FaultInjector(time, options.FaultSeed);
        var live = new LiveMarket(history, clock, time, options, faults, log);
        var streams = new StreamServer(live, options, time, faults, log);
        faults.Immediate = fault => fault.Kind == FaultKind.ServerShutdown
            ? live.AnnounceShutdown(fault.Amount)
            : live.CutAll("a fault was injected");
        var answers = new RestAnswers(history, clock, options.WeightPerMinute);
        var rest = new RestApi(answers, live.Released, new RequestWeights(options.WeightPerMinute, options.RefusalsBeforeBan, time), faults, time);
        var control = new SimulationApi(faults, by => AdvanceAsync(clock, live, by), clock);

        // Kestrel bare, without a host: nothing of the surrounding program's configuration, addresses or signals reaches it.
        var binding = new KestrelServerOptions { AddServerHeader = false };
        binding.Limits.MinResponseDataRate = null;
        binding.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        var server = new KestrelServer(
            Options.Create(binding),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs),
            logs);
        try
        {
            await server.StartAsync(new Application(rest, streams, control), cancellation);
        }
        catch
        {
            await live.DisposeAsync();
            server.Dispose();
            throw;
        }

        var exchange = new SimulatedExchange(server, live, streams, clock, faults, market);
        LogStarted(log, exchange.RestUrl, market.GetType().Name, DateTimeOffset.FromUnixTimeMilliseconds(clock.Now));
        return exchange;
    }

    /// <summary>Runs an exchange until cancelled: the whole of a program that is nothing else.</summary>
    public static async Task RunAsync(SimulationOptions options, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        await using var exchange = await StartAsync(options, time, logs, cancellation);
        var over = new TaskCompletionSource();
        await using var registration = cancellation.Register(over.SetResult);
        await over.Task;
    }

    /// <summary>
    /// Moves the exchange's clock on, and completes when everything up to there has been handed to the connections, in order and, with
    /// <see cref="SlowClients.Wait"/>, as fast as they take it.
    /// </summary>
    public Task AdvanceAsync(TimeSpan by) => AdvanceAsync(Clock, liveMarket, by);

    public async ValueTask DisposeAsync()
    {
        await liveMarket.DisposeAsync();
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await kestrel.StopAsync(grace.Token);
        kestrel.Dispose();
    }

    private static Task AdvanceAsync(ExchangeClock clock, LiveMarket live, TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        clock.Move(by);
        return live.ReachAsync(clock.Now);
    }

    private static MarketModel Model(SimulationOptions options, DateTimeOffset now) => new(
        options.Seed,
        now,
        options.HistoryDays,
        options.Coins,
        options.TradesPerSecond is { } pace ? new MarketLoad(pace, options.LoadFrom ?? now) : null);

    /// <summary>Routes requests; Kestrel's view of the exchange.</summary>
    private sealed class Application(RestApi rest, StreamServer streams, SimulationApi control) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => context.Request.Path.Value switch
        {
            "/" => context.Response.WriteAsync(
                "This is a simulated exchange: its coins, prices and trades are invented. It speaks the public market-data protocol of Binance spot.\n",
                context.RequestAborted),
            { } path when StreamServer.Serves(path) => streams.HandleAsync(context),
            { } path when path.StartsWith("/simulation/", StringComparison.Ordinal) => control.HandleAsync(context),
            _ => rest.HandleAsync(context),
        };

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
