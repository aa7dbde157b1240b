using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Storage.Market;

/// <summary>
/// price_data.technical_indicators:
/// <c>{"RSI":..,"MACD":{"value","signal","histogram"},"SMA":{"20","50","200"},"EMA":{"12","20","26","50","100"},
/// "BB":{"upper","middle","lower"},"ATR":..,"ADX":{"value","plusDI","minusDI"},"VWAP":..,"OBV":..}</c>.
/// What is not known, or is not a finite number, is left out.
/// </summary>
public static class IndicatorsJson
{
    private static readonly JsonEncodedText Rsi = JsonEncodedText.Encode("RSI");
    private static readonly JsonEncodedText Macd = JsonEncodedText.Encode("MACD");
    private static readonly JsonEncodedText Sma = JsonEncodedText.Encode("SMA");
    private static readonly JsonEncodedText Ema = JsonEncodedText.Encode("EMA");
    private static readonly JsonEncodedText Bollinger = JsonEncodedText.Encode("BB");
    private static readonly JsonEncodedText Atr = JsonEncodedText.Encode("ATR");
    private static readonly JsonEncodedText Adx = JsonEncodedText.Encode("ADX");
    private static readonly JsonEncodedText Vwap = JsonEncodedText.Encode("VWAP");
    private static readonly JsonEncodedText Obv = JsonEncodedText.Encode("OBV");
    private static readonly JsonEncodedText[] MacdParts = Names("value", "signal", "histogram");
    private static readonly JsonEncodedText[] SmaParts = Names("20", "50", "200");
    private static readonly JsonEncodedText[] EmaParts = Names("12", "20", "26", "50", "100");
    private static readonly JsonEncodedText[] BollingerParts = Names("upper", "middle", "lower");
    private static readonly JsonEncodedText[] AdxParts = Names("value", "plusDI", "minusDI");

    /// <summary>Writes the object and flushes. False when there is nothing to write: the writer is untouched, the column is NULL.</summary>
    public static bool Write(Utf8JsonWriter json, Indicators? indicators)
    {
        if (indicators is not { } i || !HasAny(i))
        {
            return false;
        }

        json.WriteStartObject();
        Value(json, Rsi, i.Rsi14);
        Group(json, Macd, MacdParts, [i.Macd, i.MacdSignal, i.MacdHistogram]);
        Group(json, Sma, SmaParts, [i.Sma20, i.Sma50, i.Sma200]);
        Group(json, Ema, EmaParts, [i.Ema12, i.Ema20, i.Ema26, i.Ema50, i.Ema100]);
        Group(json, Bollinger, BollingerParts, [i.BollingerUpper, i.BollingerMiddle, i.BollingerLower]);
        Value(json, Atr, i.Atr14);
        Group(json, Adx, AdxParts, [i.Adx14, i.PlusDi14, i.MinusDi14]);
        Value(json, Vwap, i.Vwap);
        Value(json, Obv, i.Obv);
        json.WriteEndObject();
        json.Flush();
        return true;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; members it does not know are skipped. Null for an object without any known value.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static Indicators? Read(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var values = new Values();
        var group = "";
        while (json.Read())
        {
            switch (json.TokenType)
            {
                case JsonTokenType.EndObject:
                    group = "";
                    break;
                case JsonTokenType.PropertyName:
                    var name = json.GetString()!;
                    json.Read();
                    if (json.TokenType == JsonTokenType.Number)
                    {
                        values.Set(group, name, json.GetDouble());
                    }
                    else if (json.TokenType == JsonTokenType.StartObject && group.Length == 0)
                    {
                        group = name;
                    }
                    else
                    {
                        json.Skip();
                    }

                    break;
            }
        }

        return values.Found ? values.ToIndicators() : null;
    }

    private static JsonEncodedText[] Names(params ReadOnlySpan<string> names)
    {
        var encoded = new JsonEncodedText[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            encoded[i] = JsonEncodedText.Encode(names[i]);
        }

        return encoded;
    }

    private static bool Known(double? value) => value is { } number && double.IsFinite(number);

    private static bool HasAny(Indicators i) =>
        Known(i.Rsi14) || Known(i.Macd) || Known(i.MacdSignal) || Known(i.MacdHistogram)
        || Known(i.Sma20) || Known(i.Sma50) || Known(i.Sma200)
        || Known(i.Ema12) || Known(i.Ema20) || Known(i.Ema26) || Known(i.Ema50) || Known(i.Ema100)
        || Known(i.BollingerUpper) || Known(i.BollingerMiddle) || Known(i.BollingerLower)
        || Known(i.Atr14) || Known(i.Adx14) || Known(i.PlusDi14) || Known(i.MinusDi14) || Known(i.Vwap) || Known(i.Obv);

    private static void Value(Utf8JsonWriter json, JsonEncodedText name, double? value)
    {
        if (Known(value))
        {
            json.WriteNumber(name, value!.Value);
        }
    }

    private static void Group(Utf8JsonWriter json, JsonEncodedText name, JsonEncodedText[] parts, ReadOnlySpan<double?> values)
    {
        var open = false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!Known(values[i]))
            {
                continue;
            }

            if (!open)
            {
                json.WriteStartObject(name);
                open = true;
            }

            json.WriteNumber(parts[i], values[i]!.Value);
        }

