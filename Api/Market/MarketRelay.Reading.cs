using System.Collections.Concurrent;

namespace CryptoAI.Api.Market;

/// <summary>Reading what was missed, and calling others who may be away.</summary>
internal sealed partial class MarketRelay
{
    /// <summary>Candles read with one call.</summary>
    private const int PageSize = 1500;

    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);

    private async Task ReadMissingAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var due = new List<SymbolWatch>();
        foreach (var watch in _watches.Values)
        {
            lock (watch.Gate)
            {
                watch.Settle(now, broadcast);
                if (now >= watch.ReadAt && watch.NeedsRead(now))
                {
                    watch.ReadAt = now + (watch.HasHole ? Turn : Renewal);
                    due.Add(watch);
                }
            }
        }

        await Parallel.ForEachAsync(due, Bounded(stop), async (watch, cancellation) =>
            await TryAsync("read candles", () => ReadMissingAsync(watch, cancellation), cancellation));
    }

    private async Task ReadMissingAsync(SymbolWatch watch, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        List<(Timeframe Timeframe, DateTimeOffset From)> missing;
        lock (watch.Gate)
        {
            missing = watch.Missing(now);
            watch.HasGap = false;
        }

        foreach (var (timeframe, from) in missing)
        {
            var read = await ReadAsync(watch, timeframe, from, stop);
            lock (watch.Gate)
            {
                metrics.CaughtUp(watch.Accept(read, wereRead: true, now, broadcast));
                if (read.Length == PageSize)
                {
                    watch.HasGap = true;
                    watch.ReadAt = DateTimeOffset.MinValue;
                }
            }
        }
    }

    /// <summary>Minutes come from the grain, which has them before the database; longer candles have only been there in passing.</summary>
    private async Task<Candle[]> ReadAsync(SymbolWatch watch, Timeframe timeframe, DateTimeOffset from, CancellationToken stop)
    {
        if (timeframe == Timeframe.M1)
        {
            return await grains.GetGrain<ICryptocurrencyGrain>(watch.Symbol).GetMinutesFromAsync(from);
        }

        watch.CryptoId ??= (await cryptocurrencies.GetAsync(watch.Symbol, stop))?.Id;
        return watch.CryptoId is { } id
            ? await candles.ReadAsync(id, watch.Symbol, timeframe, from, to: null, PageSize, newestFirst: false, stop)
            : [];
    }

    /// <summary>False when the call failed or took too long; it is counted, and logged once until it works again.</summary>
    private async Task<bool> TryAsync(string what, Func<Task> call, CancellationToken stop)
    {
        try
        {
            await call().WaitAsync(Patience, time, stop);
            _failing.TryRemove(what, out _);
            return true;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            metrics.Failed(what);
            if (_failing.TryAdd(what, true))
            {
                LogCallFailed(exception.Message, what);
            }

            return false;
        }
    }
}
