using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// One symbol while somebody listens to it: the next trade to come, and the candles being built for its kline streams. Guarded
/// by the live market's lock.
/// </summary>
internal sealed class LiveSymbol(MarketHistory history, int index)
{
    private readonly MarketTrade[] chunk = new MarketTrade[32];
    private TradeReader? reader;
    private int next;
    private int length;
    private long minute;

    internal int Index => index;

    internal MarketSymbol Symbol { get; } = history.Market.Symbols[index];

    internal StreamTopic? AggregateTrades { get; set; }

    internal StreamTopic? Trades { get; set; }

    /// <summary>Per timeframe; null where nobody has ever listened.</summary>
    internal LiveKline?[] Klines { get; } = new LiveKline?[Timeframes.Count];

    /// <summary>Counts activations: an event of an earlier one is void.</summary>
    internal int Generation { get; private set; }

    internal bool IsActive { get; private set; }

    internal bool HasListeners =>
        AggregateTrades is { Listeners.Count: > 0 }
        || Trades is { Listeners.Count: > 0 }
        || Array.Exists(Klines, kline => kline is { Topic.Listeners.Count: > 0 });

    /// <summary>Stands after the last trade at or before a moment.</summary>
    internal void Activate(long now)
    {
        IsActive = true;
        Generation++;
        reader ??= history.Market.OpenReader(index);
        minute = Math.Max(now / 60_000, history.Market.FirstMinute);
        reader.Seek(minute);
        next = length = 0;
        while (TryPeek(out var trade) && trade.Time <= now)
        {
            next++;
        }

        foreach (var kline in Klines)
        {
            Begin(kline, now);
        }
    }

    internal void Deactivate() => IsActive = false;

    /// <summary>Listens to a timeframe from a moment on, with what its candle holds already.</summary>
    internal void Begin(LiveKline? kline, long now)
    {
        if (kline is not null)
        {
            var timeframe = kline.Topic.Timeframe;
            kline.OpenTime = timeframe.Floor(now);
            var sum = history.Sum(index, kline.OpenTime, now + 1, now);
            kline.HasPrice = sum is not null;
            kline.Sum = sum ?? CandleSum.Flat(0);
            kline.HasChanged = false;
            kline.Finished = null;
        }
    }

    /// <summary>When <see cref="Take"/> has something to do: the next trade's time, or the start of a minute whose trades are not known yet.</summary>
    internal long NextTime => TryPeek(out var trade) ? trade.Time : (minute + 1) * 60_000;

    /// <summary>The trade whose time has come; null when there is none yet in a new minute.</summary>
    internal MarketTrade? Take()
    {
        if (!TryPeek(out var trade))
        {
            reader!.Seek(++minute);
            return null;
        }

        next++;
        foreach (var kline in Klines)
        {
            if (kline is not null)
            {
                kline.Sum.Add(trade);
                kline.HasPrice = kline.HasChanged = true;
            }
        }

        return trade;
    }

    private bool TryPeek(out MarketTrade trade)
    {
        if (next == length)
        {
            length = reader!.Read(chunk);
            next = 0;
        }

        trade = length == 0 ? default : chunk[next];
        return length > 0;
    }
}

/// <summary>A timeframe of a symbol that is or was listened to.</summary>
internal sealed class LiveKline(StreamTopic topic)
{
    internal CandleSum Sum;

    internal StreamTopic Topic => topic;

    internal long OpenTime { get; set; }

    /// <summary>False before the symbol's first trade ever: there is no candle then.</summary>
    internal bool HasPrice { get; set; }

    /// <summary>Whether it changed since it was last sent.</summary>
    internal bool HasChanged { get; set; }

    /// <summary>A candle that has ended and is not sent yet.</summary>
    internal (long OpenTime, CandleSum Sum)? Finished { get; set; }

    /// <summary>Sets the ended candle aside and begins the next, flat.</summary>
    internal void Finish()
    {
        if (HasPrice)
        {
            Finished = (OpenTime, Sum);
        }

        OpenTime += topic.Timeframe.Milliseconds();
        Sum = CandleSum.Flat(Sum.Close);
        HasChanged = false;
    }
}
