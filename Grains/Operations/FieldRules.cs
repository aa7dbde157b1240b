using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Operations;

/// <summary>
/// Which characters, and how many, people may write into fields of their own words; for every area. Each rule refuses with the field, as
/// the API names it, and the reason. Lengths count UTF-16 units.
/// </summary>
internal static class FieldRules
{
    /// <summary>One line without control characters, trimmed.</summary>
    public static string? Line(string? text, string field, int longest)
    {
        text = text?.Trim();
        Check(text, field, longest, static letter => char.IsControl(letter));
        return text;
    }

    /// <summary>One line that is not empty, trimmed.</summary>
    public static string Name(string text, string field, int longest)
    {
        var name = Line(text, field, longest)!;
        Require(name.Length > 0, field, $"Must have 1 to {longest} characters.");
        return name;
    }

    /// <summary>Any number of lines, without other control characters.</summary>
    public static string? Text(string? text, string field, int longest)
    {
        Check(text, field, longest, static letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'));
        return text;
    }

    /// <summary>
    /// A code as it was sent, whatever copying or a keyboard made of it: without blanks and the invisible marks that surround it in text written
    /// from right to left, its digits those of ASCII.
    /// </summary>
    public static string Code(string text) => string.Concat(text
        .Where(static letter => !char.IsWhiteSpace(letter) && char.GetUnicodeCategory(letter) != UnicodeCategory.Format)
        .Select(static letter => char.IsDigit(letter) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(letter)) : letter));

    /// <summary>A JSON object that the database can hold; it comes back as it was written.</summary>
    /// <param name="json">The text.</param>
    /// <param name="field">Its name.</param>
    /// <param name="longest">Most characters.</param>
    /// <param name="deepest">Most levels.</param>
    public static string JsonObject(string json, string field, int longest, int deepest)
    {
        Require(json.Length <= longest, field, $"Must be a JSON object of at most {longest} characters.");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = deepest });
            if (document.RootElement.ValueKind == JsonValueKind.Object && IsStorable(document.RootElement))
            {
                return json;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Refused below: not JSON, too deep, or with half a character.
        }

        throw RefusedException.Invalid(field, $"Must be a JSON object, at most {deepest} deep, with valid characters and numbers.");
    }

    public static void Require(bool holds, string field, string reason)
    {
        if (!holds)
        {
            throw RefusedException.Invalid(field, reason);
        }
    }

    private static void Check(string? text, string field, int longest, Predicate<char> isRefused)
    {
        if (text is not null)
        {
            Require(text.Length <= longest, field, $"Must have at most {longest} characters.");
            Require(!text.Any(letter => isRefused(letter)), field, "Must not contain control characters.");
            Require(IsWhole(text), field, "Must be valid Unicode.");
        }
    }

    /// <summary>No half of a surrogate pair, which UTF-8 cannot express.</summary>
    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    // PostgreSQL's text holds every character but the null one; its numbers are large, but not without end. Reading half a character throws.
    private static bool IsStorable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(static property => !property.Name.Contains('\0', StringComparison.Ordinal) && IsStorable(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
        JsonValueKind.String => !value.GetString()!.Contains('\0', StringComparison.Ordinal),
        JsonValueKind.Number => value.TryGetDecimal(out _),
        _ => true,
    };
}
