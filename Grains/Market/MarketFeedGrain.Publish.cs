using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Market;

/// <summary>Publishing, the watch over silent symbols, and what is said about both.</summary>
public sealed partial class MarketFeedGrain
{
    private void PublishTouched()
    {
        foreach (var symbol in _touched)
        {
            if (symbol.InFlight is not { IsCompleted: false })
            {
                Publish(symbol);
            }
        }

        _touched.Clear();
        _gatheringSince = 0;
    }

    private void Publish(SymbolChannel symbol)
    {
        if (symbol.HasPending)
        {
            symbol.InFlight = PublishAsync(symbol, ++symbol.Ticket, symbol.InFlight, symbol.Take());
        }
    }

    /// <summary>Quiet symbols have candles too: a batch without trades wakes their grains, and keeps them awake.</summary>
    private void PublishNothing(SymbolChannel symbol)
    {
        if (symbol.InFlight is not { IsCompleted: false })
        {
            symbol.InFlight = PublishAsync(symbol, ++symbol.Ticket, null, symbol.Take());
        }
    }

    private async Task PublishAsync(SymbolChannel symbol, int ticket, Task? previous, PriceBatch batch)
    {
        if (previous is { IsCompleted: false })
        {
            await previous;
        }

        while (true)
        {
            await DeliverAsync(symbol, batch);
            _pendingTrades -= batch.Trades.Length;
            _published.TrySetResult();
            if (!symbol.HasPending || ticket != symbol.Ticket)
            {
                return;
            }

            batch = symbol.Take();
        }
    }

    /// <summary>
    /// Tries a few times with the same ids. A subscriber that still fails sees from the next batch's previous id that it missed
    /// one, and asks the ring; the others must not wait for it.
    /// </summary>
    private async Task DeliverAsync(SymbolChannel symbol, PriceBatch batch)
    {
        for (var attempt = 1; attempt <= PublishAttempts && !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                await symbol.Writer.Publish(batch);
                return;
            }
            catch (Exception exception)
            {
                if (_stop.IsCancellationRequested)
                {
                    // Subscribers refuse what comes while the host stops; the next start reads it from the exchange.
                    return;
                }

                metrics.PublishFailed();
                LogPublishFailed(exception, batch.Symbol, attempt);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50 * attempt), time);
        }
    }

    /// <summary>A symbol can fall silent on a living socket: its subscription is renewed. Whether it is only quiet, its candles tell.</summary>
    private async Task WatchSymbolsAsync(IFeedStream stream, CancellationToken cancellation)
    {
        var stale = options.Value.SymbolStaleAfter;
        using var timer = new PeriodicTimer(stale / 4, time);
        var opened = Microseconds(time.GetUtcNow());
        var renewed = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var now = Microseconds(time.GetUtcNow());
            var silent = new List<string>();
            foreach (var symbol in _symbols)
            {
                var since = Math.Max(Math.Max(symbol.LastMessageAt, opened), renewed.GetValueOrDefault(symbol.Info.Pair));
                if (now - since > stale.TotalMicroseconds)
                {
                    silent.Add(symbol.Info.Pair);
                    PublishNothing(symbol);
                    renewed[symbol.Info.Pair] = now;
                }
            }

            if (silent.Count > 0 && stream.Status.Connected)
            {
                _counts.StaleResubscriptions += silent.Count;
                LogStale(silent.Count, string.Join(", ", silent.Take(10)));
                await ResubscribeAsync(stream, silent, cancellation);
            }
        }
    }

    private async Task ResubscribeAsync(IFeedStream stream, List<string> pairs, CancellationToken cancellation)
    {
        try
        {
            await stream.ResubscribeAsync(pairs, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogResubscribeFailed(exception);
        }
    }

    private void LogMalformedFrame(ReadOnlySpan<byte> frame)
    {
        // A flood of garbage must not become a flood of log lines.
        if (_counts.Malformed > 10 && _counts.Malformed % 1_000 != 0)
        {
            return;
        }

        LogMalformed(Shard, _counts.Malformed, FrameText.Cut(frame));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static long Microseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() * 1_000;

    private static DateTimeOffset? FromMicroseconds(long at) => at == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(at / 1_000);

    [LoggerMessage(Level = LogLevel.Error, Message = "Feed shard {Shard} stopped and is started again.")]
    private partial void LogPumpFailed(Exception exception, int shard);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing prices of {Symbol} failed, attempt {Attempt}.")]
    private partial void LogPublishFailed(Exception exception, string symbol, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} symbols fell silent and are subscribed again: {First}")]
    private partial void LogStale(int count, string first);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Subscribing silent symbols again failed.")]
    private partial void LogResubscribeFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard}: malformed frame number {Count}: {Frame}")]
    private partial void LogMalformed(int shard, long count, string frame);

    private struct Counts
    {
        public long Frames;
        public long Trades;
        public long Malformed;
        public long Ignored;
        public long StaleResubscriptions;
    }
}
