using CryptoAI.Analysis.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using CryptoAI.Storage.Alerts;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Alerts;

/// <summary>Database work of the alert grain: loading with catch-up, firing, the watermark.</summary>
public sealed partial class AlertGrain
{
    private const int LoadPage = 50_000;
    private const int FireBatch = 500;
    private const int ForgetBatch = 5_000;

    /// <summary>Ids are given before rows commit: every load looks back over the last ones again.</summary>
    private const long IdOverlap = 1_000;

    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<long> _unmarked = [];
    private PacedWork _load = null!;
    private PacedWork _fire = null!;
    private long _cryptoId;
    private long _loadedId;
    private bool _mustCatchUp;
    private bool _mustLookForNew;
    private bool _movesKnown;
    private DateTimeOffset _expiredAt;
    private DateTimeOffset _marked;

    private ICryptocurrencyGrain Cryptocurrency => GrainFactory.GetGrain<ICryptocurrencyGrain>(Symbol);

    private void StartWorks()
    {
        _load = new PacedWork(time, LoadAsync, (exception, pause) => LogWorkFailed(exception.Message, "Loading alerts", Symbol, pause.TotalSeconds));
        _fire = new PacedWork(time, FireAsync, (exception, pause) => LogWorkFailed(exception.Message, "Firing alerts", Symbol, pause.TotalSeconds));
        this.RegisterGrainTimer(
            _ =>
            {
                if (_cryptoId == 0 || _checkedUntil is null || _mustCatchUp || _mustLookForNew)
                {
                    _load.Start();
                }

                if (_waiting.Count > 0)
                {
                    _fire.Start();
                }

                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = TimeSpan.FromSeconds(1), Interleave = true });
    }

    private async Task EnsureAssetAsync()
    {
        if (_cryptoId == 0)
        {
            var id = await CryptoIdAsync();
            if (_watched.Count == 0)
            {
                _watched.Tick = AlertLevels.ToLevel((await InfoAsync()).TickSize);
            }

            _cryptoId = id;
        }
    }

    private async Task<long> CryptoIdAsync() => _cryptoId != 0
        ? _cryptoId
        : (await cryptocurrencies.GetAsync(Symbol, _stop.Token) ?? throw new NotReadyException($"{Symbol} is not stored yet.")).Id;

    private async Task<SymbolInfo> InfoAsync()
    {
        var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        return Array.Find(universe.Symbols, symbol => symbol.Symbol == Symbol) ?? throw new NotReadyException($"{Symbol} is not followed.");
    }

    /// <summary>Reads the minutes that alerts on moves within a window look back over, once such an alert is there.</summary>
    private async Task EnsureMovesAsync()
    {
        if (_movesKnown)
        {
            return;
        }

        // What happens while it reads is noted as well; a minute may be told of twice.
        var moves = _watched.Moves ??= new PriceMoves();
        var from = time.GetUtcNow().AddMinutes(-PriceMoves.Windows[^1] - 2);
        var history = await MissedCandles.ReadAsync(candles, Cryptocurrency, _cryptoId, Symbol, from, _stop.Token);
        foreach (var minute in history.Closed.Where(candle => candle.Timeframe == Timeframe.M1).Append(history.Open))
        {
            if (minute is not null)
            {
                moves.Observe(AlertLevels.MinuteOf(minute), AlertLevels.ToLevel(minute.Low), AlertLevels.ToLevel(minute.High));
            }
        }

        _movesKnown = true;
    }

    /// <summary>Reads alerts that are not watched yet, and those of a catch-up again, and looks through what the market did meanwhile.</summary>
    private async Task LoadAsync()
    {
        await EnsureAssetAsync();
        var isFirst = _checkedUntil is null;
        if (isFirst || _mustCatchUp)
        {
            await CatchUpAsync();
        }

        _mustLookForNew = false;
        var after = Math.Max(0, _loadedId - IdOverlap);
        while (await store.LoadActiveAsync(_cryptoId, after, LoadPage, _stop.Token) is { Length: > 0 } page)
        {
            after = page[^1].Id;
            _loadedId = Math.Max(_loadedId, after);
            var unseen = Array.FindAll(page, alert => !_watched.Contains(alert.Id));
            if (unseen.Length > 0)
            {
                await WatchMissedAsync(unseen);
            }
        }

        await LookIntoUncertainAsync();
        await LookAtSignalsAsync();
        await ReadForIndicatorsAsync();
        if (time.GetUtcNow() - _expiredAt >= ExpireEvery)
        {
            foreach (var expired in await store.ExpireAsync(_cryptoId, time.GetUtcNow(), _stop.Token))
            {
                _watched.Forget(expired);
            }

            // More is left for the next time.
            await store.ForgetAsync(_cryptoId, time.GetUtcNow().AddDays(-options.Value.KeepDays), ForgetBatch, _stop.Token);
            _expiredAt = time.GetUtcNow();
        }

        await MarkAsync(_stop.Token);
    }

    /// <summary>Alerts that begin to count within a minute of which only the candle is known: its trades are read.</summary>
    private async Task LookIntoUncertainAsync()
    {
        if (_watched.Uncertain.Count > 0)
        {
            long[] ids = [.. _watched.Uncertain];
            var alerts = await store.LoadActiveAsync(_cryptoId, ids, _stop.Token);
            for (var i = 0; i < alerts.Length; i++)
            {
                alerts[i] = alerts[i] with { LastChecked = _watched.SinceOf(alerts[i].Id) ?? alerts[i].LastChecked };
            }

            if (alerts.Length > 0)
            {
                await WatchMissedAsync(alerts);
            }

            _watched.Uncertain.ExceptWith(ids);
        }
    }

