using System.Threading.Channels;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>A server that speaks Binance's spot market data protocol: the exchange itself, or the simulated one.</summary>
public sealed partial class BinanceFeed : IMarketFeed, IAsyncDisposable
{
    private static readonly TimeSpan ClockInterval = TimeSpan.FromHours(1);

    private readonly FeedOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<ApiCall> _report;
    private readonly ILogger _logger;
    private readonly ClockOffset _clock;
    private readonly BinanceRest _rest;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _clockRequests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _clockTimer;
    private readonly Task _clockKeeping;

    /// <param name="source">What it calls itself: "binance" or "simulated". Also the provider of reported calls.</param>
    /// <param name="report">Told of every outgoing request, connection and disconnection; must return quickly and not throw.</param>
    public BinanceFeed(FeedOptions options, string source, TimeProvider time, Action<ApiCall> report, ILogger<BinanceFeed> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, Source, _time, _report, _logger) = (options, source, time, report, logger);
        _clock = new(time);
        _rest = new(options, source, _clock, time, report, logger);
        _clockTimer = time.CreateTimer(_ => MeasureClockSoon(), null, ClockInterval, ClockInterval);
        _clockKeeping = Task.Run(KeepClockAsync);
    }

    public string Source { get; }

    public long Now => _clock.Now;

    /// <summary>Request weight used in the current minute, and what the exchange allows.</summary>
    public (int Used, int Limit) RequestWeight => (_rest.UsedWeight, _rest.WeightLimit);

    public Task MeasureClockAsync(CancellationToken cancellation) => _rest.MeasureClockAsync(cancellation);

    public Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(CancellationToken cancellation) => _rest.GetSymbolsAsync(cancellation);

    public Task<IReadOnlyDictionary<string, decimal>> GetQuoteVolumesAsync(CancellationToken cancellation) => _rest.GetQuoteVolumesAsync(cancellation);

    public Task<Kline[]> GetKlinesAsync(string pair, Timeframe timeframe, long from, long to, CancellationToken cancellation) =>
        _rest.GetKlinesAsync(pair, timeframe, from, to, cancellation);

    public Task<TradePage> GetTradesFromIdAsync(SymbolInfo symbol, long fromId, int limit, CancellationToken cancellation) =>
        _rest.GetTradesFromIdAsync(symbol, fromId, limit, cancellation);

    public Task<TradePage> GetTradesFromTimeAsync(SymbolInfo symbol, long from, long to, CancellationToken cancellation) =>
        _rest.GetTradesFromTimeAsync(symbol, from, to, cancellation);

    public IFeedStream OpenStream(IReadOnlyList<SymbolInfo> symbols) => new BinanceStream(
        new(_options, Source, new FramePipe(_options.StreamBufferBytes), _time, _report, _logger), symbols, MeasureClockSoon);

    /// <summary>Returns when the exchange answers at all.</summary>
    /// <exception cref="ExchangeUnavailableException">It does not.</exception>
    public Task PingAsync(CancellationToken cancellation) => _rest.PingAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _clockTimer.DisposeAsync();
        await _stop.CancelAsync();
        await _clockKeeping;
        _rest.Dispose();
        _stop.Dispose();
    }

    // One request pending is enough: whoever asks next asks for the same.
    private void MeasureClockSoon() => _clockRequests.Writer.TryWrite(true);

    private async Task KeepClockAsync()
    {
        try
        {
            await foreach (var _ in _clockRequests.Reader.ReadAllAsync(_stop.Token))
            {
                await TryMeasureClockAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            LogStopped(Source);
        }
    }

    private async Task TryMeasureClockAsync()
    {
        try
        {
            await _rest.MeasureClockAsync(_stop.Token);
            LogOffset(_clock.Offset);
        }
        catch (ExchangeUnavailableException exception)
        {
            // The next exchangeInfo measures it as well.
            LogNoTime(exception.Message, _clock.Offset);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The exchange's clock is {Offset} ms ahead.")]
    private partial void LogOffset(long offset);

    [LoggerMessage(LogLevel.Warning, "The exchange's clock was not measured and is taken to be {Offset} ms ahead still: {Error}")]
    private partial void LogNoTime(string error, long offset);

    [LoggerMessage(LogLevel.Debug, "The feed {Source} is closed.")]
    private partial void LogStopped(string source);
}
