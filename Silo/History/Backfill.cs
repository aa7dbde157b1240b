using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using CryptoAI.Storage.Market;

namespace CryptoAI.Silo.History;

/// <summary>
/// Fetches history from the exchange, a few thousand candles at a time, each committed: begun again it goes on where it was. Imported candles count as
/// missing, and are replaced by what the exchange states. What the exchange does not have is remembered and not asked for again; what lies after
/// its last candle is, since it may yet come.
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
    /// <param name="to">The last one is over by this time, and by ten minutes ago: what is younger is the live market's, and the history may lag.</param>
    /// <param name="progress">Told how far it is, 0 to 1.</param>
    /// <param name="cancellation">Ends it between chunks; what was committed stays.</param>
    /// <exception cref="ExchangeUnavailableException">The exchange gives no usable answer; what was committed stays.</exception>
    public async Task<HistoryReport> RunAsync(
        SymbolInfo info, long cryptoId, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, Action<double> progress, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var first = timeframe.Floor(from.ToUnixTimeMilliseconds() + length - 1);
        var end = timeframe.Floor(Math.Min(to.ToUnixTimeMilliseconds(), feed.Now - HistoryLoader.Settles));
        var counts = default(ImportCounts);
        var times = new List<long>();
        var absence = new Absence(
            first < end ? await store.ReadAbsentAsync(cryptoId, timeframe, HistoryReport.Time(first), HistoryReport.Time(end), cancellation) : [], length);
        for (long next, start = first; start < end; start = next)
        {
            if (absence.EndOf(start) is { } later)
            {
                next = Math.Min(later, end);
                absence.Pass(start);
            }
            else
            {
                next = Math.Min(end, start + (ChunkCandles * length));
                var (fetched, isEmpty) = await FetchAsync(info, cryptoId, timeframe, start, next, times, absence, cancellation);
                counts += fetched;
                next = isEmpty && next < end ? await NextDayAsync(info, timeframe, next, end, cancellation) : next;
            }

            progress((double)(next - first) / (end - first));
        }

        var gaps = HistoryReport.FindGaps(times, timeframe);
        return new HistoryReport(
            info.Pair, info.Symbol, timeframe, counts.New + counts.Equal + counts.Replaced + counts.Differing, counts, 0, 0, [],
            times.Count > 0 ? HistoryReport.Time(times[0]) : null, times.Count > 0 ? HistoryReport.Time(times[^1]) : null, gaps);
    }

    /// <summary>Where the candles may go on after a chunk without any: years before a listing would be thousands of chunks.</summary>
    private async Task<long> NextDayAsync(SymbolInfo info, Timeframe timeframe, long from, long end, CancellationToken cancellation)
    {
        if (timeframe == Timeframe.D1)
        {
            return from;
        }

        var days = await feed.GetKlinesAsync(info.Pair, Timeframe.D1, Timeframe.D1.Floor(from), end, cancellation);
        return days.Length == 0 ? end : Math.Max(from, days[0].OpenTime);
    }

    /// <returns>What was stored, and whether neither we nor the exchange have anything in the chunk.</returns>
    private async Task<(ImportCounts Counts, bool IsEmpty)> FetchAsync(
        SymbolInfo info, long cryptoId, Timeframe timeframe, long from, long to, List<long> times, Absence absence, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var stored = await candles.ReadAsync(
            cryptoId, info.Symbol, timeframe, HistoryReport.Time(from), HistoryReport.Time(to), int.MaxValue, newestFirst: false, cancellation);
        long[] present = [.. stored.Where(static candle => candle.Provenance < CandleProvenance.Imported).Select(static candle => candle.OpenTime.ToUnixTimeMilliseconds())];
        var there = new SortedSet<long>(present);
        var fetched = new List<HistoricCandle>();
        var shown = new HashSet<long>();
        foreach (var (gapFrom, gapTo) in CandleGaps.Find([.. there.Union(absence.Within(from, to)).Order()], from, to, length, MergeCandles))
        {
            // One candle more than is needed: a later one proves that one that is missing before it never was.
            var klines = await feed.GetKlinesAsync(info.Pair, timeframe, gapFrom, gapTo + length, cancellation);
            foreach (var kline in klines)
            {
                if (kline.OpenTime >= gapFrom && kline.OpenTime < gapTo && kline.OpenTime % length == 0)
                {
                    there.Add(kline.OpenTime);
                    fetched.Add(new HistoricCandle(
                        kline.OpenTime, kline.Open, kline.High, kline.Low, kline.Close, kline.Volume, kline.QuoteVolume, kline.TradeCount));
                }
            }

            for (var at = gapFrom; klines.Length > 0 && at < Math.Min(gapTo, klines[^1].OpenTime); at += length)
            {
                shown.Add(at);
            }
        }

        times.AddRange(there);
        var absent = await FindAbsentAsync(info, timeframe, from, to, there, shown, absence, cancellation);
        if (fetched.Count == 0 && absent.Count == 0)
        {
            return (default, there.Count == 0 && stored.Length == 0);
        }

        await using var import = await store.BeginAsync(cryptoId, timeframe, CandleProvenance.Backfilled, replaceImported: true, cancellation);
        var counts = await import.WriteAsync([.. fetched], cancellation);
        await import.MarkAbsentAsync(absent, cancellation);
        await import.CommitAsync(cancellation);
        return (counts, false);
    }

    /// <summary>Spans before candles of a chunk of which it was not known, and is now, that the exchange has no candles there.</summary>
    private async Task<List<(long From, long To)>> FindAbsentAsync(
        SymbolInfo info, Timeframe timeframe, long from, long to, SortedSet<long> there, HashSet<long> shown, Absence absence, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var found = new List<(long, long)>();
        for (var at = from; at < to; at += length)
        {
            if (!there.Contains(at))
            {
                absence.Add(at, shown.Contains(at));
            }
            else if (absence.End(at) is var (since, isShown))
            {
                // What an empty answer said is asked for once more, up to the first candle: an empty answer alone proves nothing.
                if (isShown || await feed.GetKlinesAsync(info.Pair, timeframe, since, at + length, cancellation) is [{ } only] && only.OpenTime == at)
                {
                    found.Add((since, at));
                }
            }
        }

        return found;
    }

    /// <summary>Where the exchange has no candles: what is known of earlier, and the span that is being gone through.</summary>
    private sealed class Absence(IReadOnlyList<(long From, long To)> known, long length)
    {
        private long? _since;
        private bool _isShown;
        private bool _isNew;

        /// <summary>Where a known span that holds a time ends; null when it lies in none.</summary>
        public long? EndOf(long at)
        {
            foreach (var (from, to) in known)
            {
                if (at >= from && at < to)
                {
                    return to;
                }
            }

            return null;
        }

        /// <summary>Times in [from, to) of which it is known that there are none.</summary>
        public IEnumerable<long> Within(long from, long to)
        {
            foreach (var span in known)
            {
                for (var at = Math.Max(span.From, from); at < Math.Min(span.To, to); at += length)
                {
                    yield return at;
                }
            }
        }

        /// <summary>Goes over a known span from a time on.</summary>
        public void Pass(long at) => Begin(at);

        /// <summary>Goes over a time without a candle.</summary>
        /// <param name="isShown">Whether an answer with a later candle left it out.</param>
        public void Add(long at, bool isShown)
        {
            Begin(at);
            var isKnown = EndOf(at) is not null;
            _isNew |= !isKnown;
            _isShown &= isKnown || isShown;
        }

        /// <summary>Comes to a candle: since when there was none, if that is not known yet.</summary>
        public (long Since, bool IsShown)? End(long at)
        {
            (long, bool)? found = _since is { } since && since < at && _isNew ? (since, _isShown) : null;
            _since = null;
            return found;
        }

        private void Begin(long at)
        {
            if (_since is null)
            {
                (_since, _isShown, _isNew) = (at, true, false);
            }
        }
    }
}
