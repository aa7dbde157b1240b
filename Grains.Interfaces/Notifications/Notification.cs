namespace CryptoAI.Grains.Interfaces.Notifications;

/// <summary>notifications.notification_type.</summary>
public enum NotificationType : byte
{
    Signal,
    Alert,
    System,
    Educational,
}

/// <summary>notifications.status.</summary>
public enum NotificationStatus : byte
{
    Unread,
    Read,
    Dismissed,
}

/// <summary>notifications.priority. What is urgent passes quiet hours.</summary>
public enum NotificationPriority : byte
{
    Low,
    Normal,
    High,
    Urgent,
}

/// <summary>notification_deliveries.channel.</summary>
public enum NotificationChannel : byte
{
    /// <summary>Open pages, over SignalR. Every notification goes there, and into the list.</summary>
    Hub,

    Email,

    /// <summary>Web push to subscribed browsers.</summary>
    Push,

    Sms,
}

/// <summary>A message to a person, in that person's language.</summary>
/// <param name="Id">By it a client knows one that it has shown already.</param>
/// <param name="Data">A JSON object: what the message is about.</param>
/// <param name="ScheduledFor">Not delivered before; null: at once.</param>
/// <param name="SentAt">When it first reached a channel.</param>
/// <param name="ExpiresAt">Not delivered from then on.</param>
[GenerateSerializer, Immutable, Alias("notification")]
public sealed record Notification(
    [property: Id(0)] long Id,
    [property: Id(1)] long UserId,
    [property: Id(2)] NotificationType Type,
    [property: Id(3)] string Title,
    [property: Id(4)] string Message,
    [property: Id(5)] string Data,
    [property: Id(6)] NotificationStatus Status,
    [property: Id(7)] NotificationPriority Priority,
    [property: Id(8)] DateTimeOffset? ScheduledFor,
    [property: Id(9)] DateTimeOffset? SentAt,
    [property: Id(10)] DateTimeOffset? ReadAt,
    [property: Id(11)] DateTimeOffset? ExpiresAt,
    [property: Id(12)] DateTimeOffset CreatedAt);
