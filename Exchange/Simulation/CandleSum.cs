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

    internal void Add(in MarketTrade trade)
    {
        if (FirstRawId < 0)
        {
            Open = High = Low = trade.Price;
            FirstRawId = trade.FirstRawId;
        }
        else if (trade.Price > High)
        {
            High = trade.Price;
        }
        else if (trade.Price < Low)
        {
            Low = trade.Price;
        }

        Close = trade.Price;
        LastRawId = trade.FirstRawId + trade.RawCount - 1;
        LastQuantity = trade.Quantity;
        var amount = (Int128)trade.Price * trade.Quantity;
        Volume += trade.Quantity;
        Amount += amount;
        if (!trade.BuyerIsMaker)
        {
            TakerBuyVolume += trade.Quantity;
            TakerBuyAmount += amount;
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
