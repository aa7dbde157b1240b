using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// Writes frames once and hands them to a topic's listeners, wrapped with the stream's name or bare, after the faults in force
/// have had their say. Guarded by the live market's lock.
/// </summary>
internal sealed class StreamPublisher(ExchangeClock clock, TimeProvider time, FaultInjector faults, IMarket market) : IDisposable
{
    /// <summary>Bound of the frames held back; beyond it they go at once.</summary>
    private const int MostHeld = 200_000;

    private readonly TextBuffer frame = new();
    private readonly List<StreamConnection> touched = [];
    private readonly PriorityQueue<(StreamTopic Topic, byte[] Frame), (long Due, long Order)> held = new();
    private long order;

    /// <summary>Local time until a held frame is due; null when none is held.</summary>
    internal TimeSpan? NextHeld => held.TryPeek(out _, out var next) ? time.GetElapsedTime(time.GetTimestamp(), next.Due) : null;

    internal void SendTrade(LiveSymbol symbol, in MarketTrade trade)
    {
        var listed = symbol.Symbol;
        if (symbol.AggregateTrades is { Listeners.Count: > 0 } aggregate)
        {
            Begin(aggregate, "aggTrade"u8, listed).Add(",\"a\":"u8).Add(trade.Id)
                .Add(",\"p\":"u8).AddDecimal(trade.Price, listed.PriceScale)
                .Add(",\"q\":"u8).AddDecimal(trade.Quantity, listed.QuantityScale)
                .Add(",\"f\":"u8).Add(trade.FirstRawId)
                .Add(",\"l\":"u8).Add(trade.FirstRawId + trade.RawCount - 1)
                .Add(",\"T\":"u8).Add(trade.Time)
                .Add(",\"m\":"u8).Add(trade.BuyerIsMaker)
                .Add(",\"M\":true}}"u8);
            Publish(aggregate, false);
        }

        if (symbol.Trades is { Listeners.Count: > 0 } raw)
        {
            for (var i = 0; i < trade.RawCount; i++)
            {
                Begin(raw, "trade"u8, listed).Add(",\"t\":"u8).Add(trade.FirstRawId + i)
                    .Add(",\"p\":"u8).AddDecimal(trade.Price, listed.PriceScale)
                    .Add(",\"q\":"u8).AddDecimal(trade.RawQuantity(i), listed.QuantityScale)
                    .Add(",\"T\":"u8).Add(trade.Time)
                    .Add(",\"m\":"u8).Add(trade.BuyerIsMaker)
                    .Add(",\"M\":true}}"u8);
                Publish(raw, false);
            }
        }
    }

    internal void SendKline(LiveSymbol symbol, StreamTopic topic, long openTime, in CandleSum sum, bool isFinal)
    {
        if (topic.Listeners.Count == 0)
        {
            return;
        }

        var told = isFinal && faults.Any && faults.Take(FaultKind.LyingKline, symbol.Symbol.Pair) is not null ? FrameCorruption.Lie(sum) : sum;
        var listed = symbol.Symbol;
        var amounts = listed.PriceScale + listed.QuantityScale;
        Begin(topic, "kline"u8, listed).Add(",\"k\":{\"t\":"u8).Add(openTime)
            .Add(",\"T\":"u8).Add(openTime + topic.Timeframe.Milliseconds() - 1)
            .Add(",\"s\":\""u8).Add(listed.Pair).Add("\",\"i\":\""u8).Add(topic.Timeframe.Code())
            .Add("\",\"f\":"u8).Add(told.FirstRawId)
            .Add(",\"L\":"u8).Add(told.LastRawId)
            .Add(",\"o\":"u8).AddDecimal(told.Open, listed.PriceScale)
            .Add(",\"c\":"u8).AddDecimal(told.Close, listed.PriceScale)
            .Add(",\"h\":"u8).AddDecimal(told.High, listed.PriceScale)
            .Add(",\"l\":"u8).AddDecimal(told.Low, listed.PriceScale)
            .Add(",\"v\":"u8).AddDecimal(told.Volume, listed.QuantityScale)
            .Add(",\"n\":"u8).Add(told.Count)
            .Add(",\"x\":"u8).Add(isFinal)
            .Add(",\"q\":"u8).AddDecimal(told.Amount, amounts)
            .Add(",\"V\":"u8).AddDecimal(told.TakerBuyVolume, listed.QuantityScale)
            .Add(",\"Q\":"u8).AddDecimal(told.TakerBuyAmount, amounts)
            .Add(",\"B\":\"0\"}}}"u8);
        Publish(topic, isFinal);
    }

