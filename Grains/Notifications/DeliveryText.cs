using System.Text.Json.Nodes;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

internal static class DeliveryText
{
    /// <summary>As it was written when the notification was created, unless the message says more than the list.</summary>
    public static NotificationText Of(Delivery delivery)
    {
        var notification = delivery.Notification;
        if (delivery.Secret is null || delivery.Template is null)
        {
            return new NotificationText(notification.Title, notification.Message, null);
        }

        var data = JsonNode.Parse(notification.Data) as JsonObject;
        var text = NotificationTexts.Render(delivery.Recipient.Language, delivery.Template, notification.ExpiresAt, delivery.Secret, data);
        return text with { Title = notification.Title };
    }
}
