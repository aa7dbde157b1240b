using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;

namespace CryptoAI.Storage.Notifications;

/// <summary>A delivery that was claimed: nobody else attempts it until the claim ends.</summary>
/// <param name="Id">notification_deliveries.id.</param>
/// <param name="Attempt">The number of this claim, from 1; its outcome counts only while no later one was made.</param>
/// <param name="DueAt">Since when it was due: its place among those of its priority.</param>
/// <param name="Template">Null for free text.</param>
/// <param name="Secret">What only the message itself may hold.</param>
public sealed record Delivery(
    long Id,
    NotificationChannel Channel,
    int Attempt,
    DateTimeOffset DueAt,
    Notification Notification,
    string? Template,
    JsonObject? Secret,
    Recipient Recipient);

/// <summary>What a channel needs to know of the person a delivery is for.</summary>
/// <param name="IsActive">Neither deactivated nor deleted.</param>
/// <param name="IsVerified">The e-mail address is known to be theirs.</param>
/// <param name="Preferences">Say as well whether the phone number is known to be theirs.</param>
public sealed record Recipient(
    string Email, string Language, string Timezone, bool IsActive, bool IsVerified, NotificationPreferences Preferences);

/// <summary>A delivery that was given up.</summary>
/// <param name="DeadAt">When.</param>
/// <param name="Error">Why the last attempt failed.</param>
public sealed record DeadLetter(
    long Id,
    long NotificationId,
    long UserId,
    NotificationChannel Channel,
    string Title,
    int Attempts,
    DateTimeOffset DeadAt,
    string? Error,
    DateTimeOffset? ExpiresAt);

/// <summary>A delivery that is over.</summary>
/// <param name="Delivery">Which.</param>
/// <param name="SkippedBecause">Why it need not be delivered: expired, switched off, nowhere to go; null when it has reached its channel.</param>
public sealed record Settlement(Delivery Delivery, string? SkippedBecause);
