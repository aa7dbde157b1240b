namespace CryptoAI.Grains.Interfaces.Notifications;

/// <summary>What an administrator tells people in words of their own.</summary>
/// <param name="Type">System or educational.</param>
/// <param name="Title">One line of at most 200 characters.</param>
/// <param name="Message">At most 4,000 characters.</param>
/// <param name="Channels">Email, push, sms: where it goes besides the hub, as far as each person has them switched on.</param>
/// <param name="ScheduledFor">Not shown or delivered before; null: at once.</param>
/// <param name="ExpiresAt">Not delivered from then on; null: never.</param>
/// <param name="UserIds">Only these people, 1,000 at most; null: everybody.</param>
/// <param name="Language">Only those who prefer this language (fa is also fa-IR); null: any.</param>
[GenerateSerializer, Immutable, Alias("announcement")]
public sealed record Announcement(
    [property: Id(0)] NotificationType Type,
    [property: Id(1)] string Title,
    [property: Id(2)] string Message,
    [property: Id(3)] NotificationPriority Priority,
    [property: Id(4)] NotificationChannel[] Channels,
    [property: Id(5)] DateTimeOffset? ScheduledFor,
    [property: Id(6)] DateTimeOffset? ExpiresAt,
    [property: Id(7)] long[]? UserIds,
    [property: Id(8)] string? Language);
