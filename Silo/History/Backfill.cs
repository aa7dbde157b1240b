using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;

namespace CryptoAI.Silo.History;

/// <summary>
/// Fetches history from the exchange, a few thousand candles at a time, each committed: begun again it goes on where it was. Imported candles count as
/// missing, and are replaced by what the exchange states.
/// </summary>
public sealed class Backfill(IMarketFeed feed, CandleStore candles, CandleHistoryStore store)
{
    private const int ChunkCandles = 5_000;

    /// <summary>Holes closer together than this are fetched with one request.</summary>
    private const int MergeCandles = 500;

    /// <summary>Fetches what is missing of one series.</summary>
    /// <param name="info">The pair.</param>
    /// <param name="cryptoId">cryptocurrencies.id of its asset.</param>
    /// <param name="timeframe">Which candles.</param>
    /// <param name="from">The first candle is the first that begins at or after this time.</param>
    /// <param name="to">The last one is over by this time, and by now.</param>
    /// <param name="progress">Told how far it is, 0 to 1.</param>
    /// <param name="cancellation">Ends it between chunks; what was committed stays.</param>
    /// <exception cref="ExchangeUnavailableException">The exchange gives no usable answer; what was committed stays.</exception>
    public async Task<HistoryReport> RunAsync(
        SymbolInfo info, long cryptoId, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, Action<double> progress, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var first = timeframe.Floor(from.ToUnixTimeMilliseconds() + length - 1);
        var end = timeframe.Floor(Math.Min(to.ToUnixTimeMilliseconds(), feed.Now));
        var counts = default(ImportCounts);
        var times = new List<long>();
        for (long next, start = first; start < end; start = next)
        {
            next = Math.Min(end, start + (ChunkCandles * length));
            counts += await FetchAsync(info, cryptoId, timeframe, start, next, times, cancellation);
            progress((double)(next - first) / (end - first));
        }

        var gaps = HistoryReport.FindGaps(times, timeframe);
        return new HistoryReport(
            info.Pair, info.Symbol, timeframe, counts.New + counts.Equal + counts.Replaced + counts.Differing, counts, 0, 0, [],
            times.Count > 0 ? HistoryReport.Time(times[0]) : null, times.Count > 0 ? HistoryReport.Time(times[^1]) : null, gaps);
    }

    private async Task<ImportCounts> FetchAsync(
        SymbolInfo info, long cryptoId, Timeframe timeframe, long from, long to, List<long> times, CancellationToken cancellation)
    {
        var stored = await candles.ReadAsync(
            cryptoId, info.Symbol, timeframe, HistoryReport.Time(from), HistoryReport.Time(to), int.MaxValue, newestFirst: false, cancellation);
        long[] present = [.. stored.Where(static candle => candle.Provenance < CandleProvenance.Imported).Select(static candle => candle.OpenTime.ToUnixTimeMilliseconds())];
        times.AddRange(present);
        var fetched = new List<HistoricCandle>();
        foreach (var (gapFrom, gapTo) in CandleGaps.Find(present, from, to, timeframe.Milliseconds(), MergeCandles))
        {
            foreach (var kline in await feed.GetKlinesAsync(info.Pair, timeframe, gapFrom, gapTo, cancellation))
            {
                if (kline.OpenTime >= gapFrom && kline.OpenTime < gapTo && kline.OpenTime % timeframe.Milliseconds() == 0)
                {
                    fetched.Add(new HistoricCandle(
                        kline.OpenTime, kline.Open, kline.High, kline.Low, kline.Close, kline.Volume, kline.QuoteVolume, kline.TradeCount));
                }
            }
        }

        if (fetched.Count == 0)
        {
            return default;
        }

        times.AddRange(fetched.Select(static candle => candle.OpenTime).Except(present));
        await using var import = await store.BeginAsync(cryptoId, timeframe, CandleProvenance.Backfilled, replaceImported: true, cancellation);
        var counts = await import.WriteAsync([.. fetched], cancellation);
        await import.CommitAsync(cancellation);
        return counts;
    }
}
