using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>What an exchangeInfo answer says that concerns us.</summary>
/// <param name="ServerTime">Unix milliseconds; null if it does not say.</param>
/// <param name="WeightPerMinute">The REQUEST_WEIGHT limit; null if it does not say.</param>
/// <param name="Symbols">Pairs that trade on the spot market now.</param>
/// <param name="TooFine">Pairs whose steps need more than eight decimals.</param>
internal sealed record ExchangeInfo(long? ServerTime, int? WeightPerMinute, List<SymbolInfo> Symbols, List<string> TooFine)
{
    // A filter may be absent or its rule disabled with a step of 0. The scale is then the finest one allowed.
    private const decimal FinestStep = 0.00000001m;

    public static ExchangeInfo Read(ReadOnlySpan<byte> body)
    {
        long? serverTime = null;
        int? weight = null;
        var symbols = new Dictionary<string, SymbolInfo>(StringComparer.Ordinal);
        var tooFine = new List<string>();
        var hasSymbols = false;
        var reader = new Utf8JsonReader(body);
        reader.Read();
        JsonRequire.Token(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("serverTime"u8))
            {
                reader.Read();
                serverTime = JsonFields.Time(ref reader) is var time and > 0 ? time : null;
            }
            else if (reader.ValueTextEquals("rateLimits"u8))
            {
                reader.Read();
                weight = ReadWeight(ref reader) ?? weight;
            }
            else if (reader.ValueTextEquals("symbols"u8))
            {
                reader.Read();
                JsonRequire.Token(ref reader, JsonTokenType.StartArray);
                hasSymbols = true;
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    if (ReadSymbol(ref reader) is not { } symbol)
                    {
                        continue;
                    }

                    if (symbol.PriceScale > SymbolInfo.MaxScale || symbol.QuantityScale > SymbolInfo.MaxScale)
                    {
                        tooFine.Add(symbol.Pair);
                    }
                    else
                    {
                        symbols[symbol.Pair] = symbol;
                    }
                }

                JsonRequire.Token(ref reader, JsonTokenType.EndArray);
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }

        reader.Read();
        return hasSymbols ? new(serverTime, weight, [.. symbols.Values], tooFine) : throw new FormatException("there is no list of symbols");
    }

    private static int? ReadWeight(ref Utf8JsonReader reader)
    {
        int? weight = null;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var isWeight = false;
            var isMinute = false;
            long limit = 0;
            long number = 1;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "rateLimitType":
                        isWeight = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("REQUEST_WEIGHT"u8);
                        break;
                    case "interval":
                        isMinute = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("MINUTE"u8);
                        break;
                    case "intervalNum":
                        number = JsonFields.Integer(ref reader);
                        break;
                    case "limit":
                        limit = JsonFields.Integer(ref reader);
                        break;
                }

                reader.Skip();
            }

            if (isWeight && isMinute && number > 0 && limit / number is > 0 and <= int.MaxValue and var perMinute)
            {
                weight = (int)perMinute;
            }
        }

        return weight;
    }

    private static SymbolInfo? ReadSymbol(ref Utf8JsonReader reader)
    {
        string? pair = null;
        string? asset = null;
        string? quote = null;
        var trades = true;
        decimal tick = 0;
        decimal step = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPair = reader.ValueTextEquals("symbol"u8);
            var isStatus = reader.ValueTextEquals("status"u8);
            var isAsset = reader.ValueTextEquals("baseAsset"u8);
            var isQuote = reader.ValueTextEquals("quoteAsset"u8);
            var isSpot = reader.ValueTextEquals("isSpotTradingAllowed"u8);
            var isFilters = reader.ValueTextEquals("filters"u8);
            reader.Read();
            if (isPair || isAsset || isQuote)
            {
                JsonRequire.Token(ref reader, JsonTokenType.String);
                var text = reader.GetString();
                (pair, asset, quote) = (isPair ? text : pair, isAsset ? text : asset, isQuote ? text : quote);
            }
            else if (isStatus)
            {
                trades &= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("TRADING"u8);
            }
            else if (isSpot)
            {
                trades &= reader.TokenType != JsonTokenType.False;
            }
            else if (isFilters && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadFilter(ref reader, ref tick, ref step);
                }
            }

            reader.Skip();
        }

        return trades && !string.IsNullOrEmpty(pair) && !string.IsNullOrEmpty(asset) && !string.IsNullOrEmpty(quote)
            ? new(asset, pair, quote, tick > 0 ? tick : FinestStep, step > 0 ? step : FinestStep)
            : null;
    }

    private static void ReadFilter(ref Utf8JsonReader reader, ref decimal tick, ref decimal step)
    {
        var isPrice = false;
        var isLot = false;
        decimal? tickSize = null;
        decimal? stepSize = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("filterType"u8);
            var isTick = reader.ValueTextEquals("tickSize"u8);
            var isStep = reader.ValueTextEquals("stepSize"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                isPrice = reader.ValueTextEquals("PRICE_FILTER"u8);
                isLot = reader.ValueTextEquals("LOT_SIZE"u8);
            }
            else if (isTick)
            {
                tickSize = JsonFields.Decimal(ref reader);
            }
            else if (isStep)
            {
                stepSize = JsonFields.Decimal(ref reader);
            }

            reader.Skip();
        }

        tick = isPrice ? tickSize ?? tick : tick;
        step = isLot ? stepSize ?? step : step;
    }
}

/// <summary>Says what an answer should have had.</summary>
internal static class JsonRequire
{
    public static void Token(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
        {
            throw new FormatException($"{token} expected and {reader.TokenType} found at byte {reader.TokenStartIndex}");
        }
    }
}
