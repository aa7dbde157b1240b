using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Market;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Market;

/// <summary>
/// Brings a symbol's stored history up to a moment: what the database lacks comes from the exchange and is handed to the
/// snapshot writer. One per silo; few symbols load at once, because a symbol's history in memory is large.
/// </summary>
public sealed partial class HistoryLoader(
    MarketFeedSelector feeds,
    CandleStore store,
    SnapshotWriter writer,
    IOptions<FeedOptions> options,
    TimeProvider time,
    ILogger<HistoryLoader> log)
{
    /// <summary>Candles loaded per timeframe at least, so that the longest average is warm and 30-day changes are known.</summary>
    public const int MinimumCandles = 300;

    /// <summary>
    /// An exchange's history may lag its clock. What nothing later in it proves complete is believed when it has been over for so long,
    /// milliseconds. Exchanges state quiet minutes as well, so this is the case of a pair that trades no more, and of a bad day of the exchange.
    /// </summary>
    public const long Settles = 600_000;

    /// <summary>Daily ones: regimes are learnt from more than a year. One page of the exchange's.</summary>
    private const int MinimumDays = 1_000;

    private const int Concurrency = 3;
    private const int WriteBatch = 1_000;

    /// <summary>Candles looked at together: a product that was off for a year comes back without holding the year in memory.</summary>
    private const int ChunkCandles = 5_000;

    /// <summary>Holes closer together than this are fetched with one request.</summary>
    private const int MergeCandles = 500;

    private readonly RankedGate _turns = new(Concurrency);

    /// <summary>
    /// Loads everything before <paramref name="until"/> (Unix milliseconds, start of the first live minute), from the newest stored candle
    /// on or from as far back as is wanted in any case. Candles still open then are left to the caller. When it returns, everything loaded
    /// is committed. Safe to repeat: what is stored already is not fetched again.
    /// </summary>
    /// <param name="info">The pair.</param>
    /// <param name="rank">Its place in the universe: what people look at most is loaded first.</param>
    /// <param name="cryptoId">cryptocurrencies.id of its asset.</param>
    /// <param name="until">Unix milliseconds.</param>
    /// <param name="cancellation">Ends it; what was committed stays.</param>
    /// <exception cref="ExchangeUnavailableException">The exchange gave no usable answer.</exception>
    public async Task<SymbolHistory> LoadAsync(SymbolInfo info, int rank, long cryptoId, long until, CancellationToken cancellation)
    {
        var feed = await feeds.GetAsync(cancellation);
        await _turns.EnterAsync(rank, cancellation);
        try
        {
            var history = new SymbolHistory();
            var newest = await store.GetLastOpenTimesAsync(cryptoId, cancellation);
            foreach (var timeframe in Timeframes.All)
            {
                DateTimeOffset? last = newest.TryGetValue(timeframe, out var opened) ? opened : null;
                await LoadAsync(feed, info, cryptoId, timeframe, until, last, history, cancellation);
            }

            return history;
        }
        finally
        {
            _turns.Leave();
        }
    }

    private async Task LoadAsync(
        IMarketFeed feed, SymbolInfo info, long cryptoId, Timeframe timeframe, long until, DateTimeOffset? newest, SymbolHistory history,
        CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var end = timeframe.Floor(until);
        var wanted = FirstWanted(timeframe, until);
        var indicators = new IndicatorSet();
        var kept = new List<Bar>();
        var fetched = 0;
        var from = newest is { } stored ? Math.Min(wanted, stored.ToUnixTimeMilliseconds() + length) : wanted;
        for (long next, start = from; start < end; start = next)
        {
            next = Math.Min(end, start + (ChunkCandles * length));
            fetched += await LoadAsync(feed, info, cryptoId, timeframe, start, next, wanted, indicators, kept, cancellation);
        }

        history.Set(timeframe, [.. kept], indicators);
        if (fetched > 0)
        {
            LogBackfilled(info.Symbol, timeframe.Code(), fetched, Time(from));
        }
    }

    /// <summary>Loads the candles of [from, to), in order; those from <paramref name="wanted"/> on are kept.</summary>
    /// <returns>How many were fetched.</returns>
    private async Task<int> LoadAsync(
        IMarketFeed feed, SymbolInfo info, long cryptoId, Timeframe timeframe, long from, long to, long wanted, IndicatorSet indicators,
        List<Bar> kept, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var stored = await store.ReadAsync(
            cryptoId, info.Symbol, timeframe, Time(from), Time(to), int.MaxValue, newestFirst: false, cancellation);
        var bars = new SortedList<long, Bar>(stored.Length + 16);
        var unconfirmed = new List<Bar>();
        foreach (var candle in stored)
        {
            if (candle.Provenance >= CandleProvenance.Imported)
            {
                unconfirmed.Add(candle.ToBar());
            }
            else
            {
                bars[candle.OpenTime.ToUnixTimeMilliseconds()] = candle.ToBar();
            }
        }

        var fetched = new HashSet<long>();
        foreach (var (gapFrom, gapTo) in CandleGaps.Find(bars.Keys, from, to, length, MergeCandles))
        {
            foreach (var kline in await feed.GetKlinesAsync(info.Pair, timeframe, gapFrom, gapTo, cancellation))
            {
                if (kline.OpenTime >= gapFrom && kline.OpenTime < gapTo && kline.OpenTime % length == 0 && bars.TryAdd(kline.OpenTime, kline.ToBar()))
                {
                    fetched.Add(kline.OpenTime);
                }
            }
        }

        // What came from a file stands where the exchange has nothing.
        foreach (var bar in unconfirmed)
        {
            bars.TryAdd(bar.OpenTime, bar);
        }

        var batch = new List<Candle>(Math.Min(fetched.Count, WriteBatch));
        var written = new List<Task>();
        foreach (var bar in bars.Values)
        {
            var values = indicators.Append(bar);
            if (bar.OpenTime >= wanted)
            {
                kept.Add(bar);
            }

            if (fetched.Contains(bar.OpenTime))
            {
                batch.Add(bar.ToCandle(info.Symbol, timeframe, CandleProvenance.Backfilled, isClosed: true, values));
                if (batch.Count == WriteBatch)
                {
                    written.Add(await HandOverAsync(cryptoId, batch, cancellation));
                    batch = new List<Candle>(WriteBatch);
                }
            }
        }

        written.Add(await HandOverAsync(cryptoId, batch, cancellation));
        await Task.WhenAll(written).WaitAsync(cancellation);
        return fetched.Count;
    }

    private async Task<Task> HandOverAsync(long cryptoId, List<Candle> batch, CancellationToken cancellation)
    {
        Task committed = Task.CompletedTask;
        while (batch.Count > 0 && !writer.TryWrite(cryptoId, batch, out committed))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
        }

        return committed;
    }

    private long FirstWanted(Timeframe timeframe, long until)
    {
        var byDays = until - (options.Value.BackfillDays * Timeframe.D1.Milliseconds());
        var byCount = timeframe == Timeframe.M1 ? Timeframe.D1.Floor(until)
            : until - ((timeframe == Timeframe.D1 ? MinimumDays : MinimumCandles) * timeframe.Milliseconds());
        return timeframe.Floor(Math.Max(0, Math.Min(byDays, byCount)));
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Symbol} {Timeframe}: {Count} candles backfilled since {From:u}.")]
    private partial void LogBackfilled(string symbol, string timeframe, int count, DateTimeOffset from);
}

/// <summary>A symbol's closed candles up to the first live minute, and the indicators at their end.</summary>
public sealed class SymbolHistory
{
    private readonly Bar[][] _bars = new Bar[Timeframes.Count][];
    private readonly IndicatorSet[] _indicators = new IndicatorSet[Timeframes.Count];

    public IReadOnlyList<IndicatorSet> Indicators => _indicators;

    public Bar[] Bars(Timeframe timeframe) => _bars[(int)timeframe];

    internal void Set(Timeframe timeframe, Bar[] bars, IndicatorSet indicators)
    {
        _bars[(int)timeframe] = bars;
        _indicators[(int)timeframe] = indicators;
    }
}