    /// <summary>Signals of which the timing grain could not tell.</summary>
    private async Task LookAtSignalsAsync()
    {
        if (_watched.SignalsSince() is { } since)
        {
            foreach (var signal in await signals.IssuedSinceAsync(_cryptoId, Symbol, since, _stop.Token))
            {
                TakeSignal(signal);
            }
        }
    }

    /// <summary>
    /// Notes how far the market has been looked at: not beyond a crossing that is not committed, an alert that is being
    /// stored, nor a candle that an indicator lacks.
    /// </summary>
    private async Task MarkAsync(CancellationToken cancellation)
    {
        if (_cryptoId == 0 || _mustCatchUp || _waiting.Count > 0 || _watched.Uncertain.Count > 0 || _checkedUntil is not { } until)
        {
            return;
        }

        foreach (var begun in _beingStored)
        {
            until = begun < until ? begun : until;
        }

        until = _watched.Indicators.LookedAtUntil() is { } closed && closed < until ? closed : until;

        if (until <= _marked && _unmarked.Count == 0)
        {
            return;
        }

        long[] fresh = [.. _unmarked];
        await store.MarkAsync(_cryptoId, until, fresh, cancellation);
        _unmarked.RemoveRange(0, fresh.Length);
        _marked = until;
    }

    /// <summary>
    /// The market's history must be whole before alerts are looked up in it. What is already watched is looked through from the last
    /// checked minute on.
    /// </summary>
    private async Task CatchUpAsync()
    {
        var continuity = await Cryptocurrency.GetContinuityAsync();
        if (!continuity.IsLive || continuity.LastClosedMinute is not { } last)
        {
            throw new NotReadyException($"{Symbol}'s history is not loaded yet.");
        }

        if (_checkedUntil is { } from)
        {
            foreach (var minute in await Cryptocurrency.GetMinutesFromAsync(from))
            {
                _watched.CrossCandle(minute, _reached);
                TriggerReached();
            }
        }
        else
        {
            foreach (var minute in await Cryptocurrency.GetMinutesFromAsync(last.AddMinutes(-19)))
            {
                _watched.Remember(minute);
            }
        }

        _mustCatchUp = false;
        _checkedUntil = last.AddMinutes(1);
    }

    /// <summary>Puts alerts under watch, after firing those that the market reached since they were last looked at.</summary>
    private async Task WatchMissedAsync(ActiveAlert[] alerts)
    {
        if (Array.Exists(alerts, alert => alert.WindowMinutes is not null))
        {
            await EnsureMovesAsync();
        }

        var missed = new MissedAlerts(alerts, _watched.Tick);
        var history = await MissedCandles.ReadAsync(candles, Cryptocurrency, _cryptoId, Symbol, missed.ReadFrom, _stop.Token);
        var feed = await feeds.GetAsync(_stop.Token);
        await missed.GoThroughAsync(history, feed, await InfoAsync(), _stop.Token);

        // From here to the end nothing is awaited: no price can pass between the last look and the watch.
        foreach (var alert in missed.Alerts)
        {
            if (_watched.Add(alert, _lastPrice) && alert.LastChecked is null)
            {
                _unmarked.Add(alert.Id);
            }
        }

        // What would have repeated while nobody watched is told once: the cool-down ends now at the earliest.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var reached in missed.Reached)
        {
            if (_watched.SinceOf(reached.AlertId) is { } since && reached.At >= since.ToUnixTimeMilliseconds())
            {
                Trigger(reached.AlertId, reached.Price, reached.At, notBefore: now);
            }
        }

        if (missed.OpenMinute is { } open && _lastPrice > 0)
        {
            // What moved in the minute still open, since the candles ended.
            _watched.CrossCandle(open with { Close = Math.Clamp(AlertLevels.ToPrice(_lastPrice), open.Low, open.High) }, _reached);
            TriggerReached();
        }
    }

    private async Task FireAsync()
    {
        while (_waiting.Count > 0)
        {
            var batch = _waiting.Some(FireBatch);
            var fired = (await store.TriggerAsync(batch, _stop.Token)).ToHashSet();
            _triggered += fired.Count;
            foreach (var trigger in batch)
            {
                _waiting.Settle(trigger, fired.Contains(trigger.AlertId));
            }

            await ReloadAsync([.. batch.Where(trigger => !fired.Contains(trigger.AlertId)).Select(trigger => trigger.AlertId)]);
            if (fired.Count > 0)
            {
                metrics.AlertsFired(fired.Count);
                LogFired(Symbol, fired.Count);
            }
        }
    }

    /// <summary>Alerts that did not fire were cancelled, expired, or fired by another activation; those that still wait are watched as they are stored.</summary>
    private async Task ReloadAsync(long[] refused)
    {
        if (refused.Length > 0)
        {
            var alerts = Array.FindAll(await store.LoadActiveAsync(_cryptoId, refused, _stop.Token), alert => !_watched.Contains(alert.Id));
            if (alerts.Length > 0)
            {
                await WatchMissedAsync(alerts);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Symbol}: {Count} alerts fired.")]
    private partial void LogFired(string symbol, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} of {Symbol} failed, again in {Seconds:0.0} s: {Reason}")]
    private partial void LogWorkFailed(string reason, string work, string symbol, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storing how far the alerts of {Symbol} are checked failed: {Reason}")]
    private partial void LogMarkFailed(string reason, string symbol);

    [LoggerMessage(Level = LogLevel.Error, Message = "A stream of {Symbol} reported an error.")]
    private partial void LogEventError(Exception exception, string symbol);
}
