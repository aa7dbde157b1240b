using CryptoAI.Analysis.Alerts;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Timing;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.BroadcastChannel;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// One asset's active alerts in an ordered index: a price that crosses none costs two comparisons. What fires is committed
/// together with its notification in a turn of its own; the database lets each occurrence fire once. What was missed (a hole, a
/// restart) is looked up in candles, so an alert can be late but is not lost.
/// </summary>
[Reentrant]
[ImplicitChannelSubscription(MarketChannels.Prices)]
[ImplicitStreamSubscription(MarketChannels.Candles)]
public sealed partial class AlertGrain(
    MarketFeedSelector feeds,
    AlertStore store,
    SignalStore signals,
    PlanStore plans,
    IOptions<PlansOptions> limits,
    IOptions<AlertOptions> options,
    CandleStore candles,
    CryptocurrencyStore cryptocurrencies,
    MarketMetrics metrics,
    TimeProvider time,
    ILogger<AlertGrain> log)
    : Grain, IAlertGrain, IOnBroadcastChannelSubscribed, IStreamSubscriptionObserver, IAsyncObserver<CandlesClosed>
{
    private readonly WatchedAlerts _watched = new();
    private readonly List<(long AlertId, decimal Price, long At)> _reached = [];
    private AlertQueue _waiting = null!;
    private long _lastId = -1;
    private long _lastPrice;
    private bool _missedTrades;
    private long _triggered;
    private DateTimeOffset? _checkedUntil;

    private string Symbol => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _waiting = new AlertQueue(_watched);
        StartWorks();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        try
        {
            await MarkAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // The next activation looks through more candles than it had to; nothing fires twice.
            LogMarkFailed(exception.Message, Symbol);
        }

        _stop.Dispose();
    }

    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription) =>
        streamSubscription.Attach<PriceBatch>(OnPricesAsync, OnErrorAsync);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<CandlesClosed>().ResumeAsync(this);

    public Task<AlertIndexStatus> GetStatusAsync() =>
        Task.FromResult(new AlertIndexStatus(Symbol, _watched.Count, _waiting.Count, _triggered, _checkedUntil));

    public Task SignalIssuedAsync(Signal signal)
    {
        TakeSignal(signal);
        return Task.CompletedTask;
    }

    public Task LevelsChangedAsync(long[] ended)
    {
        foreach (var alert in ended)
        {
            _watched.Forget(alert);
        }

        _mustLookForNew = true;
        _load.Start();
        return Task.CompletedTask;
    }

    public Task OnNextAsync(CandlesClosed item, StreamSequenceToken? token = null)
    {
        foreach (var candle in item.Candles)
        {
            TakeClosed(candle);
            if (candle.Timeframe == Timeframe.M1)
            {
                TakeMinute(candle);
            }
        }

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
        // A batch that does not follow the one before: the minute's candle will tell what was missed.
        _missedTrades |= _lastId >= 0 && batch.PreviousId > _lastId;
        long low = long.MaxValue, high = long.MinValue, last = 0, lastTime = 0, lastId = _lastId;
        foreach (ref readonly var trade in batch.Trades.AsSpan())
        {
            if (trade.Id <= lastId)
            {
                continue;
            }

            lastId = trade.Id;
            last = trade.Price;
            lastTime = Math.Max(lastTime, trade.Time);
            low = Math.Min(low, last);
            high = Math.Max(high, last);
        }

        if (lastId == _lastId)
        {
            return Task.CompletedTask;
        }

        var seen = _lastId;
        _lastId = lastId;
        _lastPrice = AlertLevels.ToLevel(last, batch.PriceScale);
        if (!_watched.TryPass(
            AlertLevels.ToLevel(low, batch.PriceScale), AlertLevels.ToLevel(high, batch.PriceScale), _lastPrice, lastTime))
        {
            GoThrough(batch, seen);
        }

        return Task.CompletedTask;
    }

    /// <summary>A batch that may fire something, trade by trade.</summary>
    private void GoThrough(PriceBatch batch, long seen)
    {
        foreach (ref readonly var trade in batch.Trades.AsSpan())
        {
            if (trade.Id > seen)
            {
                seen = trade.Id;
                _watched.Cross(AlertLevels.ToLevel(trade.Price, batch.PriceScale), trade.Time, _reached);
            }
        }

        if (_reached.Count > 0)
        {
            metrics.AlertCrossed(((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds - batch.ReceivedAt) / 1e6);
            TriggerReached();
        }
    }

    private void TakeMinute(Candle minute)
    {
        _watched.TakeVolume(minute, _reached);
        _watched.Moves?.Observe(AlertLevels.MinuteOf(minute), AlertLevels.ToLevel(minute.Low), AlertLevels.ToLevel(minute.High));
        if (_missedTrades || minute.Provenance != CandleProvenance.Streamed)
        {
            _missedTrades = false;
            _watched.CrossCandle(minute, _reached);
        }

        TriggerReached();
        if (_checkedUntil is { } until && minute.OpenTime > until)
        {
            // Minutes were missed on the stream: they are read and looked through like those of a restart.
            _mustCatchUp = true;
        }
        else
        {
            _checkedUntil = minute.OpenTime.AddMinutes(1);
        }

        _load.Start();
    }

    private void TakeSignal(Signal signal)
    {
        _watched.TakeSignal(signal, _reached);
        TriggerReached();
    }

    private void TriggerReached(long notBefore = 0)
    {
        foreach (var (alertId, price, at) in _reached)
        {
            Trigger(alertId, price, at, notBefore);
        }

        _reached.Clear();
    }

    /// <param name="alertId">Which.</param>
    /// <param name="price">USD, that reached it.</param>
    /// <param name="at">When, Unix milliseconds.</param>
    /// <param name="notBefore">It is not armed again before, Unix milliseconds.</param>
    private void Trigger(long alertId, decimal price, long at, long notBefore = 0)
    {
        if (_waiting.Add(Symbol, alertId, price, at, notBefore))
        {
            _fire.Start();
        }
    }
}
