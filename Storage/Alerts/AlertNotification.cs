using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Alerts;

/// <summary>What its user is told of an alert that fired.</summary>
internal static class AlertNotification
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Reads id, user_id, alert_type, condition, trigger_value, message, channels, price, at, symbol, window_minutes, occurrence,
    /// portfolio_id, portfolio_level, indicator, indicator_output, timeframe.</summary>
    public static NewNotification From(NpgsqlDataReader fired, DateTimeOffset now)
    {
        var id = fired.GetInt64(0);
        var type = fired.GetString(2);
        var condition = fired.IsDBNull(3) ? null : fired.GetString(3);
        int? window = fired.IsDBNull(10) ? null : fired.GetInt32(10);
        var occurrence = fired.GetInt32(11);
        var channels = fired.GetFieldValue<string[]>(6);
        var data = new JsonObject
        {
            ["alertId"] = id,
            ["symbol"] = fired.GetString(9),
            ["type"] = type,
            ["condition"] = condition,
            ["triggerValue"] = fired.IsDBNull(4) ? null : fired.GetDecimal(4),
            ["price"] = fired.GetDecimal(7),
            ["at"] = fired.GetFieldValue<DateTimeOffset>(8),
            ["windowMinutes"] = window,
            ["occurrence"] = occurrence,
            ["channels"] = new JsonArray([.. channels.Select(channel => JsonValue.Create(channel))]),
        };
        var level = fired.IsDBNull(13) ? null : fired.GetString(13);
        if (level is not null)
        {
            data["positionId"] = fired.GetInt64(12);
            data["level"] = fired.GetDecimal(4);
        }

        if (!fired.IsDBNull(14))
        {
            data["indicator"] = fired.GetString(14);
            data["output"] = fired.GetString(15);
            data["timeframe"] = fired.GetString(16);
        }

        var template = level switch
        {
            null => Template(type, condition, window),
            "stop" => NotificationTemplates.StopHit,
            _ => NotificationTemplates.TargetHit,
        };
        return new NewNotification(fired.GetInt64(1), template, data)
        {
            Type = NotificationType.Alert,
            Priority = NotificationPriority.High,
            Channels = Array.ConvertAll(channels, NotificationCodes.ParseChannel),
            Message = fired.IsDBNull(5) ? null : fired.GetString(5),
            ScheduledFor = now,
            ExpiresAt = now + Lifetime,
            AlertId = id,
            Occurrence = occurrence,
        };
    }

    private static string Template(string type, string? condition, int? window) => (type, condition) switch
    {
        ("volume_spike", _) => NotificationTemplates.VolumeSpike,
        ("signal_generated", _) => NotificationTemplates.SignalGenerated,
        ("indicator", "above" or "crosses_above") => NotificationTemplates.IndicatorAbove,
        ("indicator", _) => NotificationTemplates.IndicatorBelow,
        (_, "above") => NotificationTemplates.PriceAbove,
        (_, "below") => NotificationTemplates.PriceBelow,
        (_, "percentage_change") => window is null ? NotificationTemplates.PriceMoved : NotificationTemplates.PriceMovedWithin,
        _ => NotificationTemplates.PriceTouched,
    };
}
