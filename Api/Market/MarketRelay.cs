using System.Collections.Concurrent;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Timing;

namespace CryptoAI.Api.Market;

/// <summary>
/// This node's ear: one observer that the feed's shards and the grains of all followed symbols push to. Observation is a lease, so
/// it is renewed; a hole in the numbering or a silence makes it renew at once and read what was missed, and each closed
/// candle is handed to the broadcast once, in order.
/// </summary>
internal sealed partial class MarketRelay(
    IGrainFactory grains,
    MarketBroadcast broadcast,
    MarketDirectory directory,
    CryptocurrencyStore cryptocurrencies,
    CandleStore candles,
    SignalStore signals,
    HubMetrics metrics,
    TimeProvider time,
    ILogger<MarketRelay> logger) : BackgroundService, IMarketObserver
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a symbol that nobody follows any more is still listened to.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<int, ShardWatch> _shards = new();
    private readonly ConcurrentDictionary<string, SymbolWatch> _watches = new(StringComparer.Ordinal);
    private readonly Lock _selfGate = new();
    private IMarketObserver? _self;

    /// <summary>The reference that grains hold. They compare references, so it is made once.</summary>
    private IMarketObserver Self
    {
        get
        {
            lock (_selfGate)
            {
                return _self ??= grains.CreateObjectReference<IMarketObserver>(this);
            }
        }
    }

    public Task OnPricesAsync(PriceUpdate update)
    {
        var shard = _shards.GetOrAdd(update.Shard, static key => new ShardWatch(key));
        lock (shard)
        {
            if (shard.LastUpdate != 0 && update.Sequence != shard.LastUpdate + 1)
            {
                metrics.Gap("prices");
                shard.RenewAt = DateTimeOffset.MinValue;
            }

            shard.LastUpdate = update.Sequence;
            shard.LastBeat = time.GetUtcNow();
        }

        if (update.Prices.Length > 0)
        {
            broadcast.PostPrices(update.Prices);
        }

        return Task.CompletedTask;
    }

    public Task OnCandlesAsync(CandleUpdate update)
    {
        if (!_watches.TryGetValue(update.Symbol, out var watch))
        {
            return Task.CompletedTask;
        }

        lock (watch.Gate)
        {
            if (watch.LastCandleUpdate != 0 && update.Sequence != watch.LastCandleUpdate + 1)
            {
                metrics.Gap("candles");
                watch.HasGap = true;
            }

            watch.LastCandleUpdate = update.Sequence;
            watch.Accept(update.Candles, wereRead: false, time.GetUtcNow(), broadcast);
        }

        return Task.CompletedTask;
    }

    public Task OnSignalAsync(SignalUpdate update)
    {
        if (!_watches.TryGetValue(update.Symbol, out var watch))
        {
            return Task.CompletedTask;
        }

        lock (watch.Gate)
        {
            if (watch.LastSignalUpdate != 0 && update.Sequence != watch.LastSignalUpdate + 1)
            {
                metrics.Gap("signals");
                watch.RenewAt = DateTimeOffset.MinValue;
            }

            watch.LastSignalUpdate = update.Sequence;
            if (watch.IsNews(update.Signal))
            {
                broadcast.PostSignal(update.Signal);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Begins to listen to these symbols. When it returns, what happens next is heard, unless a grain did not answer: then it is
    /// asked again, and what was missed is read.
    /// </summary>
    public async Task FollowAsync(IReadOnlyCollection<string> symbols, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await Parallel.ForEachAsync(symbols, Bounded(cancellation), async (symbol, stop) =>
        {
            var watch = _watches.GetOrAdd(symbol, static name => new SymbolWatch(name));
            bool isNew;
            lock (watch.Gate)
            {
                isNew = watch.FollowedAt == default;
                watch.FollowedAt = now;
            }

            if (isNew)
            {
                await RenewAsync(watch, stop);
            }
            else
            {
                await watch.Observed.Task.WaitAsync(Patience, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            RepeatAsync(RenewShardsAsync, stoppingToken),
            RepeatAsync(RenewSymbolsAsync, stoppingToken),
            RepeatAsync(ReadMissingAsync, stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> turn, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Turn, time);
        try
        {
            do
            {
                try
                {
                    await turn(stop);
                }
                catch (Exception exception) when (!stop.IsCancellationRequested)
                {
                    LogTurnFailed(exception, turn.Method.Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RenewShardsAsync(CancellationToken stop)
    {
        if (!await TryAsync("ask for the shards", async () => await directory.GetAsync(stop), stop))
        {
            return;
        }

        for (var key = 0; key < directory.Known!.Universe.Shards; key++)
        {
            var shard = _shards.GetOrAdd(key, static key => new ShardWatch(key));
            var now = time.GetUtcNow();
            lock (shard)
            {
                var isSilent = now - shard.LastBeat > Silence;
                if (!isSilent && now < shard.RenewAt)
                {
                    continue;
                }

                if (isSilent && shard.LastUpdate != 0)
                {
                    metrics.Gap("prices");
                    shard.LastUpdate = 0;
                    RenewAllSymbols();
                }

                shard.RenewAt = now + Renewal;
            }

            await TryAsync("observe prices", () => grains.GetGrain<IMarketFeedGrain>(shard.Shard).ObserveAsync(Self), stop);
        }
    }

    /// <summary>What silenced a shard may have taken its symbols' grains too.</summary>
    private void RenewAllSymbols()
    {
        foreach (var watch in _watches.Values)
        {
            lock (watch.Gate)
            {
                watch.RenewAt = DateTimeOffset.MinValue;
            }
        }
    }

    private async Task RenewSymbolsAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var followed = broadcast.FollowedSymbols();
        foreach (var symbol in followed)
        {
            _watches.GetOrAdd(symbol, static name => new SymbolWatch(name));
        }

        var due = new List<SymbolWatch>();
        foreach (var watch in _watches.Values)
        {
            lock (watch.Gate)
            {
                if (followed.Contains(watch.Symbol))
                {
                    watch.FollowedAt = now;
                }
                else if (now - watch.FollowedAt > Afterwards)
                {
                    _watches.TryRemove(watch.Symbol, out _);
                    continue;
                }

                if (now >= watch.RenewAt)
                {
                    due.Add(watch);
                }
            }
        }

        await Parallel.ForEachAsync(due, Bounded(stop), async (watch, cancellation) => await RenewAsync(watch, cancellation));
    }

    private async Task RenewAsync(SymbolWatch watch, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        lock (watch.Gate)
        {
            watch.RenewAt = now + Renewal;
        }

        var grain = grains.GetGrain<ICryptocurrencyGrain>(watch.Symbol);
        if (!watch.Observed.Task.IsCompleted)
        {
            // A minute early if the grain is away: one candle more than needed, rather than one less.
            var lastClosed = Timeframe.M1.Floor(now) - TimeSpan.FromMinutes(2);
            await TryAsync("continuity", async () => lastClosed = (await grain.GetContinuityAsync()).LastClosedMinute ?? lastClosed, stop);
            lock (watch.Gate)
            {
                watch.StartAfter(lastClosed);
            }
        }

        var timing = grains.GetGrain<ITimingSignalGrain>(watch.Symbol);
        var isObserved = await TryAsync("observe candles", () => grain.ObserveAsync(Self), stop)
            & await TryAsync("observe signals", () => timing.ObserveAsync(Self), stop);
        if (!isObserved)
        {
            lock (watch.Gate)
            {
                watch.RenewAt = now + Turn;
            }

            return;
        }

        watch.Observed.TrySetResult();
        await TryAsync("compare signals", () => CompareSignalsAsync(watch, timing, stop), stop);
    }

    private async Task CompareSignalsAsync(SymbolWatch watch, ITimingSignalGrain grain, CancellationToken stop)
    {
        var active = await grain.GetActiveAsync();
        var news = new List<Signal>();
        var ended = new List<long>();
        lock (watch.Gate)
        {
            watch.Compare(active, news, ended);
            news.ForEach(broadcast.PostSignal);
        }

        if (ended.Count == 0)
        {
            return;
        }

        var stored = (await signals.ListAsync(watch.Symbol, status: null, afterId: null, limit: 250, stop)).ToDictionary(static signal => signal.Id);
        lock (watch.Gate)
        {
            foreach (var id in ended)
            {
                if (!stored.TryGetValue(id, out var signal))
                {
                    watch.Forget(id);
                }
                else if (watch.IsNews(signal))
                {
                    broadcast.PostSignal(signal);
                }
            }
        }
    }

    private static ParallelOptions Bounded(CancellationToken cancellation) => new() { MaxDegreeOfParallelism = 16, CancellationToken = cancellation };
}
