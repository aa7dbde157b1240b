using CryptoAI.Analysis.Market;
using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Grains.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Timing;
using Microsoft.Extensions.Logging;
using Orleans.BroadcastChannel;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace CryptoAI.Grains.Timing;

/// <summary>
/// Looks at one asset's closed candles, issues the signals that the rules of docs/SIGNALS.md give, and follows each to its outcome by
/// trades as they come. Events only queue; database work happens in turns of its own.
/// </summary>
[Reentrant]
[ImplicitChannelSubscription(MarketChannels.Prices)]
[ImplicitStreamSubscription(MarketChannels.Candles)]
public sealed partial class TimingSignalGrain(
    CandleStore candles,
    CryptocurrencyStore cryptocurrencies,
    SignalStore signals,
    MarketMetrics metrics,
    TimeProvider time,
    ILogger<TimingSignalGrain> log)
    : Grain, ITimingSignalGrain, IOnBroadcastChannelSubscribed, IStreamSubscriptionObserver, IAsyncObserver<CandlesClosed>
{
    /// <summary>Candle events that may wait; when there are more, the series is read from the database again instead.</summary>
    private const int MaxInbox = 256;

    private static readonly Timeframe[] Watched = [Timeframe.M15, Timeframe.H1, Timeframe.H4];

    private readonly EventObservers<Signal> _observers = new(
        time, log, "signals", static (observer, sequence, signal) => observer.OnSignalAsync(new SignalUpdate(signal.Symbol, sequence, signal)));

    private readonly Queue<CandlesClosed> _inbox = new();
    private readonly List<FollowedSignal> _active = [];
    private readonly Queue<Signal> _ended = new();
    private SignalSeries[]? _series;
    private PacedWork? _work;
    private long _cryptoId;
    private long _lastId = -1;
    private bool _missedTrades;

    private string Symbol => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _work = new PacedWork(time, WorkAsync, (exception, pause) => LogWorkFailed(exception.Message, Symbol, pause.TotalSeconds));
        this.RegisterGrainTimer(
            TickAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.FromSeconds(5), Period = TimeSpan.FromSeconds(5), Interleave = true });
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription) =>
        streamSubscription.Attach<PriceBatch>(OnPricesAsync, OnErrorAsync);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<CandlesClosed>().ResumeAsync(this);

    public Task<Signal[]> GetActiveAsync() =>
        Task.FromResult<Signal[]>([.. _active.Select(followed => followed.Signal).OrderByDescending(signal => signal.Id)]);

    public Task ObserveAsync(IMarketObserver observer)
    {
        _observers.Renew(observer);
        return Task.CompletedTask;
    }

    public Task OnNextAsync(CandlesClosed item, StreamSequenceToken? token = null)
    {
        if (_inbox.Count >= MaxInbox)
        {
            _inbox.Clear();
            _series = null;
        }

        _inbox.Enqueue(item);
        _work!.Start();
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex)
    {
        LogEventError(ex, Symbol);
        return Task.CompletedTask;
    }

    /// <summary>A price turn: calculation only.</summary>
    private Task OnPricesAsync(PriceBatch batch)
    {
        if (batch.Trades.Length == 0)
        {
            return Task.CompletedTask;
        }

        // A batch that does not follow the one before: the minute's candle will tell what was missed.
        _missedTrades |= _lastId >= 0 && batch.PreviousId > _lastId;
        _lastId = Math.Max(_lastId, batch.Trades[^1].Id);
        if (_active.Count == 0)
        {
            return Task.CompletedTask;
        }

        var unit = 1.0 / Scaled.PowerOfTen(batch.PriceScale);
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            var follower = _active[i].Follower;
            foreach (ref readonly var trade in batch.Trades.AsSpan())
            {
                if (follower.OnTrade(trade.Time, trade.Price * unit))
                {
                    End(i);
                    break;
                }
            }
        }

        return Task.CompletedTask;
    }

    private Task TickAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            if (_active[i].Follower.OnTime(now))
            {
                End(i);
            }
        }

        if (_ended.Count > 0 || _inbox.Count > 0)
        {
            _work!.Start();
        }

        return Task.CompletedTask;
    }

    private void End(int index)
    {
        var ended = _active[index].Ended();
        _active.RemoveAt(index);
        _ended.Enqueue(ended);
        _observers.Post(ended);
        _work!.Start();
    }

    private async Task WorkAsync()
    {
        while (_ended.TryPeek(out var ended))
        {
            await signals.EndAsync(ended, CancellationToken.None);
            _ended.Dequeue();
        }

        while (_inbox.TryPeek(out var next))
        {
            _series ??= await WarmAsync(next.Candles[0].OpenTime);
            foreach (var candle in next.Candles)
            {
                await TakeAsync(candle);
            }

            if (_inbox.TryPeek(out var still) && still == next)
            {
                _inbox.Dequeue();
            }
        }
    }

    private async Task TakeAsync(Candle candle)
    {
        if (candle.Timeframe == Timeframe.M1)
        {
            FollowByCandle(candle);
            return;
        }

        var index = Array.IndexOf(Watched, candle.Timeframe);
        if (index < 0 || _series is null)
        {
            return;
        }

        var series = _series[index];
        if (candle.OpenTime <= series.LastOpenTime)
        {
            return;
        }

        if (series.LastOpenTime is { } last && candle.OpenTime > last + candle.Timeframe.Length())
        {
            // Candles were missed on the way: start from what is stored.
            _series = await WarmAsync(candle.OpenTime);
            series = _series[index];
        }

        if (series.Add(candle) is { } plan)
        {
            await IssueAsync(plan, candle);
        }
    }

    private async Task IssueAsync(SignalPlan plan, Candle candle)
    {
        var signal = SignalMapping.FromPlan(plan, candle);
        var id = await signals.InsertAsync(
            _cryptoId, signal, SignalMapping.ReasonsJson(plan), SignalMapping.ContextJson(candle), CancellationToken.None);
        if (id is null)
        {
            // The rule already has an active signal here.
            return;
        }

        signal = signal with { Id = id.Value };
        _active.Add(new FollowedSignal(signal));
        _observers.Post(signal);
        metrics.SignalIssued();
        LogIssued(Symbol, signal.Side, signal.Rule, candle.Timeframe.Code(), signal.EntryPrice);
        try
        {
            await GrainFactory.GetGrain<IAlertGrain>(Symbol).SignalIssuedAsync(signal);
        }
        catch (Exception exception)
        {
            // Alerts that wait for a signal look for it themselves within a minute.
            LogNotTold(exception.Message, Symbol);
        }
    }

    /// <summary>Where trades were missed, the closed minute decides; a signal of that very minute waits for the next.</summary>
    private void FollowByCandle(Candle minute)
    {
        if (!_missedTrades && minute.Provenance == CandleProvenance.Streamed)
        {
            return;
        }

        _missedTrades = false;
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            if (_active[i].Signal.CreatedAt <= minute.OpenTime && _active[i].TryEndBy(minute))
            {
                End(i);
            }
        }
    }

    /// <summary>Reads the series and the active signals from the database, and follows those through the candles missed meanwhile.</summary>
    private async Task<SignalSeries[]> WarmAsync(DateTimeOffset before)
    {
        var row = await cryptocurrencies.GetAsync(Symbol) ?? throw new NotReadyException($"{Symbol} is not stored yet.");
        _cryptoId = row.Id;
        var tickSize = await TickSizeAsync();
        var series = new SignalSeries[Watched.Length];
        for (var i = 0; i < Watched.Length; i++)
        {
            series[i] = new SignalSeries(Watched[i], tickSize);
            foreach (var candle in await candles.ReadAsync(
                _cryptoId, Symbol, Watched[i], null, Watched[i].Floor(before), HistoryLoader.MinimumCandles, newestFirst: true, CancellationToken.None))
            {
                // History has had its signals, or never will: only live candles issue.
                series[i].Add(candle);
            }
        }

        await RestoreActiveAsync();
        return series;
    }

    private async Task RestoreActiveAsync()
    {
        var stored = await signals.GetActiveAsync(_cryptoId, Symbol);
        foreach (var signal in stored.Where(signal => !_active.Exists(known => known.Signal.Id == signal.Id)))
        {
            var followed = new FollowedSignal(signal);
            var from = Timeframe.M1.Floor(signal.CreatedAt.AddMinutes(1).AddTicks(-1));
            while (await GrainFactory.GetGrain<ICryptocurrencyGrain>(Symbol).GetMinutesFromAsync(from) is { Length: > 0 } minutes)
            {
                if (Array.Exists(minutes, followed.Follow))
                {
                    break;
                }

                from = minutes[^1].OpenTime.AddMinutes(1);
            }

            _active.Add(followed);
            if (followed.IsOver)
            {
                End(_active.Count - 1);
            }
        }
    }

    private async Task<double> TickSizeAsync()
    {
        var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        return (double)(Array.Find(universe.Symbols, info => info.Symbol == Symbol)?.TickSize ?? 0);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Symbol}: {Side} signal by {Rule} on {Timeframe} at {Entry}.")]
    private partial void LogIssued(string symbol, SignalSide side, string rule, string timeframe, decimal entry);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The alerts of {Symbol} were not told of its signal: {Reason}")]
    private partial void LogNotTold(string reason, string symbol);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signal work of {Symbol} failed, again in {Seconds:0.0} s: {Reason}")]
    private partial void LogWorkFailed(string reason, string symbol, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "A stream of {Symbol} reported an error.")]
    private partial void LogEventError(Exception exception, string symbol);
}
