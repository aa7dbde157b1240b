using System.Collections.Concurrent;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// Candles and trades of a market up to a moment, made from its trades on demand. Whole hours are kept, so that long candles and
/// 24 h figures are sums of a few; nothing else is.
/// </summary>
internal sealed class MarketHistory(IMarket market)
{
    /// <summary>Hours kept per symbol (40 days), about 170 KB; of longer histories the older hours are made anew each time.</summary>
    private const int HoursKept = 960;

    private readonly ConcurrentDictionary<int, HourRing> rings = new();

    internal IMarket Market => market;

    /// <summary>
    /// Calls <paramref name="row"/> with each candle that opens in [<paramref name="from"/>, <paramref name="to"/>] and has begun by <paramref name="now"/>, oldest first, at most
    /// <paramref name="limit"/>. Times are Unix milliseconds; <paramref name="from"/> is rounded up to a candle's start. There is none before the symbol's first trade.
    /// </summary>
    internal void ReadCandles(int symbol, Timeframe timeframe, long from, long to, long now, int limit, Action<long, CandleSum> row)
    {
        var length = timeframe.Milliseconds();
        var open = Math.Max(timeframe.Floor(from + length - 1), timeframe.Floor(market.FirstMinute * 60_000));
        if (open > Math.Min(to, now) || !market.Symbols[symbol].IsTrading)
        {
            return;
        }

        var reader = new Reader(market, symbol);
        var previous = LastTradeBefore(symbol, Math.Max(open / 60_000, market.FirstMinute))?.Price;
        for (; open <= Math.Min(to, now) && limit > 0; open += length)
        {
            var sum = Sum(reader, open, open + length, now, previous);
            if (sum is { } candle)
            {
                row(open, candle);
                limit--;
                previous = candle.Close;
            }
        }
    }

    /// <summary>
    /// What was traded in [<paramref name="from"/>, <paramref name="to"/>) and by <paramref name="now"/>; flat at the close before when nothing was; null when nothing was ever.
    /// </summary>
    internal CandleSum? Sum(int symbol, long from, long to, long now)
    {
        var start = Math.Max(from, market.FirstMinute * 60_000);
        return market.Symbols[symbol].IsTrading
            ? Sum(new Reader(market, symbol), start, to, now, LastTradeBefore(symbol, start / 60_000)?.Price)
            : null;
    }

    /// <summary>The last trade before a minute's start; null when there is none.</summary>
    internal MarketTrade? LastTradeBefore(int symbol, long minute)
    {
        var first = market.FirstTradeId(symbol, minute);
        if (first <= market.EarliestTradeId(symbol))
        {
            return null;
        }

        MarketTrade? last = null;
        var reader = new Reader(market, symbol);
        reader.Seek(market.MinuteOf(symbol, first - 1), 0, long.MaxValue);
        while (reader.Next() is { IsEmpty: false } trades)
        {
            last = trades[^1];
        }

        return last;
    }

    /// <summary>Id after the last trade at or before <paramref name="now"/>.</summary>
    internal long EndId(int symbol, long now)
    {
        if (now / 60_000 < market.FirstMinute)
        {
            return market.FirstTradeId(symbol, market.FirstMinute);
        }

        var minute = now / 60_000;
        var end = market.FirstTradeId(symbol, minute);
        var reader = new Reader(market, symbol);
        reader.Seek(minute, 0, now);
        while (reader.Next() is { IsEmpty: false } trades)
        {
            end = trades[^1].Id + 1;
        }

        return end;
    }

    /// <summary>Id of the first trade at or after a time in the past or present.</summary>
    internal long FirstIdFrom(int symbol, long time)
    {
        var minute = Math.Max(time / 60_000, market.FirstMinute);
        var reader = new Reader(market, symbol);
        reader.Seek(minute, time, long.MaxValue);
        return reader.Next() is { IsEmpty: false } trades ? trades[0].Id : market.FirstTradeId(symbol, minute + 1);
    }

