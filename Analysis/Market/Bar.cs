namespace CryptoAI.Analysis.Market;

/// <summary>
/// One closed candle in exact numbers. <paramref name="OpenTime"/> is Unix milliseconds; prices and <paramref name="QuoteVolume"/> are in the
/// quote asset, <paramref name="Volume"/> in the base asset; <paramref name="Count"/> counts raw trades. A quiet candle has Count 0, no volume and
/// all four prices equal.
/// </summary>
public readonly record struct Bar(
    long OpenTime,
    decimal Open,
    decimal High,
    decimal Low,
    decimal Close,
    decimal Volume,
    decimal QuoteVolume,
    long Count)
{
    public bool IsQuiet => Count == 0;

    /// <summary>A candle in which nothing traded, at the close before it.</summary>
    public static Bar Quiet(long openTime, decimal previousClose) =>
        new(openTime, previousClose, previousClose, previousClose, previousClose, 0, 0, 0);

    /// <summary>
    /// Whether two statements of the same candle agree. Exchanges round each trade's quote value to eight decimals, so quote
    /// volumes may differ by that rounding, once per trade.
    /// </summary>
    public bool Agrees(in Bar other)
    {
        if (OpenTime != other.OpenTime || Count != other.Count || Volume != other.Volume)
        {
            return false;
        }

        return IsQuiet
            || (Open == other.Open && High == other.High && Low == other.Low && Close == other.Close
                && Math.Abs(QuoteVolume - other.QuoteVolume) <= 0.00000001m * (Count + 1));
    }
}
