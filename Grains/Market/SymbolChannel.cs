using CryptoAI.Grains.Interfaces.Market;
using Orleans.BroadcastChannel;

namespace CryptoAI.Grains.Market;

/// <summary>
/// The feed's side of one symbol: the trades decoded and not yet published, the batches published last (for consumers
/// that missed one), and the last price.
/// </summary>
internal sealed class SymbolChannel(SymbolInfo info, IBroadcastChannelWriter<PriceBatch> writer)
{
    /// <summary>The newest trades kept for consumers that missed some. A power of two.</summary>
    private const int RingTrades = 2_048;

    private static readonly Kline[] NoKlines = [];

    // Trades are copied in, because batches that lived as long as the ring would be moved through all generations of the heap.
    private Trade[] _ring = new Trade[64];
    private long _remembered;
    private byte _ringPriceScale;
    private byte _ringQuantityScale;
    private readonly List<Kline> _klines = [];
    private Trade[] _pending = new Trade[16];
    private int _count;
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
        var trades = GC.AllocateUninitializedArray<Trade>(_count);
        _pending.AsSpan(0, _count).CopyTo(trades);
        var klines = _klines.Count == 0 ? NoKlines : [.. _klines];
        _count = 0;
        _klines.Clear();
        var batch = new PriceBatch(info.Symbol, PriceScale, QuantityScale, _publishedId, trades, klines, PendingSince);
        _publishedId = LastId;
        Remember(batch);
        return batch;
    }

    /// <summary>The published trades after an id, in order; complete when the first of them follows it at once.</summary>
    public TradeRun After(long afterId)
    {
        var held = (int)Math.Min(_remembered, _ring.Length);
        var trades = new List<Trade>();
        for (var i = _remembered - held; i < _remembered; i++)
        {
            ref readonly var trade = ref _ring[i & (_ring.Length - 1)];
            if (trade.Id > afterId)
            {
                trades.Add(trade);
            }
        }

        trades.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return new TradeRun(trades.Count > 0 && trades[0].Id == afterId + 1, _ringPriceScale, _ringQuantityScale, [.. trades]);
    }

    private void Remember(PriceBatch batch)
    {
        // A run does not cross a change of scale: the newer scale's part is what is asked for most.
        if (batch.PriceScale != _ringPriceScale || batch.QuantityScale != _ringQuantityScale)
        {
            (_ringPriceScale, _ringQuantityScale) = (batch.PriceScale, batch.QuantityScale);
            _remembered = 0;
        }

        ReadOnlySpan<Trade> trades = batch.Trades;
        while (_ring.Length < RingTrades && _remembered + trades.Length > _ring.Length)
        {
            Array.Resize(ref _ring, _ring.Length * 2);
        }

        if (trades.Length > _ring.Length)
        {
            _remembered += trades.Length - _ring.Length;
            trades = trades[^_ring.Length..];
        }

        var begin = (int)(_remembered & (_ring.Length - 1));
        var first = Math.Min(trades.Length, _ring.Length - begin);
        trades[..first].CopyTo(_ring.AsSpan(begin));
        trades[first..].CopyTo(_ring);
        _remembered += trades.Length;
    }
}