    internal void SendShutdown(StreamConnection connection)
    {
        frame.Length = 0;
        frame.Add(connection.Combined ? "{\"stream\":\"!serverShutdown\",\"data\":"u8 : ""u8)
            .Add("{\"e\":\"serverShutdown\",\"E\":"u8).Add(clock.Now).Add("}"u8)
            .Add(connection.Combined ? "}"u8 : ""u8);
        connection.Queue(Opcode.Text, frame.Span);
    }

    /// <summary>Sends held frames whose time has come.</summary>
    internal void SendHeld()
    {
        while (held.TryPeek(out var first, out var next) && next.Due <= time.GetTimestamp())
        {
            held.Dequeue();
            Send(first.Topic, first.Frame);
        }
    }

    internal void Flush()
    {
        foreach (var connection in touched)
        {
            connection.IsTouched = false;
            connection.Flush();
        }

        touched.Clear();
    }

    public void Dispose() => frame.Dispose();

    private TextBuffer Begin(StreamTopic topic, ReadOnlySpan<byte> type, MarketSymbol symbol)
    {
        frame.Length = 0;
        return frame.Add(topic.Prefix).Add("{\"e\":\""u8).Add(type).Add("\",\"E\":"u8).Add(clock.Now).Add(",\"s\":\""u8).Add(symbol.Pair).Add("\""u8);
    }

    /// <summary>Sends what is in the buffer, unless a fault decides otherwise.</summary>
    private void Publish(StreamTopic topic, bool isFinalKline)
    {
        if (!faults.Any)
        {
            Send(topic, frame.Span);
            return;
        }

        var pair = market.Symbols[topic.Symbol].Pair;
        if (faults.Take(FaultKind.Stall, pair) is not null
            || (topic.Kind != TopicKind.Kline && faults.Take(FaultKind.Hole, pair) is not null)
            || (isFinalKline && faults.Take(FaultKind.OmitKlineClose, pair) is not null))
        {
            return;
        }

        if (faults.Take(FaultKind.UnknownEvent, pair) is not null)
        {
            Send(topic, FrameCorruption.Unknown(frame.Span, topic.Prefix, faults));
        }

        if (faults.Take(FaultKind.Oversized, pair) is { } oversized)
        {
            Send(topic, FrameCorruption.Oversized(frame.Span, oversized.Bytes));
        }

        var sent = faults.Take(FaultKind.Malformed, pair) is null ? frame.Span : FrameCorruption.Corrupt(frame.Span, topic.Prefix.Length, faults);
        var wait = (faults.Take(FaultKind.Delay, pair)?.Amount ?? TimeSpan.Zero)
            + (faults.Take(FaultKind.Reorder, pair) is { } reorder ? reorder.Amount * (faults.Throw(1 << 20) / (double)(1 << 20)) : TimeSpan.Zero);
        for (var copies = faults.Take(FaultKind.Duplicate, pair) is null ? 1 : 2; copies > 0; copies--)
        {
            if (wait > TimeSpan.Zero && held.Count < MostHeld)
            {
                // Those of one moment keep their order.
                held.Enqueue((topic, sent.ToArray()), (time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency), order++));
            }
            else
            {
                Send(topic, sent);
            }
        }
    }

    /// <param name="topic">Who gets it.</param>
    /// <param name="wrapped">The frame as combined connections get it; the others get what is between the prefix and the last brace.</param>
    private void Send(StreamTopic topic, ReadOnlySpan<byte> wrapped)
    {
        foreach (var connection in topic.Listeners)
        {
            var bare = connection.Combined || wrapped.Length <= topic.Prefix.Length ? wrapped : wrapped[topic.Prefix.Length..^1];
            connection.Queue(Opcode.Text, bare);
            if (!connection.IsTouched)
            {
                connection.IsTouched = true;
                touched.Add(connection);
            }
        }
    }
}
