using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.BroadcastChannel;

namespace CryptoAI.Grains.Market;

/// <summary>
/// The one reader of a shard's exchange stream: decodes frames, groups trades by symbol and publishes a batch per symbol, one in
/// flight at a time; what arrives meanwhile joins the next. Reentrant, because the pump runs for the activation's whole life.
/// </summary>
[Reentrant]
public sealed partial class MarketFeedGrain(
    MarketFeedSelector feeds,
    [FromKeyedServices(MarketChannels.Prices)] IBroadcastChannelProvider channels,
    IOptions<FeedOptions> options,
    MarketMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<MarketFeedGrain> log) : Grain, IMarketFeedGrain
{
    /// <summary>Decoded trades that may wait for their subscribers; when reached, the socket is not read.</summary>
    private const int MaxPendingTrades = 262_144;

    private const int PublishAttempts = 3;

    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(3);

    // The feed ends first when the host stops: subscribers refuse what comes after.
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
    private readonly PriceObservers _observers = new(time, log);
    private Task? _pump;
    private IFeedStream? _stream;
    private FrameDecoder? _decoder;
    private SymbolChannel[] _symbols = [];
    private readonly Dictionary<string, SymbolChannel> _bySymbol = new(StringComparer.Ordinal);
    private readonly List<SymbolChannel> _touched = [];
    private TaskCompletionSource _published = NewSignal();
    private int _pendingTrades;
    private string _source = "";
    private Counts _counts;
    private long _lastFrameAt;
    private long _gatheringSince;

    private int Shard => (int)this.GetPrimaryKeyLong();

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        _observers.Clear();
        if (_pump is { } pump)
        {
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        _stop.Dispose();
    }

    public Task EnsureRunningAsync()
    {
        if (!_stop.IsCancellationRequested && (_pump is null || _pump.IsCompleted))
        {
            if (_pump?.Exception is { } exception)
            {
                LogPumpFailed(exception.InnerException ?? exception, Shard);
            }

            _pump = PumpAsync(_stop.Token);
        }

        return Task.CompletedTask;
    }

    public Task<TradeRun> GetTradesAfterAsync(string symbol, long afterId) =>
        Task.FromResult(_bySymbol.TryGetValue(symbol, out var channel) ? channel.After(afterId) : new TradeRun(false, 0, 0, []));

    public Task ObserveAsync(IMarketObserver observer)
    {
        _observers.Renew(Shard, observer, _symbols);
        return Task.CompletedTask;
    }

    public Task<FeedShardStatus> GetStatusAsync()
    {
        var status = _stream?.Status ?? default;
        return Task.FromResult(new FeedShardStatus(
            Shard,
            status.Connected,
            _source,
            _counts.Frames,
            _counts.Trades,
            _counts.Malformed,
            status.OversizedFrames,
            _counts.Ignored,
            status.Reconnects,
            status.Rotations,
            _counts.StaleResubscriptions,
            FromMicroseconds(_lastFrameAt),
            [.. _symbols.Select(symbol => new SymbolAge(symbol.Info.Symbol, FromMicroseconds(symbol.LastMessageAt), symbol.LastId))]));
    }

    private async Task PumpAsync(CancellationToken cancellation)
    {
        var feed = await feeds.GetAsync(cancellation);
        var universe = await GrainFactory.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        _source = feed.Source;
        Open([.. FeedShards.SymbolsOf(universe, Shard, options.Value.Shards)]);
        if (_symbols.Length == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation);
        }

        Array.ForEach(_symbols, PublishNothing);
        await using var stream = feed.OpenStream([.. _symbols.Select(symbol => symbol.Info)]);
        _stream = stream;
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchSymbolsAsync(stream, watching.Token);
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                Decode(await stream.ReadAsync(cancellation));
                var hasMore = stream.HasMore;
                if (hasMore && !IsGathered())
                {
                    continue;
                }

                PublishTouched();
                _observers.Signal();
                while (_pendingTrades >= MaxPendingTrades)
                {
                    _published = NewSignal();
                    await _published.Task.WaitAsync(cancellation);
                }

                if (hasMore)
                {
                    // Under load the socket always has more: let this activation's other turns run.
                    await Task.Yield();
                }
            }
        }
        finally
        {
            _stream = null;
            await watching.CancelAsync();
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>
    /// Under load a publication costs more than the few trades a symbol has in one read: while the socket has more, reads are gathered, for
    /// three milliseconds at most. When it has no more, nothing waits.
    /// </summary>
    private bool IsGathered()
    {
        if (_gatheringSince == 0)
        {
            _gatheringSince = time.GetTimestamp();
            return false;
        }

        return time.GetElapsedTime(_gatheringSince) >= GatherFor;
    }

    private void Open(SymbolInfo[] symbols)
    {
        _decoder = new FrameDecoder(symbols);
        _bySymbol.Clear();
        _symbols = [.. symbols.Select(info => new SymbolChannel(
            info, channels.GetChannelWriter<PriceBatch>(ChannelId.Create(MarketChannels.Prices, info.Symbol))))];
        foreach (var symbol in _symbols)
        {
            _bySymbol.Add(symbol.Info.Symbol, symbol);
        }

        _observers.Reset(_symbols);
    }

    private void Decode(in FrameChunk chunk)
    {
        var before = _counts;
        var buffer = chunk.Buffer.Span;
        var start = 0;
        foreach (var end in chunk.Ends.Span)
        {
            Decode(buffer[start..end], chunk.ReceivedAt);
            start = end;
        }

        _counts.Frames += chunk.Ends.Length;
        _lastFrameAt = chunk.ReceivedAt;
        metrics.Chunk(chunk.Ends.Length, _counts.Trades - before.Trades, _counts.Malformed - before.Malformed);
    }

    private void Decode(ReadOnlySpan<byte> frame, long receivedAt)
    {
        var kind = _decoder!.Decode(frame, out var decoded);
        if (kind == FrameKind.ScaleRaised)
        {
            var raised = _symbols[decoded.SymbolIndex];
            Publish(raised);
            raised.PriceScale = (byte)_decoder.PriceScale(decoded.SymbolIndex);
            raised.QuantityScale = (byte)_decoder.QuantityScale(decoded.SymbolIndex);
            kind = _decoder.Decode(frame, out decoded);
        }

        switch (kind)
        {
            case FrameKind.Trade:
                _counts.Trades++;
                _pendingTrades++;
                var symbol = _symbols[decoded.SymbolIndex];
                Touch(symbol, receivedAt);
                symbol.Add(decoded.Trade);
                break;
            case FrameKind.ClosedKline:
                var closed = _symbols[decoded.SymbolIndex];
                Touch(closed, receivedAt);
                closed.Add(decoded.Kline!);
                break;
            case FrameKind.Malformed:
                _counts.Malformed++;
                LogMalformedFrame(frame);
                break;
            default:
                _counts.Ignored++;
                if (decoded.SymbolIndex >= 0)
                {
                    _symbols[decoded.SymbolIndex].LastMessageAt = receivedAt;
                }

                break;
        }
    }

    private void Touch(SymbolChannel symbol, long receivedAt)
    {
        symbol.LastMessageAt = receivedAt;
        if (!symbol.HasPending)
        {
            symbol.PendingSince = receivedAt;
            _touched.Add(symbol);
        }
    }
}
