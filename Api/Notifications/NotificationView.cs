using System.Text.Json;
using System.Text.Json.Serialization;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Api.Notifications;

/// <summary>A notification as the API and the hub's events <c>alert</c> and <c>notification</c> show it.</summary>
/// <param name="Id">A client that has shown it does not show it again.</param>
/// <param name="Title">In the user's language.</param>
/// <param name="Data">What it is about: of an alert, alertId, symbol, price, triggerValue and so on.</param>
/// <param name="SentAt">When it first reached a channel.</param>
internal sealed record NotificationView(
    long Id,
    NotificationType Type,
    string Title,
    string Message,
    JsonElement Data,
    NotificationStatus Status,
    NotificationPriority Priority,
    DateTimeOffset CreatedAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? ReadAt,
    DateTimeOffset? ExpiresAt)
{
    public static NotificationView From(Notification notification) => new(
        notification.Id,
        notification.Type,
        notification.Title,
        notification.Message,
        JsonElement.Parse(notification.Data),
        notification.Status,
        notification.Priority,
        notification.CreatedAt,
        notification.SentAt,
        notification.ReadAt,
        notification.ExpiresAt);
}

/// <summary>How many notifications are unread.</summary>
internal sealed record UnreadCount(long Unread);

/// <summary>Marks everything up to and with this notification as read.</summary>
/// <param name="UpTo">The newest notification that was seen.</param>
internal sealed record ReadAllRequest(long UpTo);

/// <summary>How many were marked.</summary>
internal sealed record ReadAllAnswer(int Read);

/// <summary>How a person is told.</summary>
/// <param name="Channels">email, push, sms: those switched on; all of them if absent. Open pages and the list always get everything.</param>
/// <param name="QuietHours">When e-mail, push and SMS wait unless a notification is urgent; in the user's timezone.</param>
/// <param name="Phone">Where SMS go once it is confirmed: +491701234567.</param>
/// <param name="PhoneConfirmed">Whether it is. Not set with the preferences.</param>
internal sealed record PreferencesView(NotificationChannel[]? Channels, QuietHoursView? QuietHours, string? Phone, bool? PhoneConfirmed = null)
{
    public static PreferencesView From(NotificationPreferences preferences) => new(
        [.. preferences.Channels.Where(static channel => channel != NotificationChannel.Hub)],
        preferences.QuietHours is { } quiet ? new QuietHoursView(PreferencesJson.Text(quiet.From), PreferencesJson.Text(quiet.To)) : null,
        preferences.Phone,
        preferences.IsPhoneConfirmed);
}

/// <param name="Code">The six digits that came by SMS.</param>
internal sealed record PhoneCode(string? Code);

/// <param name="From">22:00</param>
/// <param name="To">07:00; over midnight when it is before <paramref name="From"/>.</param>
internal sealed record QuietHoursView(string From, string To);

/// <summary>What a browser's <c>PushSubscription.toJSON()</c> gives.</summary>
internal sealed record SubscribeRequest(string? Endpoint, SubscriptionKeys? Keys);

internal sealed record SubscriptionKeys(string? P256dh, string? Auth);

/// <summary>A browser that takes web push.</summary>
internal sealed record SubscriptionView(long Id);

/// <summary>What to subscribe with: <c>applicationServerKey</c> of <c>PushManager.subscribe</c>, base64url.</summary>
internal sealed record PushKeyView(string PublicKey);

/// <summary>What people are to be told.</summary>
/// <param name="Type">system, if left out, or educational.</param>
/// <param name="Title">One line of at most 200 characters.</param>
/// <param name="Message">At most 4,000 characters.</param>
/// <param name="Priority">normal, if left out. What is urgent passes quiet hours.</param>
/// <param name="Channels">email, push, sms; none if left out. Open pages and the list always get it.</param>
/// <param name="ScheduledFor">Not shown before.</param>
/// <param name="ExpiresAt">Not delivered from then on.</param>
/// <param name="UserIds">Only these people.</param>
/// <param name="Language">Only who prefers this language.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AnnouncementBody(
    NotificationType? Type,
    string? Title,
    string? Message,
    NotificationPriority? Priority,
    NotificationChannel[]? Channels,
    DateTimeOffset? ScheduledFor,
    DateTimeOffset? ExpiresAt,
    long[]? UserIds,
    string? Language)
{
    public Announcement ToAnnouncement() => new(
        Type ?? NotificationType.System, Title ?? "", Message ?? "", Priority ?? NotificationPriority.Normal, Channels ?? [], ScheduledFor, ExpiresAt,
        UserIds, Language);
}

/// <param name="People">How many are told.</param>
internal sealed record AnnouncedView(int People);

/// <summary>A delivery that was given up.</summary>
/// <param name="Id">Of the delivery; what <c>resend</c> takes.</param>
/// <param name="Error">Why the last attempt failed.</param>
internal sealed record DeadLetterView(
    long Id,
    long NotificationId,
    long UserId,
    NotificationChannel Channel,
    string Title,
    int Attempts,
    DateTimeOffset DeadAt,
    string? Error,
    DateTimeOffset? ExpiresAt);

/// <summary>What a channel's outbox holds.</summary>
internal sealed record OutboxView(NotificationChannel Channel, long Pending, long Dead);
