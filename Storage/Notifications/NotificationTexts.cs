using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CryptoAI.Storage.Notifications;

/// <summary>A text in one language.</summary>
/// <param name="Message">As the list shows it.</param>
/// <param name="Mail">The text of mail, or of an SMS, where it differs.</param>
public sealed record NotificationText(string Title, string Message, string? Mail);

/// <summary>
/// What notifications say, from the embedded <c>Texts/LANGUAGE.json</c>. <c>{name}</c> stands for a value. A language without texts is
/// answered in English. In languages written from right to left each value is isolated (Unicode FSI and PDI), so that
/// symbols and numbers keep their own order.
/// </summary>
public static class NotificationTexts
{
    private const string Standard = "en";
    private const char FirstStrongIsolate = '\u2068';
    private const char PopIsolate = '\u2069';

    private static readonly FrozenDictionary<string, FrozenDictionary<string, NotificationText>> ByLanguage =
        new[] { "en", "fa" }.ToFrozenDictionary(static language => language, Load, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Languages => ByLanguage.Keys;

    /// <summary>Every text of a language by its key.</summary>
    public static IReadOnlyDictionary<string, NotificationText> Of(string language) => ByLanguage[Known(language)];

    /// <summary>The language that somebody who prefers <paramref name="language"/> (en, fa, fa-IR) is answered in.</summary>
    public static string Known(string language)
    {
        var primary = language.Split('-', '_')[0].ToLowerInvariant();
        return ByLanguage.ContainsKey(primary) ? primary : Standard;
    }

    public static bool IsRightToLeft(string language) => Known(language) == "fa";

    /// <summary>A template with its placeholders filled.</summary>
    /// <param name="language">users.language.</param>
    /// <param name="template">One of <see cref="NotificationTemplates"/>.</param>
    /// <param name="expiresAt">Fills <c>{expiresAt}</c>.</param>
    /// <param name="values">Objects whose values fill the rest; the first that has a name counts.</param>
    /// <exception cref="KeyNotFoundException">There is no such template, or a value is missing.</exception>
    public static NotificationText Render(string language, string template, DateTimeOffset? expiresAt, params ReadOnlySpan<JsonObject?> values)
    {
        var text = Of(language)[template];
        var isolate = IsRightToLeft(language);
        return new NotificationText(
            Fill(text.Title, isolate, expiresAt, values),
            Fill(text.Message, isolate, expiresAt, values),
            text.Mail is null || !Has(text.Mail, values) ? null : Fill(text.Mail, isolate, expiresAt, values));
    }

    private static FrozenDictionary<string, NotificationText> Load(string language)
    {
        using var stream = typeof(NotificationTexts).Assembly.GetManifestResourceStream($"texts/{language}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, NotificationText>>(stream, JsonSerializerOptions.Web)!
            .ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether the text's token is at hand: it is not when the text is made for the list.</summary>
    private static bool Has(string text, ReadOnlySpan<JsonObject?> values) =>
        !text.Contains("{token}", StringComparison.Ordinal) || Find("token", values) is not null;

    private static string Fill(string text, bool isolate, DateTimeOffset? expiresAt, ReadOnlySpan<JsonObject?> values)
    {
        var filled = new StringBuilder(text.Length + 32);
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            if (open < 0)
            {
                filled.Append(text, at, text.Length - at);
                break;
            }

            var close = text.IndexOf('}', open);
            filled.Append(text, at, open - at);
            var name = text[(open + 1)..close];
            var value = name == "expiresAt" && expiresAt is { } end
                ? end.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
                : Find(name, values) ?? throw new KeyNotFoundException($"A notification's text needs '{name}'.");
            if (isolate)
            {
                filled.Append(FirstStrongIsolate).Append(value).Append(PopIsolate);
            }
            else
            {
                filled.Append(value);
            }

            at = close + 1;
        }

        return filled.ToString();
    }

    private static string? Find(string name, ReadOnlySpan<JsonObject?> values)
    {
        foreach (var set in values)
        {
            if (set?[name] is JsonValue value)
            {
                return value.TryGetValue<decimal>(out var number) ? Plain(number) : value.ToString();
            }
        }

        return null;
    }

    /// <summary>Without trailing zeros: 65000.5, not 65000.500.</summary>
    private static string Plain(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);
}
