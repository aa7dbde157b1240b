using CryptoAI.Analysis.Alerts;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Logging;
using Orleans.BroadcastChannel;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// One asset's active alerts in an ordered index: a price that crosses none costs two comparisons. What fires is committed
/// together with its notification in a turn of its own; the database lets each fire once. What was missed (a hole, a restart) is
/// looked up in candles, so an alert can be late but is not lost.
/// </summary>
[Reentrant]
[ImplicitChannelSubscription(MarketChannels.Prices)]
[ImplicitStreamSubscription(MarketChannels.Candles)]
public sealed partial class AlertGrain(
    MarketFeedSelector feeds,
    AlertStore store,
    CandleStore candles,
    CryptocurrencyStore cryptocurrencies,
    MarketMetrics metrics,
    TimeProvider time,
    ILogger<AlertGrain> log)
    : Grain, IAlertGrain, IOnBroadcastChannelSubscribed, IStreamSubscriptionObserver, IAsyncObserver<CandlesClosed>
{
    /// <summary>Marking more alerts than this takes longer than an end may; the mark of the last ten minutes serves as well.</summary>
    private const int MaxTouchedAtEnd = 10_000;

    private readonly AlertIndex _index = new();
    private readonly Dictionary<long, WatchedAlert> _alerts = [];
    private readonly Dictionary<long, double> _spikes = [];
    private readonly VolumeSpike _volume = new();
    private readonly List<AlertLevel> _fired = [];
    private readonly List<AlertTrigger> _triggers = [];
    private long _lastId = -1;
    private long _lastPrice;
    private bool _missedTrades;
    private long _triggered;
    private DateTimeOffset? _checkedUntil;

    private string Symbol => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        StartWorks();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_cryptoId != 0 && _checkedUntil is { } until && _alerts.Count <= MaxTouchedAtEnd)
        {
            try
            {
                await store.TouchAsync(_cryptoId, until, cancellationToken);
            }
            catch (Exception exception)
            {
                // The next activation looks through more candles than it had to; nothing fires twice.
                LogTouchFailed(exception.Message, Symbol);
            }
        }

        _stop.Dispose();
    }

    public Task OnSubscribed(IBroadcastChannelSubscription streamSubscription) =>
        streamSubscription.Attach<PriceBatch>(OnPricesAsync, OnErrorAsync);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<CandlesClosed>().ResumeAsync(this);

    public async Task<Alert> CreateAsync(AlertRequest request)
    {
        AlertRules.Check(request);
        await EnsureAssetAsync();
        decimal? reference = _lastPrice > 0 ? AlertLevels.ToPrice(_lastPrice) : (await Cryptocurrency.GetQuoteAsync())?.Price;
        if (request.Condition == AlertCondition.PercentageChange && reference is null)
        {
            throw new InvalidOperationException($"{Symbol} has no price yet to count a percentage from.");
        }

        var alert = await store.InsertAsync(_cryptoId, Symbol, request, reference, time.GetUtcNow(), _stop.Token);
        Watch(new ActiveAlert(
            alert.Id, request.UserId, request.Type, request.Condition, request.TriggerValue, reference, alert.CreatedAt, null, request.ExpiresAt));
        return alert;
    }

    public async Task<bool> CancelAsync(long userId, long alertId)
    {
        await EnsureAssetAsync();
        if (!await store.CancelAsync(_cryptoId, userId, alertId, _stop.Token))
        {
            return false;
        }

        Forget(alertId);
        return true;
    }

    public Task<AlertIndexStatus> GetStatusAsync() =>
        Task.FromResult(new AlertIndexStatus(Symbol, _alerts.Count, _triggers.Count, _triggered, _checkedUntil));

    public Task OnNextAsync(CandlesClosed item, StreamSequenceToken? token = null)
    {
        foreach (var candle in item.Candles)
        {
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
        long low = long.MaxValue, high = long.MinValue, last = 0, lastId = _lastId;
        foreach (ref readonly var trade in batch.Trades.AsSpan())
        {
            if (trade.Id <= lastId)
            {
                continue;
            }

            lastId = trade.Id;
            last = trade.Price;
            low = Math.Min(low, last);
            high = Math.Max(high, last);
        }

        if (lastId == _lastId)
        {
            return Task.CompletedTask;
        }

        // A batch that does not follow the one before: the minute's candle will tell what was missed.
        _missedTrades |= _lastId >= 0 && batch.PreviousId > _lastId;
        var seen = _lastId;
        _lastId = lastId;
        _lastPrice = AlertLevels.ToLevel(last, batch.PriceScale);
        if (_index.Cross(AlertLevels.ToLevel(low, batch.PriceScale), AlertLevels.ToLevel(high, batch.PriceScale), _lastPrice, _fired) > 0)
        {
            metrics.AlertCrossed(((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMicroseconds - batch.ReceivedAt) / 1e6);
            FireByTrades(batch, seen);
        }

        return Task.CompletedTask;
    }

    /// <summary>Says of each alert which trade reached it first.</summary>
    private void FireByTrades(PriceBatch batch, long seen)
    {
        foreach (var fired in _fired)
        {
            var price = _lastPrice;
            var at = batch.Trades[^1].Time;
            foreach (ref readonly var trade in batch.Trades.AsSpan())
            {
                var level = AlertLevels.ToLevel(trade.Price, batch.PriceScale);
                if (trade.Id > seen && (fired.Direction == AlertDirection.Down ? level <= fired.Level : level >= fired.Level))
                {
                    (price, at) = (level, trade.Time);
                    break;
                }
            }

            Trigger(fired.AlertId, AlertLevels.ToPrice(price), at);
        }

        _fired.Clear();
    }

    private void TakeMinute(Candle minute)
    {
        CheckSpikes(minute);
        if (_missedTrades || minute.Provenance != CandleProvenance.Streamed)
        {
            _missedTrades = false;
            CheckByCandle(minute);
        }

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

    private void CheckByCandle(Candle minute)
    {
        _index.Cross(AlertLevels.ToLevel(minute.Low), AlertLevels.ToLevel(minute.High), AlertLevels.ToLevel(minute.Close), _fired);
        foreach (var fired in _fired)
        {
            if (_alerts.TryGetValue(fired.AlertId, out var alert) && alert.Since > minute.OpenTime)
            {
                // Younger than the minute: its price may have come before the alert did.
                _index.Add(fired);
                continue;
            }

            Trigger(
                fired.AlertId,
                fired.Direction == AlertDirection.Down ? minute.Low : minute.High,
                minute.OpenTime.ToUnixTimeMilliseconds());
        }

        _fired.Clear();
    }

    private void CheckSpikes(Candle minute)
    {
        if (_spikes.Count > 0)
        {
            foreach (var (id, multiple) in _spikes)
            {
                if (_volume.IsSpike((double)minute.Volume, multiple) && _alerts[id].Since <= minute.OpenTime)
                {
                    Trigger(id, minute.Close, minute.OpenTime.AddMinutes(1).ToUnixTimeMilliseconds());
                }
            }
        }

        _volume.Add((double)minute.Volume);
    }

    private void Trigger(long alertId, decimal price, long at)
    {
        if (_alerts.TryGetValue(alertId, out var alert) && !alert.IsTriggered)
        {
            _alerts[alertId] = alert with { IsTriggered = true };
            _triggers.Add(new AlertTrigger(alertId, price, DateTimeOffset.FromUnixTimeMilliseconds(at), Symbol));
            _fire.Start();
        }
    }

    /// <summary>Puts an alert under watch; false when it is already.</summary>
    private bool Watch(in ActiveAlert alert)
    {
        if (!_alerts.TryAdd(alert.Id, new WatchedAlert(alert.LastChecked ?? alert.CreatedAt, IsTriggered: false)))
        {
            return false;
        }

        if (alert.Type == AlertType.VolumeSpike && alert.TriggerValue is { } multiple)
        {
            _spikes.Add(alert.Id, (double)multiple);
        }
        else if (AlertLevels.TryPlace(alert, alert.ReferencePrice ?? AlertLevels.ToPrice(_lastPrice), out var level))
        {
            _index.Add(level);
        }

        return true;
    }

    private void Forget(long alertId)
    {
        _alerts.Remove(alertId);
        _spikes.Remove(alertId);
        _index.Remove(alertId);
    }

    private readonly record struct WatchedAlert(DateTimeOffset Since, bool IsTriggered);
}
