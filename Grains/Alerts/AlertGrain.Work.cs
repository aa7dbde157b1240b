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

    /// <summary>Ids are given before rows commit: every load looks back over the last ones again.</summary>
    private const long IdOverlap = 1_000;

    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private PacedWork _load = null!;
    private PacedWork _fire = null!;
    private long _cryptoId;
    private long _loadedId;
    private bool _mustCatchUp;
    private DateTimeOffset _touchedAt;

    private ICryptocurrencyGrain Cryptocurrency => GrainFactory.GetGrain<ICryptocurrencyGrain>(Symbol);

    private void StartWorks()
    {
        _load = new PacedWork(time, LoadAsync, (exception, pause) => LogWorkFailed(exception.Message, "Loading alerts", Symbol, pause.TotalSeconds));
        _fire = new PacedWork(time, FireAsync, (exception, pause) => LogWorkFailed(exception.Message, "Firing alerts", Symbol, pause.TotalSeconds));
        this.RegisterGrainTimer(
            _ =>
            {
                if (_cryptoId == 0 || _checkedUntil is null || _mustCatchUp)
                {
                    _load.Start();
                }

                if (_triggers.Count > 0)
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
            var row = await cryptocurrencies.GetAsync(Symbol, _stop.Token);
            _cryptoId = row?.Id ?? throw new NotReadyException($"{Symbol} is not stored yet.");
        }
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

        var after = Math.Max(0, _loadedId - IdOverlap);
        while (await store.LoadActiveAsync(_cryptoId, after, LoadPage, _stop.Token) is { Length: > 0 } page)
        {
            after = page[^1].Id;
            _loadedId = Math.Max(_loadedId, after);
            var unseen = Array.FindAll(page, alert => !_alerts.ContainsKey(alert.Id));
            if (unseen.Length > 0)
            {
                await WatchMissedAsync(unseen);
            }
        }

        if (time.GetUtcNow() - _touchedAt >= TouchEvery && _checkedUntil is { } until && _triggers.Count == 0)
        {
            _touchedAt = time.GetUtcNow();
            await store.ExpireAsync(_cryptoId, _touchedAt, _stop.Token);
            await store.TouchAsync(_cryptoId, until, _stop.Token);
        }
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
                CheckByCandle(minute);
            }
        }
        else
        {
            foreach (var minute in await Cryptocurrency.GetMinutesFromAsync(last.AddMinutes(-19)))
            {
                _volume.Add((double)minute.Volume);
            }
        }

        _mustCatchUp = false;
        _checkedUntil = last.AddMinutes(1);
    }

    /// <summary>Puts alerts under watch, after firing those that the market reached since they were last looked at.</summary>
    private async Task WatchMissedAsync(ActiveAlert[] alerts)
    {
        var missed = new MissedAlerts(alerts);
        var history = await MissedCandles.ReadAsync(candles, Cryptocurrency, _cryptoId, Symbol, missed.Since, _stop.Token);
        var feed = await feeds.GetAsync(_stop.Token);
        var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        var info = Array.Find(universe.Symbols, symbol => symbol.Symbol == Symbol)!;
        await missed.GoThroughAsync(history, feed, info, _stop.Token);

        // From here to the end nothing is awaited: no price can pass between the last look and the watch.
        foreach (var alert in missed.Alerts)
        {
            Watch(alert);
        }

        foreach (var reached in missed.Reached)
        {
            _index.Remove(reached.AlertId);
            Trigger(reached.AlertId, reached.Price, reached.At);
        }

        if (missed.OpenMinute is { } open && _lastPrice > 0)
        {
            // What moved in the minute still open, since the candles ended.
            CheckByCandle(open with { Close = Math.Clamp(AlertLevels.ToPrice(_lastPrice), open.Low, open.High) });
        }
    }

    private async Task FireAsync()
    {
        while (_triggers.Count > 0)
        {
            var batch = _triggers.Take(FireBatch).ToArray();
            var fired = await store.TriggerAsync(batch, _stop.Token);
            _triggered += fired.Length;
            _triggers.RemoveRange(0, batch.Length);
            foreach (var trigger in batch)
            {
                Forget(trigger.AlertId);
            }

            if (fired.Length > 0)
            {
                metrics.AlertsFired(fired.Length);
                LogFired(Symbol, fired.Length);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Symbol}: {Count} alerts fired.")]
    private partial void LogFired(string symbol, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} of {Symbol} failed, again in {Seconds:0.0} s: {Reason}")]
    private partial void LogWorkFailed(string reason, string work, string symbol, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storing how far the alerts of {Symbol} are checked failed: {Reason}")]
    private partial void LogTouchFailed(string reason, string symbol);

    [LoggerMessage(Level = LogLevel.Error, Message = "A stream of {Symbol} reported an error.")]
    private partial void LogEventError(Exception exception, string symbol);
}
