using System.Globalization;
using System.Text;
using System.Text.Json;
using CryptoAI.Exchange.History;

namespace CryptoAI.Exchange.Providers;

/// <summary>An answer is not what the mapping says. The message is for administrators.</summary>
public sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One row of an answer: texts by where they lie. Null where there is nothing.</summary>
internal abstract class ProviderRow
{
    public abstract string? Find(string place);

    /// <summary>The number at a place; null when there is none: empty, ".", "null", "NaN" or absent.</summary>
    /// <exception cref="ProviderException">Something else stands there.</exception>
    public decimal? Number(string place)
    {
        if (place.Length == 0 || Find(place)?.Trim() is not { Length: > 0 } text || text is "." or "-" or "null" or "NaN" or "N/A" or "NA")
        {
            return null;
        }

        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new ProviderException($"'{place}' holds '{Shown(text)}', which is no number.");
    }

    /// <summary>The time at a place.</summary>
    /// <exception cref="ProviderException">None stands there.</exception>
    public DateTimeOffset Time(string place, string? format)
    {
        var text = Find(place) ?? throw new ProviderException($"There is no time in '{place}'.");
        if (format is not null)
        {
            return DateTimeOffset.TryParseExact(
                text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? time
                : throw new ProviderException($"'{place}' holds '{Shown(text)}', which is no time written {format}.");
        }

        try
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(CandleFields.Time(Encoding.UTF8.GetBytes(text)));
        }
        catch (FormatException exception)
        {
            throw new ProviderException($"In '{place}' {exception.Message}", exception);
        }
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40];
}

/// <summary>A JSON object or array; a place is a path: <c>data.market_cap.usd</c>, numbers count in arrays: <c>1</c>.</summary>
internal sealed class JsonRow(JsonElement row) : ProviderRow
{
    public override string? Find(string place) => Walk(row, place) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>What lies at a path; null when nothing does.</summary>
    public static JsonElement? Walk(JsonElement from, string path)
    {
        foreach (var step in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty(step, out var inner))
            {
                from = inner;
            }
            else if (from.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
                && place < from.GetArrayLength())
            {
                from = from[place];
            }
            else
            {
                return null;
            }
        }

        return from;
    }
}

/// <summary>A line of a CSV; a place is a column's name.</summary>
internal sealed class CsvRow(Dictionary<string, int> columns, string[] fields) : ProviderRow
{
    public override string? Find(string place) =>
        !columns.TryGetValue(place, out var column) ? throw new ProviderException($"There is no column '{place}', but {string.Join(", ", columns.Keys.Take(20))}.")
        : column < fields.Length ? fields[column] : null;
}
