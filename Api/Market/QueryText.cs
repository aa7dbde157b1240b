using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CryptoAI.Api.Market;

/// <summary>Reads what callers write in a query; every refusal names the field and the reason.</summary>
internal static class QueryText
{
    /// <summary>The year 9000: far enough from the end of time to add a candle to.</summary>
    private const long MaxMilliseconds = 221_845_392_000_000;

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static int Limit(string? text, int standard, int max, InputErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return standard;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max)
        {
            return limit;
        }

        errors.Add("limit", $"Must be a whole number from 1 to {max}.");
        return standard;
    }

    /// <summary>A moment as ISO 8601 (UTC unless it names an offset) or in Unix milliseconds.</summary>
    public static DateTimeOffset? Time(string? text, string field, InputErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            if (milliseconds is >= 0 and < MaxMilliseconds)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            }
        }
        else
        {
            // An unescaped + in a query arrives as a space.
            const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (DateTimeOffset.TryParseExact(text.Replace(' ', '+'), TimeFormats, CultureInfo.InvariantCulture, utc, out var time)
                && time.ToUnixTimeMilliseconds() < MaxMilliseconds)
            {
                return time;
            }
        }

        errors.Add(field, "Must be a moment such as 2025-06-01T12:00:00Z or Unix milliseconds such as 1748779200000.");
        return null;
    }

    public static Timeframe Frame(string? text, InputErrors errors)
    {
        if (!Timeframes.TryParse(text, out var timeframe))
        {
            errors.Add("timeframe", "Required: one of 1m, 5m, 15m, 1h, 4h, 1d.");
        }

        return timeframe;
    }

    public static SignalStatus? Status(string? text, InputErrors errors)
    {
        switch (text)
        {
            case null or "":
                return null;
            case "active":
                return SignalStatus.Active;
            case "executed":
                return SignalStatus.Executed;
            case "expired":
                return SignalStatus.Expired;
            case "cancelled":
                return SignalStatus.Cancelled;
            default:
                errors.Add("status", "Must be one of active, executed, expired, cancelled.");
                return null;
        }
    }

    /// <summary>An asset's name in canonical upper case; null when it cannot be one.</summary>
    public static string? Symbol(string text) =>
        text.Length is >= 1 and <= 20 && text.All(static letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.')
            ? text.ToUpperInvariant()
            : null;

    public static string Cursor(string place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(place));

    /// <summary>The place a cursor names: what <see cref="Cursor"/> was given, if <paramref name="isPlace"/> says that it can be one.</summary>
    public static string? Place(string? cursor, Func<string, bool> isPlace, InputErrors errors)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        if (cursor.Length <= 200 && Base64Url.IsValid(cursor))
        {
            var place = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
            if (isPlace(place))
            {
                return place;
            }
        }

        errors.Add("after", "Is not a cursor that this endpoint gave out.");
        return null;
    }
}