    /// <summary>Calls <paramref name="row"/> with the trades of ids [<paramref name="fromId"/>, <paramref name="toId"/>), all of which must have happened.</summary>
    internal void ReadTrades(int symbol, long fromId, long toId, Action<MarketTrade> row)
    {
        var next = Math.Max(fromId, market.FirstTradeId(symbol, market.FirstMinute));
        if (next >= toId)
        {
            return;
        }

        var reader = new Reader(market, symbol);
        for (var minute = market.MinuteOf(symbol, next); next < toId; minute++)
        {
            reader.Seek(minute, 0, long.MaxValue);
            while (next < toId && reader.Next() is { IsEmpty: false } trades)
            {
                foreach (ref readonly var trade in trades)
                {
                    if (trade.Id >= next && trade.Id < toId)
                    {
                        row(trade);
                        next = trade.Id + 1;
                    }
                }
            }
        }
    }

    private CandleSum? Sum(Reader reader, long from, long to, long now, long? previous)
    {
        var sum = CandleSum.Flat(previous ?? 0);
        var end = Math.Min(to, now + 1);
        const long Hour = 3_600_000;
        for (var at = from; at < end;)
        {
            if (at % Hour == 0 && at + Hour <= end)
            {
                sum.Add(WholeHour(reader, at / Hour));
                at += Hour;
                continue;
            }

            // Minutes, of which the first and the last may be cut.
            var next = Math.Min(((at / 60_000) + 1) * 60_000, end);
            reader.Seek(at / 60_000, at, next - 1);
            reader.AddTo(ref sum);
            at = next;
        }

        return previous is null && sum.Count == 0 ? null : sum;
    }

    private CandleSum WholeHour(Reader reader, long hour)
    {
        var ring = rings.GetOrAdd(reader.Symbol, static _ => new HourRing());
        var slot = (int)(hour % HoursKept);
        lock (ring)
        {
            if (ring.Hours[slot] == hour)
            {
                return ring.Sums[slot];
            }
        }

        var sum = CandleSum.Flat(0);
        for (var minute = hour * 60; minute < (hour + 1) * 60; minute++)
        {
            reader.Seek(minute, 0, long.MaxValue);
            reader.AddTo(ref sum);
        }

        lock (ring)
        {
            // A newer hour may live in the slot: it stays, or two long histories would wash each other out.
            if (ring.Hours[slot] < hour)
            {
                ring.Hours[slot] = hour;
                ring.Sums[slot] = sum;
            }
        }

        return sum;
    }

    private sealed class HourRing
    {
        internal readonly long[] Hours = new long[HoursKept];
        internal readonly CandleSum[] Sums = new CandleSum[HoursKept];
    }

    /// <summary>A trade reader with a chunk of its own, and bounds.</summary>
    private sealed class Reader(IMarket market, int symbol)
    {
        private readonly TradeReader trades = market.OpenReader(symbol);
        private readonly MarketTrade[] chunk = new MarketTrade[128];
        private long first;
        private long last;

        internal int Symbol => symbol;

        /// <summary>Goes to a minute's trades with times in [<paramref name="from"/>, <paramref name="to"/>].</summary>
        internal void Seek(long minute, long from, long to)
        {
            trades.Seek(minute);
            (first, last) = (from, to);
        }

        /// <summary>The next trades; empty when there are no more. Valid until the next call.</summary>
        internal ReadOnlySpan<MarketTrade> Next()
        {
            while (true)
            {
                var read = chunk.AsSpan(0, trades.Read(chunk));
                if (read.IsEmpty || read[0].Time > last)
                {
                    return [];
                }

                while (!read.IsEmpty && read[^1].Time > last)
                {
                    read = read[..^1];
                }

                while (!read.IsEmpty && read[0].Time < first)
                {
                    read = read[1..];
                }

                if (!read.IsEmpty)
                {
                    return read;
                }
            }
        }

        internal void AddTo(ref CandleSum sum)
        {
            while (Next() is { IsEmpty: false } next)
            {
                sum.Add(next);
            }
        }
    }
}
