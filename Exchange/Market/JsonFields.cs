using System.Globalization;
using System.Text.Json;

namespace CryptoAI.Exchange.Market;

/// <summary>Reads single values of the exchange's JSON without allocating. A number may stand bare or as a string.</summary>
internal static class JsonFields
{
    public const long Missing = -1;
    public const long Invalid = -2;

    // 2009, before the first bitcoin, and 2200: everything else is not a time.
    private const long EarliestTime = 1_230_768_000_000;
    private const long LatestTime = 7_258_118_400_000;
    private const long MicrosecondsFrom = 100_000_000_000_000;
    private const int LongestValue = 64;

    /// <summary>Whether Unix milliseconds are between 2009 and 2200.</summary>
    public static bool IsTime(long milliseconds) => milliseconds is >= EarliestTime and < LatestTime;

    /// <summary>The property's name if it is one ASCII character, else 0.</summary>
    public static byte ShortName(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.Length == 1 ? reader.ValueSpan[0] : (byte)0;
        }

        Span<byte> scratch = stackalloc byte[LongestValue];
        return reader.ValueSpan.Length <= scratch.Length && reader.CopyString(scratch) == 1 ? scratch[0] : (byte)0;
    }

    /// <summary>A non-negative integer, or <see cref="Invalid"/>. The reader stands on the value.</summary>
    public static long Integer(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        return TryCopy(ref reader, text, out var length) && ScaledNumber.TryParse(text[..length], out var number) && !text[..length].Contains((byte)'.')
            ? number.Mantissa
            : Invalid;
    }

    /// <summary>A moment as Unix milliseconds (microseconds are recognised by their size), or <see cref="Invalid"/>.</summary>
    public static long Time(ref Utf8JsonReader reader)
    {
        var time = Integer(ref reader);
        if (time > MicrosecondsFrom)
        {
            time /= 1_000;
        }

        return IsTime(time) ? time : Invalid;
    }

    /// <summary>A price or quantity; null when it is not one.</summary>
    public static ScaledNumber? Number(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        return TryCopy(ref reader, text, out var length) && ScaledNumber.TryParse(text[..length], out var number) ? number : null;
    }

    /// <summary>An exact non-negative decimal of up to 28 digits; null when it is not one.</summary>
    public static decimal? Decimal(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[LongestValue];
        return TryCopy(ref reader, text, out var length) && IsPlain(text[..length])
            && decimal.TryParse(text[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    /// <summary>Copies the characters of a string or number, unescaped; false for other tokens and for what is longer than the target.</summary>
    public static bool TryCopy(ref Utf8JsonReader reader, scoped Span<byte> target, out int length)
    {
        length = 0;
        var value = reader.ValueSpan;
        if (value.Length > target.Length)
        {
            return false;
        }

        if (reader.TokenType == JsonTokenType.Number)
        {
            value.CopyTo(target);
            length = value.Length;
            return true;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return false;
        }

        length = reader.CopyString(target);
        return true;
    }

    private static bool IsPlain(ReadOnlySpan<byte> text)
    {
        var dot = text.IndexOf((byte)'.');
        return text.Length is > 0 and <= 29
            && text.Length - (dot < 0 ? 0 : 1) <= 28
            && dot != 0
            && dot != text.Length - 1
            && !text[..(dot < 0 ? text.Length : dot)].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && (dot < 0 || !text[(dot + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }
}
