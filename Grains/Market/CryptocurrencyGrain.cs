using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.BroadcastChannel;
using Orleans.Streams;

namespace CryptoAI.Grains.Market;

/// <summary>
/// One asset: trades become 1m candles agreed with the exchange, those roll up to the longer ones, and all go to the
/// database, the stream and the observers. Price turns only calculate; fetching and publishing happen in turns of their own, which is
/// why the grain is reentrant: every method leaves the state whole before it awaits.
/// </summary>
[Reentrant]
[ImplicitChannelSubscription(MarketChannels.Prices)]
public sealed partial class CryptocurrencyGrain(
    MarketFeedSelector feeds,
    HistoryLoader histories,
    CryptocurrencyStore cryptocurrencies,
    CandleStore candles,
    SnapshotWriter writer,
    MarketMetrics metrics,
    IOptions<FeedOptions> options,
    TimeProvider time,
    ILogger<CryptocurrencyGrain> log) : Grain, ICryptocurrencyGrain, IOnBroadcastChannelSubscribed
{
    private const long Minute = 60_000;
    private const int RecentMinutes = 120;
    private const int MaxMinutesAnswered = 1_500;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly AssemblerLimits Limits = new();

    private readonly CancellationTokenSource _stop = new();
    private readonly EventObservers<Candle[]> _observers = new(
        time, log, "candles", static (observer, sequence, closed) => observer.OnCandlesAsync(new CandleUpdate(closed[0].Symbol, sequence, closed)));

    private readonly LiveFigures _figures = new();
    private readonly Queue<Candle> _recent = new();
    private IMarketFeed? _feed;
    private SymbolInfo? _info;
    private int _rank;
    private long _cryptoId;
    private MinuteAssembler? _assembler;
    private CandleSeries? _series;
    private IAsyncStream<CandlesClosed>? _stream;
    private decimal? _lastPrice;
    private long _lastTradeTime;
    private bool _quoteMoved;

    private string Symbol => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _stream = this.GetStreamProvider(MarketChannels.StreamProvider).GetStream<CandlesClosed>(StreamId.Create(MarketChannels.Candles, Symbol));
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Period, Interleave = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_work?.Running() ?? []).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
    }

    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription) =>
        streamSubscription.Attach<PriceBatch>(OnPricesAsync, OnChannelErrorAsync);

    public Task<Quote?> GetQuoteAsync() => Task.FromResult(MakeQuote());

    public Task<Candle[]> GetOpenCandlesAsync() => Task.FromResult(OpenCandles());

    public async Task<Candle[]> GetMinutesFromAsync(DateTimeOffset from)
    {
        if (_recent.TryPeek(out var oldest) && from >= oldest.OpenTime)
        {
            return [.. _recent.Where(candle => candle.OpenTime >= from)];
        }

        if (_cryptoId == 0)
        {
            return [];
        }

        var stored = await candles.ReadAsync(_cryptoId, Symbol, Timeframe.M1, from, null, MaxMinutesAnswered, newestFirst: false, _stop.Token);
        var last = stored.Length > 0 ? stored[^1].OpenTime : from - TimeSpan.FromTicks(1);
        return [.. stored, .. _recent.Where(candle => candle.OpenTime > last).Take(MaxMinutesAnswered - stored.Length)];
    }

    public Task ObserveAsync(IMarketObserver observer)
    {
        _observers.Renew(observer);
        return Task.CompletedTask;
    }

    public Task<Continuity> GetContinuityAsync()
    {
        var counters = _assembler?.Counters;
        return Task.FromResult(new Continuity(
            Symbol,
            _series is not null && _assembler is { HasGap: false },
            _assembler is { LastId: >= 0 } assembler ? assembler.LastId : -1,
            _lastTradeTime > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(_lastTradeTime) : null,
            _series?.LastMinute is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
            counters?.GapsFound ?? 0,
            counters?.GapsRepaired ?? 0,
            counters?.Reconciled ?? 0,
            counters?.Differing ?? 0,
            counters?.Duplicates ?? 0,
            _unwritten.Count));
    }

    /// <summary>A price turn: calculation only.</summary>
    private Task OnPricesAsync(PriceBatch batch)
    {
        // Before the start is done nothing is kept: the minute's first trades come from the exchange's history.
        if (_assembler is not { } assembler || _feed is not { } feed)
        {
            return Task.CompletedTask;
        }

        var now = feed.Now;
        assembler.Rescale(batch.PriceScale, batch.QuantityScale);
        var price = Scaled.PowerOfTen(assembler.PriceScale - batch.PriceScale);
        var quantity = Scaled.PowerOfTen(assembler.QuantityScale - batch.QuantityScale);
        if (price == 1 && quantity == 1)
        {
            foreach (ref readonly var trade in batch.Trades.AsSpan())
            {
                assembler.Add(trade.Id, trade.Time, trade.Price, trade.Quantity, trade.Count, now);
            }
        }
        else
        {
            foreach (ref readonly var trade in batch.Trades.AsSpan())
            {
                assembler.Add(trade.Id, trade.Time, trade.Price * price, trade.Quantity * quantity, trade.Count, now);
            }
        }

        foreach (var kline in batch.ClosedKlines)
        {
            assembler.Announce(kline.ToBar(), now);
        }

        if (batch.Trades.Length > 0)
        {
            ref readonly var newest = ref batch.Trades[^1];
            if (newest.Time >= _lastTradeTime)
            {
                _lastTradeTime = newest.Time;
                _lastPrice = Scaled.ToDecimal(newest.Price, batch.PriceScale);
                _quoteMoved = true;
            }
        }

        FinishMinutes();
        return Task.CompletedTask;
    }

    private Task OnChannelErrorAsync(Exception exception)
    {
        LogChannelError(exception, Symbol);
        return Task.CompletedTask;
    }

    private Quote? MakeQuote()
    {
        if (_lastPrice is not { } price || _feed is not { } feed)
        {
            return null;
        }

        var now = feed.Now;
        return new Quote(
            Symbol,
            price,
            DateTimeOffset.FromUnixTimeMilliseconds(_lastTradeTime),
            _figures.Volume24h,
            _figures.Change24h(price, now),
            _figures.Change7d(price, now),
            _figures.Change30d(price, now));
    }

    private Candle[] OpenCandles()
    {
        if (_series is not { } series || _assembler is not { } assembler || !assembler.TryGetOpen(out var minute))
        {
            return [];
        }

        var open = new Candle[Timeframes.Count];
        foreach (var timeframe in Timeframes.All)
        {
            open[(int)timeframe] = series.GetOpen(timeframe, minute).ToCandle(
                Symbol, timeframe, CandleProvenance.Streamed, isClosed: false, indicators: null);
        }

        return open;
    }
}
