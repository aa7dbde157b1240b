using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>Whether a delivery is made now.</summary>
/// <param name="SkipBecause">Not at all, for this reason.</param>
/// <param name="WaitUntil">Not before.</param>
internal readonly record struct DeliveryDecision(string? SkipBecause, DateTimeOffset? WaitUntil);

/// <summary>
/// Expiry, switches and quiet hours. Messages about the account itself are not switched off and do not wait; the hub does not wait either,
/// since it reaches only pages that are open.
/// </summary>
internal static class DeliveryRules
{
    public static DeliveryDecision Decide(Delivery delivery, DateTimeOffset now)
    {
        var (notification, recipient) = (delivery.Notification, delivery.Recipient);
        var isAccount = NotificationTemplates.IsAccount(delivery.Template);
        if (notification.ExpiresAt <= now)
        {
            return Skip("expired");
        }

        if (!recipient.IsActive && !isAccount)
        {
            return Skip("the account is closed");
        }

        if (notification.Status == NotificationStatus.Dismissed)
        {
            return Skip("dismissed before");
        }

        if (notification.ScheduledFor > now)
        {
            return new(null, notification.ScheduledFor);
        }

        if (delivery.Channel == NotificationChannel.Sms && !recipient.Preferences.IsPhoneConfirmed && delivery.Template != NotificationTemplates.VerifyPhone)
        {
            return Skip("the phone number is not confirmed");
        }

        if (delivery.Channel == NotificationChannel.Hub || isAccount)
        {
            return default;
        }

        if (!recipient.Preferences.Channels.Contains(delivery.Channel))
        {
            return Skip("switched off");
        }

        if (delivery.Channel == NotificationChannel.Email && !recipient.IsVerified)
        {
            return Skip("the address is not confirmed");
        }

        return notification.Priority == NotificationPriority.Urgent || recipient.Preferences.QuietHours is not { } quiet
            ? default
            : new(null, QuietUntil(quiet, recipient.Timezone, now));
    }

    /// <summary>The end of the quiet hours that <paramref name="now"/> lies in; null when it lies in none.</summary>
    /// <param name="quiet">In local time.</param>
    /// <param name="timezone">An IANA name; one that is not known counts as UTC.</param>
    /// <param name="now">Now.</param>
    public static DateTimeOffset? QuietUntil(QuietHours quiet, string timezone, DateTimeOffset now)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timezone, out var zone))
        {
            zone = TimeZoneInfo.Utc;
        }

        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        var time = TimeOnly.FromDateTime(local);
        if (!time.IsBetween(quiet.From, quiet.To))
        {
            return null;
        }

        var end = local.Date.AddDays(quiet.To <= time ? 1 : 0) + quiet.To.ToTimeSpan();

        // Where the clock is put forward the end may not exist; the first moment after the gap does.
        while (zone.IsInvalidTime(end))
        {
            end = end.AddMinutes(1);
        }

        var until = new DateTimeOffset(end, zone.GetUtcOffset(end)).ToUniversalTime();

        // Where it is put back, an hour comes twice and the end read from the second may already lie behind.
        return until > now ? until : now.AddMinutes(1);
    }

    private static DeliveryDecision Skip(string reason) => new(reason, null);
}
