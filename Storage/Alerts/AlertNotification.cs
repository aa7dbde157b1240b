using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Alerts;

/// <summary>What its user is told of an alert that fired.</summary>
internal static class AlertNotification
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Reads id, user_id, alert_type, condition, trigger_value, message, notification_method, price, at, symbol.</summary>
    public static NewNotification From(NpgsqlDataReader fired, DateTimeOffset now)
    {
        var id = fired.GetInt64(0);
        var type = fired.GetString(2);
        var condition = fired.IsDBNull(3) ? null : fired.GetString(3);
        var method = fired.GetString(6);
        var data = new JsonObject
        {
            ["alertId"] = id,
            ["symbol"] = fired.GetString(9),
            ["type"] = type,
            ["condition"] = condition,
            ["triggerValue"] = fired.IsDBNull(4) ? null : fired.GetDecimal(4),
            ["price"] = fired.GetDecimal(7),
            ["at"] = fired.GetFieldValue<DateTimeOffset>(8),
            ["method"] = method,
        };
        return new NewNotification(fired.GetInt64(1), Template(type, condition), data)
        {
            Type = NotificationType.Alert,
            Priority = NotificationPriority.High,
            Channels = [NotificationCodes.ParseChannel(method)],
            Message = fired.IsDBNull(5) ? null : fired.GetString(5),
            ScheduledFor = now,
            ExpiresAt = now + Lifetime,
            AlertId = id,
        };
    }

    private static string Template(string type, string? condition) => (type, condition) switch
    {
        ("volume_spike", _) => NotificationTemplates.VolumeSpike,
        ("signal_generated", _) => NotificationTemplates.SignalGenerated,
        (_, "above") => NotificationTemplates.PriceAbove,
        (_, "below") => NotificationTemplates.PriceBelow,
        (_, "percentage_change") => NotificationTemplates.PriceMoved,
        _ => NotificationTemplates.PriceTouched,
    };
}
