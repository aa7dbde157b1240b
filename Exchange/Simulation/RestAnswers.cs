using System.Collections.Frozen;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

/// <summary>Bodies of the REST endpoints, from the market's history. Each takes the time up to which it is public, Unix milliseconds.</summary>
/// <param name="history">The market.</param>
/// <param name="clock">The exchange's clock.</param>
/// <param name="weightPerMinute">The limit that exchangeInfo states.</param>
internal sealed class RestAnswers(MarketHistory history, ExchangeClock clock, int weightPerMinute)
{
    private const long Day = 86_400_000;

    /// <summary>For messages: quotes and signs as they are, not as \u0027.</summary>
    internal static readonly JsonSerializerOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FrozenDictionary<string, int> indexes =
        history.Market.Symbols.Index().ToFrozenDictionary(entry => entry.Item.Pair, entry => entry.Index, StringComparer.Ordinal);

    internal void WriteTime(TextBuffer body) => body.Add("{\"serverTime\":"u8).Add(clock.Now).Add("}"u8);

    internal void WriteExchangeInfo(RestQuery query, TextBuffer body)
    {
        var chosen = Choose(query, out _);
        body.Add("{\"timezone\":\"UTC\",\"serverTime\":"u8).Add(clock.Now)
            .Add(",\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":"u8).Add(weightPerMinute)
            .Add("}],\"exchangeFilters\":[],\"symbols\":["u8);
        for (var i = 0; i < chosen.Count; i++)
        {
            body.Add(i > 0 ? ","u8 : ""u8);
            WriteSymbol(history.Market.Symbols[chosen[i]], body);
        }

        body.Add("]}"u8);
    }

    internal void WriteKlines(RestQuery query, long now, TextBuffer body)
    {
        var symbol = Symbol(query.Mandatory("symbol"));
        var timeframe = query.Interval();
        var (from, to, limit) = (query.Moment("startTime"), query.Moment("endTime"), query.Limit());
        if (query.Text("timeZone") is { } zone && zone is not ("0" or "00:00" or "0:00" or "+00:00"))
        {
            throw new RequestRefusedException(-1130, "Data sent for parameter 'timeZone' is not valid.");
        }

        var last = Math.Min(to ?? now, now);
        var first = from ?? timeframe.Floor(last) - ((limit - 1) * timeframe.Milliseconds());
        var (prices, amounts) = Scales(symbol);
        var quantities = amounts - prices;
        var rows = 0;
        body.Add("["u8);
        history.ReadCandles(symbol, timeframe, first, last, now, limit, (open, candle) =>
            body.Add(rows++ > 0 ? ",["u8 : "["u8).Add(open)
                .Add(","u8).AddDecimal(candle.Open, prices)
                .Add(","u8).AddDecimal(candle.High, prices)
                .Add(","u8).AddDecimal(candle.Low, prices)
                .Add(","u8).AddDecimal(candle.Close, prices)
                .Add(","u8).AddDecimal(candle.Volume, quantities)
                .Add(","u8).Add(open + timeframe.Milliseconds() - 1)
                .Add(","u8).AddDecimal(candle.Amount, amounts)
                .Add(","u8).Add(candle.Count)
                .Add(","u8).AddDecimal(candle.TakerBuyVolume, quantities)
                .Add(","u8).AddDecimal(candle.TakerBuyAmount, amounts)
                .Add(",\"0\"]"u8));
        body.Add("]"u8);
    }

    internal void WriteTrades(RestQuery query, long now, TextBuffer body)
    {
        var symbol = Symbol(query.Mandatory("symbol"));
        var (from, to, limit) = (query.Moment("startTime"), query.Moment("endTime"), query.Limit());
        var fromId = query.Number("fromId");
        if (fromId is not null && (from is not null || to is not null))
        {
            throw RequestRefusedException.Combination();
        }

        if (!history.Market.Symbols[symbol].IsTrading)
        {
            body.Add("[]"u8);
            return;
        }

        var end = history.EndId(symbol, Math.Min(to ?? now, now));
        var first = fromId
            ?? (from is { } start ? (start <= now ? history.FirstIdFrom(symbol, start) : end) : end - limit);
        if (end - first > limit)
        {
            end = Math.Min(end, Math.Max(first, EarliestServed(symbol)) + limit);
        }

        var (prices, amounts) = Scales(symbol);
        var rows = 0;
        body.Add("["u8);
        history.ReadTrades(symbol, first, end, trade =>
            body.Add(rows++ > 0 ? ",{\"a\":"u8 : "{\"a\":"u8).Add(trade.Id)
                .Add(",\"p\":"u8).AddDecimal(trade.Price, prices)
                .Add(",\"q\":"u8).AddDecimal(trade.Quantity, amounts - prices)
                .Add(",\"f\":"u8).Add(trade.FirstRawId)
                .Add(",\"l\":"u8).Add(trade.FirstRawId + trade.RawCount - 1)
                .Add(",\"T\":"u8).Add(trade.Time)
                .Add(",\"m\":"u8).Add(trade.BuyerIsMaker)
                .Add(",\"M\":true}"u8));
        body.Add("]"u8);
    }

    internal void WriteTickers(RestQuery query, long now, TextBuffer body)
    {
        var full = query.Text("type") switch
        {
            null or "FULL" => true,
            "MINI" => false,
            _ => throw new RequestRefusedException(-1139, "Invalid ticker type."),
        };
        var chosen = Choose(query, out var single);
        body.Add(single ? ""u8 : "["u8);
        for (var i = 0; i < chosen.Count; i++)
        {
            body.Add(i > 0 ? ","u8 : ""u8);
            WriteTicker(chosen[i], now, full, body);
        }

        body.Add(single ? ""u8 : "]"u8);
    }

    private void WriteTicker(int symbol, long now, bool full, TextBuffer body)
    {
        var (prices, amounts) = Scales(symbol);
        var quantities = amounts - prices;
        var sum = history.Sum(symbol, now - Day + 1, now + 1, now) ?? CandleSum.Flat(0);
        body.Add("{\"symbol\":\""u8).Add(history.Market.Symbols[symbol].Pair).Add("\""u8);
        if (full)
        {
            var change = sum.Close - sum.Open;
            var percent = sum.Open == 0 ? 0 : 100m * change / sum.Open;
            var average = sum.Volume == 0 ? 0 : sum.Amount * (Int128)Math.Pow(10, 8 - prices) / sum.Volume;
            body.Add(",\"priceChange\":"u8).AddDecimal(change, prices)
                .Add(",\"priceChangePercent\":\""u8).Add(percent.ToString("0.000", CultureInfo.InvariantCulture))
                .Add("\",\"weightedAvgPrice\":"u8).AddDecimal(average, 8)
                .Add(",\"prevClosePrice\":"u8).AddDecimal(sum.Open, prices)
                .Add(",\"lastQty\":"u8).AddDecimal(sum.LastQuantity, quantities)
                .Add(",\"bidPrice\":"u8).AddDecimal(Math.Max(0, sum.Close - 1), prices)
                .Add(",\"bidQty\":"u8).AddDecimal(sum.LastQuantity, quantities)
                .Add(",\"askPrice\":"u8).AddDecimal(sum.Close, prices)
                .Add(",\"askQty\":"u8).AddDecimal(sum.LastQuantity, quantities);
        }

        body.Add(",\"lastPrice\":"u8).AddDecimal(sum.Close, prices)
            .Add(",\"openPrice\":"u8).AddDecimal(sum.Open, prices)
            .Add(",\"highPrice\":"u8).AddDecimal(sum.High, prices)
            .Add(",\"lowPrice\":"u8).AddDecimal(sum.Low, prices)
            .Add(",\"volume\":"u8).AddDecimal(sum.Volume, quantities)
            .Add(",\"quoteVolume\":"u8).AddDecimal(sum.Amount, amounts)
            .Add(",\"openTime\":"u8).Add(now - Day)
            .Add(",\"closeTime\":"u8).Add(now)
            .Add(",\"firstId\":"u8).Add(sum.FirstRawId)
            .Add(",\"lastId\":"u8).Add(sum.LastRawId)
            .Add(",\"count\":"u8).Add(sum.Count)
            .Add("}"u8);
    }

    private static void WriteSymbol(MarketSymbol symbol, TextBuffer body) =>
        body.Add("{\"symbol\":\""u8).Add(symbol.Pair)
            .Add("\",\"status\":\""u8).Add(symbol.IsTrading ? "TRADING"u8 : "BREAK"u8)
            .Add("\",\"baseAsset\":\""u8).Add(symbol.BaseAsset)
            .Add("\",\"baseAssetPrecision\":8,\"quoteAsset\":\""u8).Add(symbol.QuoteAsset)
            .Add("\",\"quotePrecision\":8,\"quoteAssetPrecision\":8,\"baseCommissionPrecision\":8,\"quoteCommissionPrecision\":8"u8)
            .Add(",\"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"],\"icebergAllowed\":true,\"ocoAllowed\":true"u8)
            .Add(",\"quoteOrderQtyMarketAllowed\":true,\"allowTrailingStop\":false,\"cancelReplaceAllowed\":false"u8)
            .Add(",\"isSpotTradingAllowed\":true,\"isMarginTradingAllowed\":false,\"filters\":["u8)
            .Add("{\"filterType\":\"PRICE_FILTER\",\"minPrice\":"u8).AddDecimal(1, symbol.PriceScale)
            .Add(",\"maxPrice\":\"1000000.00000000\",\"tickSize\":"u8).AddDecimal(1, symbol.PriceScale)
            .Add("},{\"filterType\":\"LOT_SIZE\",\"minQty\":"u8).AddDecimal(1, symbol.QuantityScale)
            .Add(",\"maxQty\":\"9000000000.00000000\",\"stepSize\":"u8).AddDecimal(1, symbol.QuantityScale)
            .Add("},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\",\"applyMinToMarket\":true"u8)
            .Add(",\"maxNotional\":\"9000000.00000000\",\"applyMaxToMarket\":false,\"avgPriceMins\":5}]"u8)
            .Add(",\"permissions\":[],\"permissionSets\":[[\"SPOT\"]]"u8)
            .Add(",\"defaultSelfTradePreventionMode\":\"NONE\",\"allowedSelfTradePreventionModes\":[\"NONE\"]}"u8);

