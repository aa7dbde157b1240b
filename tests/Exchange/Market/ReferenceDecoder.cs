using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>What a frame means, read slowly from a JSON document with arbitrary-precision numbers.</summary>
internal static partial class ReferenceDecoder
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Trade numbers are given at eight decimals.</summary>
    public sealed record Meaning(FrameKind Kind, int Symbol = -1, BigInteger Id = default, BigInteger Time = default,
        BigInteger Price = default, BigInteger Quantity = default, BigInteger Count = default, Kline? Kline = null);

    public static Meaning Read(ReadOnlySpan<byte> frame, SymbolInfo[] symbols)
    {
        try
        {
            using var document = JsonDocument.Parse(Strict.GetString(frame));
            return Read(document.RootElement, symbols) ?? new(FrameKind.Malformed);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            return new(FrameKind.Malformed);
        }
    }

    private static Meaning? Read(JsonElement root, SymbolInfo[] symbols)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return new(FrameKind.Ignored);
        }

        var payload = root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? data : root;
        var name = payload.TryGetProperty("e", out var e) && e.ValueKind == JsonValueKind.String ? e.GetString() : null;
        if (name == "serverShutdown")
        {
            return new(FrameKind.ServerShutdown);
        }

        if (name is not ("aggTrade" or "kline"))
        {
            return new(FrameKind.Ignored);
        }

        if (!payload.TryGetProperty("s", out var s) || s.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var symbol = Array.FindIndex(symbols, x => x.Pair == s.GetString());
        return name == "kline" ? ReadKline(payload, symbol) : symbol < 0 ? new(FrameKind.Ignored) : ReadTrade(payload, symbol);
    }

    private static Meaning? ReadTrade(JsonElement payload, int symbol)
    {
        var id = Integer(payload, "a");
        var time = Time(payload, "T");
        var price = Scaled(payload, "p");
        var quantity = Scaled(payload, "q");
        if (id is null || time is null || price is null || quantity is null || price == 0 || quantity == 0 || !IsEventTimeGood(payload))
        {
            return null;
        }

        var hasFirst = payload.TryGetProperty("f", out _);
        if (hasFirst != payload.TryGetProperty("l", out _))
        {
            return null;
        }

        BigInteger? count = hasFirst ? Integer(payload, "l") - Integer(payload, "f") + 1 : 1;
        return count is null || count < 1 || count > int.MaxValue
            ? null
            : new(FrameKind.Trade, symbol, id.Value, time.Value, price.Value, quantity.Value, count.Value);
    }

    private static Meaning? ReadKline(JsonElement payload, int symbol)
    {
        if (!payload.TryGetProperty("k", out var k) || k.ValueKind != JsonValueKind.Object || !IsEventTimeGood(payload)
            || !k.TryGetProperty("x", out var x) || x.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return null;
        }

        var interval = k.TryGetProperty("i", out var i) && i.ValueKind == JsonValueKind.String ? i.GetString() : null;
        if (symbol < 0 || x.ValueKind == JsonValueKind.False || interval != "1m")
        {
            return new(FrameKind.Ignored);
        }

        var (open, high, low, close) = (Exact(k, "o"), Exact(k, "h"), Exact(k, "l"), Exact(k, "c"));
        var (volume, quote, count, time) = (Exact(k, "v"), Exact(k, "q"), Integer(k, "n"), Time(k, "t"));
        if (open is null or 0 || high is null or 0 || low is null or 0 || close is null or 0 || volume is null || quote is null || count is null
            || time is null || time % 60_000 != 0 || high < open || high < close || low > open || low > close)
        {
            return null;
        }

        return new(FrameKind.ClosedKline, symbol, Kline: new(
            Timeframe.M1, (long)time.Value, open.Value, high.Value, low.Value, close.Value, volume.Value, quote.Value, (long)count.Value));
    }

    private static bool IsEventTimeGood(JsonElement payload) => !payload.TryGetProperty("E", out _) || Time(payload, "E") is not null;

    private static BigInteger? Time(JsonElement parent, string name)
    {
        var time = Integer(parent, name);
        time = time > 100_000_000_000_000 ? time / 1_000 : time;
        return time is { } good && good >= new DateTimeOffset(2009, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()
            && good < new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() ? good : null;
    }

    private static BigInteger? Integer(JsonElement parent, string name) =>
        Digits(parent, name) is { } text && !text.Contains('.') && BigInteger.Parse(text) is var value && value <= long.MaxValue ? value : null;

    private static BigInteger? Scaled(JsonElement parent, string name)
    {
        if (Digits(parent, name) is not { } text)
        {
            return null;
        }

        var parts = text.Split('.');
        var fraction = parts.Length == 2 ? parts[1].TrimEnd('0') : "";
        return fraction.Length <= 8 ? BigInteger.Parse(parts[0] + fraction.PadRight(8, '0')) : null;
    }

    private static decimal? Exact(JsonElement parent, string name) =>
        Digits(parent, name) is { } text && text.Replace(".", "").Length <= 28 ? decimal.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? Digits(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };
        return text.Length <= 64 && Plain().IsMatch(text) ? text : null;
    }

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
