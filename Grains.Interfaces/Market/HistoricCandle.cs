namespace CryptoAI.Grains.Interfaces.Market;

/// <summary>A closed candle as a source of history states it, which may leave out parts. Prices are USD.</summary>
/// <param name="OpenTime">Unix milliseconds.</param>
/// <param name="BaseVolume">In units of the asset.</param>
/// <param name="QuoteVolume">USD; null when the source does not say.</param>
/// <param name="TradeCount">Raw trades; null when the source does not say.</param>
public readonly record struct HistoricCandle(
    long OpenTime, decimal Open, decimal High, decimal Low, decimal Close, decimal BaseVolume, decimal? QuoteVolume, long? TradeCount)
{
    /// <summary>What was traded in USD: as stated, else the traded amount times the typical price, (high + low + close) / 3.</summary>
    public decimal Volume => QuoteVolume ?? BaseVolume * ((High + Low + Close) / 3);
}
