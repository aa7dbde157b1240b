namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// A candle under addition, all in integers at the symbol's scales; amounts at the sum of both. Sums are 128 bits wide: a day of
/// a cheap coin at full load does not fit 64.
/// </summary>
internal struct CandleSum
{
    internal long Open;
    internal long High;
    internal long Low;
    internal long Close;
    internal long FirstRawId;
    internal long LastRawId;
    internal long LastQuantity;
    internal Int128 Volume;
    internal Int128 Amount;
    internal Int128 TakerBuyVolume;
    internal Int128 TakerBuyAmount;

    /// <summary>Nothing traded: flat at the close before.</summary>
    internal static CandleSum Flat(long close) =>
        new() { Open = close, High = close, Low = close, Close = close, FirstRawId = -1, LastRawId = -1 };

    /// <summary>Raw trades in it.</summary>
    internal readonly long Count => FirstRawId < 0 ? 0 : LastRawId - FirstRawId + 1;

    internal void Add(in MarketTrade trade) => Add([trade]);

    /// <summary>Adds trades in their order.</summary>
    internal void Add(ReadOnlySpan<MarketTrade> trades)
    {
        if (trades.IsEmpty)
        {
            return;
        }

        var (high, low) = (trades[0].Price, trades[0].Price);
        long volume = 0, amount = 0, takerVolume = 0, takerAmount = 0;
        foreach (ref readonly var trade in trades)
        {
            high = Math.Max(high, trade.Price);
            low = Math.Min(low, trade.Price);
            var worth = unchecked(trade.Price * trade.Quantity);
            volume += trade.Quantity;
            amount = unchecked(amount + worth);
            takerVolume += trade.BuyerIsMaker ? 0 : trade.Quantity;
            takerAmount = unchecked(takerAmount + (trade.BuyerIsMaker ? 0 : worth));
        }

        if (FirstRawId < 0)
        {
            (Open, High, Low) = (trades[0].Price, high, low);
            FirstRawId = trades[0].FirstRawId;
        }
        else
        {
            (High, Low) = (Math.Max(High, high), Math.Min(Low, low));
        }

        ref readonly var last = ref trades[^1];
        Close = last.Price;
        LastRawId = last.FirstRawId + last.RawCount - 1;
        LastQuantity = last.Quantity;
        Volume += volume;
        TakerBuyVolume += takerVolume;
        if ((Int128)high * volume <= long.MaxValue)
        {
            // No amount can be above the highest price times all quantity, so 64 bits held them.
            Amount += amount;
            TakerBuyAmount += takerAmount;
            return;
        }

        foreach (ref readonly var trade in trades)
        {
            var worth = (Int128)trade.Price * trade.Quantity;
            Amount += worth;
            TakerBuyAmount += trade.BuyerIsMaker ? 0 : worth;
        }
    }

    /// <summary>Adds what came right after.</summary>
    internal void Add(in CandleSum later)
    {
        if (later.FirstRawId < 0)
        {
            return;
        }

        if (FirstRawId < 0)
        {
            this = later;
            return;
        }

        High = Math.Max(High, later.High);
        Low = Math.Min(Low, later.Low);
        Close = later.Close;
        LastRawId = later.LastRawId;
        LastQuantity = later.LastQuantity;
        Volume += later.Volume;
        Amount += later.Amount;
        TakerBuyVolume += later.TakerBuyVolume;
        TakerBuyAmount += later.TakerBuyAmount;
    }
}
