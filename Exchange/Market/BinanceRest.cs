using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// The market data calls of Binance's REST API, version 3, with their documented weights. All throw
/// <see cref="ExchangeUnavailableException"/> when there is no usable answer.
/// </summary>
internal sealed partial class BinanceRest : IDisposable
{
    private const int PageLimit = 1_000;
    private const int TimeWeight = 1;
    private const int ExchangeInfoWeight = 20;
    private const int AllTickersWeight = 80;
    private const int KlinesWeight = 2;
    private const int AggTradesWeight = 4;

    private static readonly Dictionary<string, string> NoParameters = [];

    private readonly BinanceHttp _http;
    private readonly RequestGate _gate;
    private readonly ClockOffset _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _hasNoTime;
    private long _infoAt;

    public BinanceRest(FeedOptions options, string provider, ClockOffset clock, TimeProvider time, Action<ApiCall> report, ILogger logger)
    {
        _clock = clock;
        _time = time;
        _logger = logger;
        _gate = new(options.WeightLimitPerMinute, options.MaxConcurrentRequests, time, clock);
        _http = new(options, provider, _gate, clock, time, report, logger);
    }

    public int UsedWeight => _gate.UsedWeight;

    public int WeightLimit => _gate.WeightLimit;

    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }

    /// <summary>Returns when the exchange answers at all.</summary>
    public async Task PingAsync(CancellationToken cancellation)
    {
        try
        {
            await _http.GetAsync("/api/v3/ping", NoParameters, TimeWeight, urgent: true, static _ => true, cancellation);
        }
        catch (ExchangeUnavailableException)
        {
            await MeasureClockAsync(cancellation);
        }
    }

    /// <summary>
    /// Measures the exchange's clock: by its time endpoint, or, where a server has none, by the heavier exchangeInfo, at most once a
    /// minute.
    /// </summary>
    public async Task MeasureClockAsync(CancellationToken cancellation)
    {
        if (!_hasNoTime)
        {
            try
            {
                var answer = await _http.GetAsync("/api/v3/time", NoParameters, TimeWeight, urgent: true, ReadServerTime, cancellation);
                _clock.Measure(answer.Value, answer.At);
                return;
            }
            catch (ExchangeUnavailableException refused) when (refused.RetryAfter is null)
            {
                await GetSymbolsAsync(cancellation);
                _hasNoTime = true;
                return;
            }
        }

        if (_time.GetElapsedTime(_infoAt) > TimeSpan.FromMinutes(1))
        {
            await GetSymbolsAsync(cancellation);
        }
    }

    /// <summary>The pairs that trade; takes clock and weight limit from the same answer.</summary>
    public async Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(CancellationToken cancellation)
    {
        var answer = await _http.GetAsync("/api/v3/exchangeInfo", NoParameters, ExchangeInfoWeight, urgent: true, ExchangeInfo.Read, cancellation);
        var info = answer.Value;
        _infoAt = _time.GetTimestamp();
        if (info.ServerTime is { } serverTime)
        {
            _clock.Measure(serverTime, answer.At);
        }

        if (info.WeightPerMinute is { } weight)
        {
            _gate.WeightLimit = weight;
        }

        if (info.TooFine.Count > 0)
        {
            LogTooFine(info.TooFine.Count, string.Join(',', info.TooFine.Take(20)));
        }

        return info.Symbols;
    }

    /// <summary>24 h quote volume by pair.</summary>
    public async Task<IReadOnlyDictionary<string, decimal>> GetQuoteVolumesAsync(CancellationToken cancellation) =>
        (await _http.GetAsync("/api/v3/ticker/24hr", NoParameters, AllTickersWeight, urgent: true, ReadQuoteVolumes, cancellation)).Value;

    /// <summary>
    /// Klines that open in [from, to), Unix milliseconds, oldest first. Each page begins with the last one of the page before: all but the last are as they
    /// were in an answer that stated a later one as well.
    /// </summary>
    public async Task<Kline[]> GetKlinesAsync(string pair, Timeframe timeframe, long from, long to, CancellationToken cancellation)
    {
        var length = timeframe.Milliseconds();
        var urgent = to - from <= PageLimit * length;
        var klines = new List<Kline>();
        for (var first = from; klines.Count == 0 ? first < to : first + length < to; first = klines[^1].OpenTime)
        {
            var parameters = new Dictionary<string, string>
            {
                ["symbol"] = pair,
                ["interval"] = timeframe.Code(),
                ["startTime"] = Text(first),
                ["endTime"] = Text(to - 1),
                ["limit"] = Text(PageLimit),
            };
            var page = await _http.GetAsync(
                "/api/v3/klines", parameters, KlinesWeight, urgent, body => ReadKlines(body, timeframe), cancellation);
            var before = klines.Count;
            foreach (var kline in page.Value)
            {
                if (klines.Count > 0 && kline.OpenTime == klines[^1].OpenTime)
                {
                    // It may have been open when the page before was made.
                    klines[^1] = kline;
                }
                else if (kline.OpenTime >= first && kline.OpenTime < to && (klines.Count == 0 || kline.OpenTime > klines[^1].OpenTime))
                {
                    klines.Add(kline);
                }
            }

            // A short page is not the end: a server may cap pages lower. One that brings nothing new is.
            if (klines.Count == before)
            {
                break;
            }
        }

        return [.. klines];
    }

    public Task<TradePage> GetTradesFromIdAsync(SymbolInfo symbol, long fromId, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, PageLimit);
        fromId = Math.Max(0, fromId);
        return GetTradesAsync(
            symbol,
            new() { ["symbol"] = symbol.Pair, ["fromId"] = Text(fromId), ["limit"] = Text(limit) },
            trade => trade.Id >= fromId,
            limit,
            cancellation);
    }

    public Task<TradePage> GetTradesFromTimeAsync(SymbolInfo symbol, long from, long to, CancellationToken cancellation) =>
        from >= to
            ? Task.FromResult(new TradePage(symbol.PriceScale, symbol.QuantityScale, []))
            : GetTradesAsync(
                symbol,
                new() { ["symbol"] = symbol.Pair, ["startTime"] = Text(from), ["endTime"] = Text(to - 1), ["limit"] = Text(PageLimit) },
                trade => trade.Time >= from && trade.Time < to,
                PageLimit,
                cancellation);

    private async Task<TradePage> GetTradesAsync(
        SymbolInfo symbol, Dictionary<string, string> parameters, Func<Trade, bool> isAsked, int limit, CancellationToken cancellation)
    {
        var answer = await _http.GetAsync(
            "/api/v3/aggTrades", parameters, AggTradesWeight, urgent: true, body => ReadTrades(body, symbol, isAsked, limit), cancellation);
        return answer.Value;
    }

    private static long ReadServerTime(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        long time = JsonFields.Missing;
        reader.Read();
        JsonRequire.Token(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTime = reader.ValueTextEquals("serverTime"u8);
            reader.Read();
            time = isTime ? JsonFields.Time(ref reader) : time;
            reader.Skip();
        }

        return time > 0 ? time : throw new FormatException("there is no serverTime");
    }

    private static Dictionary<string, decimal> ReadQuoteVolumes(ReadOnlySpan<byte> body)
    {
        var volumes = new Dictionary<string, decimal>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(body);
        reader.Read();
        JsonRequire.Token(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? pair = null;
            decimal? volume = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isPair = reader.ValueTextEquals("symbol"u8);
                var isVolume = reader.ValueTextEquals("quoteVolume"u8);
                reader.Read();
                pair = isPair && reader.TokenType == JsonTokenType.String ? reader.GetString() : pair;
                volume = isVolume ? JsonFields.Decimal(ref reader) : volume;
                reader.Skip();
            }

            if (pair is not null && volume is { } known)
            {
                volumes[pair] = known;
            }
        }

        JsonRequire.Token(ref reader, JsonTokenType.EndArray);
        reader.Read();
        return volumes;
    }

    private static List<Kline> ReadKlines(ReadOnlySpan<byte> body, Timeframe timeframe)
    {
        var klines = new List<Kline>();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        JsonRequire.Token(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            var start = reader.TokenStartIndex;
            var kline = KlineFields.ReadRow(ref reader).ToKline(timeframe)
                ?? throw new FormatException($"an impossible kline at byte {start}");
            if (klines.Count > 0 && kline.OpenTime <= klines[^1].OpenTime)
            {
                throw new FormatException($"klines out of order at byte {start}");
            }

            klines.Add(kline);
        }

        JsonRequire.Token(ref reader, JsonTokenType.EndArray);
        reader.Read();
        return klines;
    }

    private static TradePage ReadTrades(ReadOnlySpan<byte> body, SymbolInfo symbol, Func<Trade, bool> isAsked, int limit)
    {
        var rows = ArrayPool<TradeFields>.Shared.Rent(PageLimit);
        try
        {
            var count = 0;
            var (priceScale, quantityScale) = (symbol.PriceScale, symbol.QuantityScale);
            var reader = new Utf8JsonReader(body);
            reader.Read();
            JsonRequire.Token(ref reader, JsonTokenType.StartArray);
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                if (count == rows.Length)
                {
                    throw new FormatException($"more than {count} trades");
                }

                var row = TradeFields.Read(ref reader);
                priceScale = Math.Max(priceScale, row.Price.Decimals);
                quantityScale = Math.Max(quantityScale, row.Quantity.Decimals);
                rows[count++] = row;
            }

            JsonRequire.Token(ref reader, JsonTokenType.EndArray);
            reader.Read();
            return new(priceScale, quantityScale, ToTrades(rows.AsSpan(0, count), priceScale, quantityScale, isAsked, limit));
        }
        finally
        {
            ArrayPool<TradeFields>.Shared.Return(rows);
        }
    }

    private static Trade[] ToTrades(ReadOnlySpan<TradeFields> rows, int priceScale, int quantityScale, Func<Trade, bool> isAsked, int limit)
    {
        var trades = new List<Trade>(rows.Length);
        long lastId = -1;
        foreach (var row in rows)
        {
            if (!row.TryToTrade(priceScale, quantityScale, out var trade))
            {
                throw new FormatException($"an impossible trade after id {lastId}");
            }

            if (trade.Id <= lastId)
            {
                throw new FormatException($"trades out of order after id {lastId}");
            }

            lastId = trade.Id;
            if (isAsked(trade) && trades.Count < limit)
            {
                trades.Add(trade);
            }
        }

        return [.. trades];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Warning, "{Count} pairs are left out because their steps need more than eight decimals: {Pairs}")]
    private partial void LogTooFine(int count, string pairs);
}
