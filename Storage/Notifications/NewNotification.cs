using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;

namespace CryptoAI.Storage.Notifications;

/// <summary>
/// A notification to be created. Its title, message and mail come from the resource files (<see cref="NotificationTexts"/>) in the
/// language of its user.
/// </summary>
/// <param name="UserId">users.id. A user who is not there gets nothing.</param>
/// <param name="Template">One of <see cref="NotificationTemplates"/>.</param>
/// <param name="Data">What fills the text's placeholders and travels with the notification; kept, so nothing secret.</param>
public sealed record NewNotification(long UserId, string Template, JsonObject Data)
{
    public NotificationType Type { get; init; } = NotificationType.System;

    public NotificationPriority Priority { get; init; } = NotificationPriority.Normal;

    /// <summary>Where it goes besides the hub.</summary>
    public IReadOnlyCollection<NotificationChannel> Channels { get; init; } = [];

    /// <summary>
    /// Fills placeholders of the text that mail and SMS have to themselves: a token. It goes out with them only, never shows in the list, and is
    /// deleted once they are sent or expired. Needs <see cref="ExpiresAt"/>.
    /// </summary>
    public JsonObject? Secret { get; init; }

    /// <summary>The user's own words instead of the template's message.</summary>
    public string? Message { get; init; }

    public DateTimeOffset? ScheduledFor { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The alert that fired.</summary>
    public long? AlertId { get; init; }

    /// <summary>Which arming of the alert fired; one notification for each.</summary>
    public int Occurrence { get; init; } = 1;
}

/// <summary>Keys of the texts in <c>Texts/*.json</c>. What begins with <c>account.</c> is about the account itself: it passes quiet hours and channel switches.</summary>
public static class NotificationTemplates
{
    /// <summary>Data: none. Secret: token.</summary>
    public const string VerifyEmail = "account.verify_email";

    /// <summary>Somebody registered with an address that has an account. Data: none.</summary>
    public const string EmailTaken = "account.email_taken";

    /// <summary>Data: none. Secret: token.</summary>
    public const string ResetPassword = "account.reset_password";

    /// <summary>Data: none.</summary>
    public const string PasswordChanged = "account.password_changed";

    /// <summary>An old refresh token came back, and the sessions of its family were ended. Data: address, device.</summary>
    public const string RefreshTokenReused = "account.refresh_token_reused";

    /// <summary>To a number that is not confirmed yet. Data: none. Secret: token.</summary>
    public const string VerifyPhone = "account.verify_phone";

    /// <summary>Data: symbol, level (USD), price (USD).</summary>
    public const string StopHit = "portfolio.stop_hit";

    /// <summary>Data: symbol, level (USD), price (USD).</summary>
    public const string TargetHit = "portfolio.target_hit";

    /// <summary>Data: recommendations (ids), count, first (a title).</summary>
    public const string RecommendationsMade = "recommendation.made";

    /// <summary>Data for all alerts: symbol, triggerValue, price (USD).</summary>
    public const string PriceAbove = "alert.price_above";

    public const string PriceBelow = "alert.price_below";

    public const string PriceTouched = "alert.price_touched";

    public const string PriceMoved = "alert.price_moved";

    /// <summary>Data: windowMinutes as well.</summary>
    public const string PriceMovedWithin = "alert.price_moved_within";

    public const string VolumeSpike = "alert.volume_spike";

    public const string SignalGenerated = "alert.signal_generated";

    /// <summary>Data: indicator, output, timeframe as well.</summary>
    public const string IndicatorAbove = "alert.indicator_above";

    public const string IndicatorBelow = "alert.indicator_below";

    public static bool IsAccount(string? template) => template?.StartsWith("account.", StringComparison.Ordinal) == true;
}
