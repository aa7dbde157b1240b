using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;

namespace CryptoAI.Storage.Notifications;

/// <summary>
/// Preferences as users.preferences holds them under <c>notifications</c>: <c>{channels: ["email"], quietHours: {from: "22:00", to: "07:00"},
/// phone}</c>. What is missing or cannot be read counts as the standard, so that nothing in there ever stops a delivery.
/// </summary>
public static class PreferencesJson
{
    private const string Clock = "HH:mm";

    public static NotificationPreferences Read(string? json)
    {
        var standard = NotificationPreferences.Standard;
        if (json is null || Parse(json) is not { } read)
        {
            return standard;
        }

        return new NotificationPreferences(
            read["channels"] is JsonArray channels ? [.. channels.Select(Text).Where(IsChannel).Select(code => NotificationCodes.ParseChannel(code!))] : standard.Channels,
            read["quietHours"] is JsonObject quiet && Time(quiet["from"]) is { } from && Time(quiet["to"]) is { } to && from != to ? new QuietHours(from, to) : null,
            Text(read["phone"]));
    }

    public static string Write(NotificationPreferences preferences)
    {
        var json = new JsonObject
        {
            ["channels"] = new JsonArray([.. preferences.Channels.Distinct().Select(channel => (JsonNode)NotificationCodes.Code(channel))]),
        };
        if (preferences.QuietHours is { } quiet)
        {
            json["quietHours"] = new JsonObject { ["from"] = Text(quiet.From), ["to"] = Text(quiet.To) };
        }

        if (preferences.Phone is { } phone)
        {
            json["phone"] = phone;
        }

        return json.ToJsonString();
    }

    /// <summary>HH:mm.</summary>
    public static string Text(TimeOnly time) => time.ToString(Clock, CultureInfo.InvariantCulture);

    /// <summary>The time that an HH:mm names; null when it is none.</summary>
    public static TimeOnly? Time(string? text) =>
        TimeOnly.TryParseExact(text, Clock, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static TimeOnly? Time(JsonNode? node) => Time(Text(node));

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool IsChannel(string? code) => code is "hub" or "email" or "push" or "sms";

    private static JsonObject? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
