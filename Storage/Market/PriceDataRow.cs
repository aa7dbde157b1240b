using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Storage.Market;

/// <summary>A row of price_data in the binary COPY format, and the words it holds.</summary>
internal static class PriceDataRow
{
    public const string ColumnList =
        "crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, "
        + "trade_count, provenance, technical_indicators";

    private const short Columns = 13;

    private static readonly byte[][] TimeframeCodes = [.. Timeframes.All.Select(timeframe => timeframe.Code().Select(c => (byte)c).ToArray())];
    private static readonly string[] Provenances = ["streamed", "backfilled", "repaired", "imported", "estimated", "derived"];
    private static readonly byte[][] ProvenanceCodes = [.. Provenances.Select(code => code.Select(c => (byte)c).ToArray())];

    public static string Code(CandleProvenance provenance) => Provenances[(int)provenance];

    public static CandleProvenance ParseProvenance(string code) => (CandleProvenance)Array.IndexOf(Provenances, code);

    /// <param name="volume">USD; stored to the cent.</param>
    /// <param name="quoteVolume">USD as exact as the source states it; null when it does not say.</param>
    /// <param name="trades">Null when the source does not say.</param>
    public static void Write(
        CopyBuffer buffer, long cryptoId, Timeframe timeframe, DateTimeOffset time, decimal open, decimal high, decimal low, decimal close,
        decimal volume, decimal baseVolume, decimal? quoteVolume, long? trades, CandleProvenance provenance, Indicators? indicators)
    {
        buffer.StartRow(Columns);
        buffer.WriteInt64(cryptoId);
        buffer.WriteText(TimeframeCodes[(int)timeframe]);
        buffer.WriteTimestamp(time);
        buffer.WriteNumeric(open);
        buffer.WriteNumeric(high);
        buffer.WriteNumeric(low);
        buffer.WriteNumeric(close);
        buffer.WriteNumeric(Math.Round(volume, 2, MidpointRounding.AwayFromZero));
        buffer.WriteNumeric(baseVolume);
        if (quoteVolume is { } exact)
        {
            buffer.WriteNumeric(exact);
        }
        else
        {
            buffer.WriteNull();
        }

        if (trades is { } count)
        {
            buffer.WriteInt64(count);
        }
        else
        {
            buffer.WriteNull();
        }

        buffer.WriteText(ProvenanceCodes[(int)provenance]);
        buffer.WriteIndicators(indicators);
    }
}
