using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// Decides once per process where prices come from, as Feed:Source says, and holds that feed. A simulated exchange is started in
/// this process, on a free port of the loopback interface, and spoken to over sockets like any other.
/// </summary>
public sealed partial class MarketFeedSelector : IAsyncDisposable
{
    private const string Binance = "binance";
    private const string Simulated = "simulated";

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(3);

    private readonly FeedOptions _options;
    private readonly SimulationOptions _simulation;
    private readonly TimeProvider _time;
    private readonly Action<ApiCall> _report;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task<IMarketFeed>? _selecting;
    private BinanceFeed? _feed;
    private SimulatedExchange? _exchange;

    /// <param name="report">Told of every outgoing call; must return quickly and not throw.</param>
    public MarketFeedSelector(
        IOptions<FeedOptions> options, IOptions<SimulationOptions> simulation, TimeProvider time, Action<ApiCall> report, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(simulation);
        (_options, _simulation, _time, _report, _logs) = (options.Value, simulation.Value, time, report, logs);
        _logger = logs.CreateLogger<MarketFeedSelector>();
    }

    /// <summary>A selector whose choice is made: for benches and tests that bring a feed of their own.</summary>
    public static MarketFeedSelector Decided(IMarketFeed feed) =>
        new(Options.Create(new FeedOptions()), Options.Create(new SimulationOptions()), TimeProvider.System, static _ => { }, NullLoggerFactory.Instance)
        {
            _selecting = Task.FromResult(feed),
        };

    /// <summary>The feed. The first call selects it, which takes up to 3 s; a failed selection is tried again by the next call.</summary>
    public Task<IMarketFeed> GetAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            if (_selecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _selecting = Task.Run(SelectAsync, CancellationToken.None);
            }

            return _selecting.WaitAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? selecting;
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _stop.Cancel();
            selecting = _selecting;
        }

        if (selecting is not null)
        {
            await selecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_feed is not null)
        {
            await _feed.DisposeAsync();
        }

        if (_exchange is not null)
        {
            await _exchange.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task<IMarketFeed> SelectAsync()
    {
        if (_options.Source == FeedSource.Simulated)
        {
            LogSimulatedAsAsked();
            return await SimulateAsync();
        }

        var feed = new BinanceFeed(_options, Binance, _time, _report, _logs.CreateLogger<BinanceFeed>());
        try
        {
            if (_options.Source == FeedSource.Binance || await AnswersAsync(feed))
            {
                LogExchange(_options.RestUrl, _options.StreamUrl);
                return _feed = feed;
            }
        }
        finally
        {
            if (_feed is null)
            {
                await feed.DisposeAsync();
            }
        }

        LogSimulatedInstead(_options.RestUrl, ProbeTime.TotalSeconds);
        return await SimulateAsync();
    }

    private async Task<IMarketFeed> SimulateAsync()
    {
        _exchange ??= await SimulatedExchange.StartAsync(_simulation, _time, _logs, _stop.Token);
        return _feed = new(_options.At(_exchange.RestUrl, _exchange.StreamUrl), Simulated, _time, _report, _logs.CreateLogger<BinanceFeed>());
    }

    /// <summary>Whether the exchange answers within three seconds; one that is just starting is asked again until then.</summary>
    private async Task<bool> AnswersAsync(BinanceFeed feed)
    {
        using var timeout = new CancellationTokenSource(ProbeTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            while (true)
            {
                try
                {
                    await feed.PingAsync(either.Token);
                    return true;
                }
                catch (ExchangeUnavailableException exception)
                {
                    LogNoAnswer(exception.Message);
                    await Task.Delay(ProbeTime / 10, _time, either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Prices come from {RestUrl} and {StreamUrl}.")]
    private partial void LogExchange(string restUrl, string streamUrl);

    [LoggerMessage(LogLevel.Information, "No answer yet: {Error}")]
    private partial void LogNoAnswer(string error);

    [LoggerMessage(LogLevel.Warning, "THE MARKET IS SIMULATED, as Feed:Source says. No price in this system is real.")]
    private partial void LogSimulatedAsAsked();

    [LoggerMessage(LogLevel.Warning,
        "THE MARKET IS SIMULATED: {RestUrl} did not answer within {Seconds} s. No price in this system is real. Set Feed:Source to 'binance' to wait for the exchange instead.")]
    private partial void LogSimulatedInstead(string restUrl, double seconds);
}
