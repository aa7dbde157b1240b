using CryptoAI.Grains.Interfaces.Market;
using Orleans.BroadcastChannel;

namespace CryptoAI.Grains.Market;

/// <summary>
/// The feed's side of one symbol: the trades decoded and not yet published, the batches published last (for consumers
/// that missed one), and the last price.
/// </summary>
internal sealed class SymbolChannel(SymbolInfo info, IBroadcastChannelWriter<PriceBatch> writer)
{
    /// <summary>The ring keeps whole batches until the rest still holds this many trades.</summary>
    private const int RingTrades = 2_000;

    private static readonly Kline[] NoKlines = [];

    private readonly Queue<PriceBatch> _ring = new();
    private readonly List<Kline> _klines = [];
    private Trade[] _pending = new Trade[16];
    private int _count;
    private int _ringTrades;
    private long _publishedId = -1;

    public SymbolInfo Info => info;

    public IBroadcastChannelWriter<PriceBatch> Writer => writer;

    /// <summary>The publishing under way; null when there is none.</summary>
    public Task? InFlight { get; set; }

    /// <summary>Names the newest publisher, so that an older one leaves what is pending to it.</summary>
    public int Ticket { get; set; }

    public bool HasPending => _count > 0 || _klines.Count > 0;

    /// <summary>When the symbol was last heard of, Unix microseconds; 0 before.</summary>
    public long LastMessageAt { get; set; }

    /// <summary>When the oldest pending frame was read, Unix microseconds.</summary>
    public long PendingSince { get; set; }

    public long LastId { get; private set; } = -1;

    public long LastPrice { get; private set; }

    public long LastTime { get; private set; }

    public byte PriceScale { get; set; } = info.PriceScale;

    public byte QuantityScale { get; set; } = info.QuantityScale;

    public void Add(in Trade trade)
    {
        if (_count == _pending.Length)
        {
            Array.Resize(ref _pending, _count * 2);
        }

        _pending[_count++] = trade;
        if (trade.Id > LastId)
        {
            LastId = trade.Id;
            LastPrice = trade.Price;
            LastTime = trade.Time;
        }
    }

    public void Add(Kline closed) => _klines.Add(closed);

    /// <summary>Takes everything pending as the next batch.</summary>
    public PriceBatch Take()
    {
        var trades = _pending.AsSpan(0, _count).ToArray();
        var klines = _klines.Count == 0 ? NoKlines : [.. _klines];
        _count = 0;
        _klines.Clear();
        var batch = new PriceBatch(info.Symbol, PriceScale, QuantityScale, _publishedId, trades, klines, PendingSince);
        foreach (ref readonly var trade in trades.AsSpan())
        {
            _publishedId = Math.Max(_publishedId, trade.Id);
        }

        Remember(batch);
        return batch;
    }

    /// <summary>The published trades after an id, merged over batches; complete when the first of them follows it at once.</summary>
    public TradeRun After(long afterId)
    {
        var trades = new List<Trade>();
        byte priceScale = 0;
        byte quantityScale = 0;
        foreach (var batch in _ring)
        {
            // Runs do not cross a change of scale: the newer scale's part is what is asked for most.
            if (batch.PriceScale != priceScale || batch.QuantityScale != quantityScale)
            {
                trades.Clear();
                (priceScale, quantityScale) = (batch.PriceScale, batch.QuantityScale);
            }

            foreach (ref readonly var trade in batch.Trades.AsSpan())
            {
                if (trade.Id > afterId)
                {
                    trades.Add(trade);
                }
            }
        }

        trades.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return new TradeRun(trades.Count > 0 && trades[0].Id == afterId + 1, priceScale, quantityScale, [.. trades]);
    }

    private void Remember(PriceBatch batch)
    {
        if (batch.Trades.Length == 0)
        {
            return;
        }

        _ring.Enqueue(batch);
        _ringTrades += batch.Trades.Length;
        while (_ringTrades - _ring.Peek().Trades.Length >= RingTrades)
        {
            _ringTrades -= _ring.Dequeue().Trades.Length;
        }
    }
}
