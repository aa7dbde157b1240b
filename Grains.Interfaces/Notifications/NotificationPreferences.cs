namespace CryptoAI.Grains.Interfaces.Notifications;

/// <summary>How a person wants to be told: <c>notifications</c> in users.preferences.</summary>
/// <param name="Channels">Switched on; what is not named gets nothing but messages about the account itself. The hub cannot be switched off.</param>
/// <param name="QuietHours">When e-mail, push and SMS wait, unless a notification is urgent; null: never.</param>
/// <param name="Phone">Where SMS go once it is confirmed, in the form of E.164: +491701234567; null: nowhere.</param>
/// <param name="IsPhoneConfirmed">Whether a code that was sent there has come back. Not set with the preferences.</param>
[GenerateSerializer, Immutable, Alias("notification-preferences")]
public sealed record NotificationPreferences(
    [property: Id(0)] NotificationChannel[] Channels,
    [property: Id(1)] QuietHours? QuietHours,
    [property: Id(2)] string? Phone,
    [property: Id(3)] bool IsPhoneConfirmed = false)
{
    /// <summary>Everything is on.</summary>
    public static NotificationPreferences Standard { get; } =
        new([NotificationChannel.Hub, NotificationChannel.Email, NotificationChannel.Push, NotificationChannel.Sms], null, null);
}

/// <summary>A part of each day in the person's own timezone (users.timezone); it goes over midnight when it ends before it begins.</summary>
/// <param name="From">Its first minute.</param>
/// <param name="To">The first minute after it.</param>
[GenerateSerializer, Immutable, Alias("quiet-hours")]
public sealed record QuietHours(
    [property: Id(0)] TimeOnly From,
    [property: Id(1)] TimeOnly To);