        if (open)
        {
            json.WriteEndObject();
        }
    }

    private struct Values
    {
        private double? _rsi, _macd, _macdSignal, _macdHistogram, _sma20, _sma50, _sma200, _ema12, _ema20, _ema26, _ema50, _ema100;
        private double? _upper, _middle, _lower, _atr, _adx, _plusDi, _minusDi, _vwap, _obv;

        public bool Found { get; private set; }

        public void Set(string group, string name, double value)
        {
            var known = true;
            switch ((group, name))
            {
                case ("", "RSI"): _rsi = value; break;
                case ("", "ATR"): _atr = value; break;
                case ("", "VWAP"): _vwap = value; break;
                case ("", "OBV"): _obv = value; break;
                case ("MACD", "value"): _macd = value; break;
                case ("MACD", "signal"): _macdSignal = value; break;
                case ("MACD", "histogram"): _macdHistogram = value; break;
                case ("SMA", "20"): _sma20 = value; break;
                case ("SMA", "50"): _sma50 = value; break;
                case ("SMA", "200"): _sma200 = value; break;
                case ("EMA", "12"): _ema12 = value; break;
                case ("EMA", "20"): _ema20 = value; break;
                case ("EMA", "26"): _ema26 = value; break;
                case ("EMA", "50"): _ema50 = value; break;
                case ("EMA", "100"): _ema100 = value; break;
                case ("BB", "upper"): _upper = value; break;
                case ("BB", "middle"): _middle = value; break;
                case ("BB", "lower"): _lower = value; break;
                case ("ADX", "value"): _adx = value; break;
                case ("ADX", "plusDI"): _plusDi = value; break;
                case ("ADX", "minusDI"): _minusDi = value; break;
                default: known = false; break;
            }

            Found |= known;
        }

        public readonly Indicators ToIndicators() => new()
        {
            Sma20 = _sma20,
            Sma50 = _sma50,
            Sma200 = _sma200,
            Ema12 = _ema12,
            Ema20 = _ema20,
            Ema26 = _ema26,
            Ema50 = _ema50,
            Ema100 = _ema100,
            Rsi14 = _rsi,
            Macd = _macd,
            MacdSignal = _macdSignal,
            MacdHistogram = _macdHistogram,
            BollingerUpper = _upper,
            BollingerMiddle = _middle,
            BollingerLower = _lower,
            Atr14 = _atr,
            Adx14 = _adx,
            PlusDi14 = _plusDi,
            MinusDi14 = _minusDi,
            Vwap = _vwap,
            Obv = _obv,
        };
    }
}
