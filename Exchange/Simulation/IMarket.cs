namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// What an exchange sells as its truth: for every symbol an unbroken sequence of trades, cut into minutes. Minutes count
/// whole minutes since the Unix epoch. The same question has the same answer at any time and in any order; methods may be
/// called from any thread. Two kinds exist: a seeded model and a recording.
/// </summary>
public interface IMarket
{
    IReadOnlyList<MarketSymbol> Symbols { get; }

    /// <summary>First minute of the history that is served.</summary>
    long FirstMinute { get; }

    /// <summary>Where an exchange's clock starts to serve this market, Unix milliseconds; null when the market lives at any time.</summary>
    long? ClockOrigin { get; }

    /// <summary>Id of the earliest trade that can be read, at or before the start of the history: its price is the first close before.</summary>
    long EarliestTradeId(int symbol);

    /// <summary>
    /// Id of the first trade at or after the start of a minute: the trades of a minute are those from here up to the same of the next
    /// minute. Ids are contiguous per symbol.
    /// </summary>
    long FirstTradeId(int symbol, long minute);

    /// <summary>The minute that holds a trade, which must be in the history or not long after now.</summary>
    long MinuteOf(int symbol, long tradeId);

    /// <summary>A reader over one symbol's trades; used by one thread at a time.</summary>
    TradeReader OpenReader(int symbol);
}

/// <summary>Reads the trades of one minute after the other, in order of id and of time.</summary>
public abstract class TradeReader
{
    /// <summary>Goes to the first trade of a minute.</summary>
    public abstract void Seek(long minute);

    /// <summary>Writes the next trades of the sought minute; 0 when it has no more.</summary>
    public abstract int Read(Span<MarketTrade> into);
}

/// <summary>
/// One aggregate trade. <paramref name="Price"/> and <paramref name="Quantity"/> are integers at the symbol's scales, <paramref name="Time"/> is Unix
/// milliseconds. It stands for the raw trades <paramref name="FirstRawId"/> to <paramref name="FirstRawId"/> + <paramref name="RawCount"/> - 1.
/// </summary>
public readonly record struct MarketTrade(
    long Id,
    long Time,
    long Price,
    long Quantity,
    long FirstRawId,
    int RawCount,
    bool BuyerIsMaker)
{
    /// <summary>
    /// Quantity of one of its raw trades, 0 the first. They sum to <see cref="Quantity"/>; the last takes the remainder.
    /// </summary>
    public long RawQuantity(int index)
    {
        var share = Quantity / RawCount;
        return index < RawCount - 1 ? share : Quantity - (share * (RawCount - 1));
    }
}

/// <summary>A pair of the exchange.</summary>
/// <param name="PriceScale">Decimals of a price; the tick is one unit of the last.</param>
/// <param name="QuantityScale">Decimals of a quantity. Together with <paramref name="PriceScale"/> at most 8, so that amounts are exact on the wire.</param>
/// <param name="IsTrading">False for a pair that is listed and halted: it has no trades and no klines.</param>
public sealed record MarketSymbol(string Pair, string BaseAsset, string QuoteAsset, byte PriceScale, byte QuantityScale, bool IsTrading = true)
{
    /// <summary>The pair in a stream's name: btcusdt.</summary>
    public string StreamName { get; } = Pair.ToLowerInvariant();
}