    /// <summary>The symbols that "symbol", "symbols" and "symbolStatus" name; all when none is sent.</summary>
    private List<int> Choose(RestQuery query, out bool single)
    {
        var one = query.Text("symbol");
        var several = query.Symbols();
        var status = query.Text("symbolStatus");
        single = one is not null;
        if (one is not null && several is not null)
        {
            throw RequestRefusedException.Combination();
        }

        if (status is not (null or "TRADING" or "HALT" or "BREAK"))
        {
            throw new RequestRefusedException(-1122, "Invalid symbolStatus.");
        }

        return one is not null ? [Symbol(one)]
            : several is not null ? [.. several.Select(Symbol)]
            : [.. indexes.Values.Where(index => status is null || Status(index) == status).Order()];
    }

    private string Status(int symbol) => history.Market.Symbols[symbol].IsTrading ? "TRADING" : "BREAK";

    private long EarliestServed(int symbol) => history.Market.FirstTradeId(symbol, history.Market.FirstMinute);

    private (int Prices, int Amounts) Scales(int symbol)
    {
        var listed = history.Market.Symbols[symbol];
        return (listed.PriceScale, listed.PriceScale + listed.QuantityScale);
    }

    private int Symbol(string pair)
    {
        foreach (var letter in pair)
        {
            if (!char.IsAsciiLetterUpper(letter) && !char.IsAsciiDigit(letter) && letter is not ('-' or '_' or '.'))
            {
                throw new RequestRefusedException(
                    -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.");
            }
        }

        return indexes.TryGetValue(pair, out var index) ? index : throw RequestRefusedException.Symbol();
    }
}
