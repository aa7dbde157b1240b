using System.Globalization;
using System.Text;

namespace CryptoAI.Exchange.History;

/// <summary>Numbers and times as files of history write them.</summary>
internal static class CandleFields
{
    /// <exception cref="FormatException">Not a number.</exception>
    public static decimal Number(ReadOnlySpan<byte> text, string column) =>
        decimal.TryParse(Bare(text), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"{column} is '{Shown(text)}', which is no number.");

    /// <exception cref="FormatException">Not a whole number; 17.0 is one.</exception>
    public static long Count(ReadOnlySpan<byte> text, string column)
    {
        var value = Number(text, column);
        return decimal.IsInteger(value) && value is >= 0 and < long.MaxValue
            ? (long)value
            : throw new FormatException($"{column} is '{Shown(text)}', which is no count.");
    }

    /// <summary>
    /// Unix milliseconds. Whole numbers are seconds, milliseconds or microseconds, told apart by their size; texts are
    /// <c>2024-01-31</c>, <c>2024-01-31T23:59:00Z</c>, or with a blank for the T, a fraction, an offset; without an offset they are UTC.
    /// </summary>
    /// <exception cref="FormatException">Neither.</exception>
    public static long Time(ReadOnlySpan<byte> text)
    {
        text = Bare(text);
        if (text.Length == 20 && text[10] == 'T' && text[19] == 'Z' && TryRead(text, out var milliseconds))
        {
            return milliseconds;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number switch
            {
                < 100_000_000_000 => number * 1000,
                < 100_000_000_000_000 => number,
                < 100_000_000_000_000_000 => number / 1000,
                _ => throw new FormatException($"the time is '{Shown(text)}', which is too late to be one."),
            };
        }

        return text.Length is >= 10 and <= 40 && text[4] == '-'
            && DateTimeOffset.TryParse(
                Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time.ToUnixTimeMilliseconds()
                : throw new FormatException($"the time is '{Shown(text)}', which is none.");
    }

    /// <summary>The usual form, 2024-01-31T23:59:00Z, without a detour over text.</summary>
    private static bool TryRead(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (!TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second)
            || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':'
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        milliseconds = (new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return true;
    }

    private static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t"u8);
        return text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
    }

    private static string Shown(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]);
}
