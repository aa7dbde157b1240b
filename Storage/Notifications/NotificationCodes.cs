using System.Data;
using CryptoAI.Grains.Interfaces.Notifications;

namespace CryptoAI.Storage.Notifications;

/// <summary>The words of notifications and notification_deliveries for the contract's enums.</summary>
public static class NotificationCodes
{
    private static readonly string[] Types = ["signal", "alert", "system", "educational"];
    private static readonly string[] Statuses = ["unread", "read", "dismissed"];
    private static readonly string[] Priorities = ["low", "normal", "high", "urgent"];
    private static readonly string[] Channels = ["hub", "email", "push", "sms"];

    public static string Code(NotificationType type) => Types[(int)type];

    public static string Code(NotificationStatus status) => Statuses[(int)status];

    public static string Code(NotificationPriority priority) => Priorities[(int)priority];

    public static string Code(NotificationChannel channel) => Channels[(int)channel];

    public static NotificationType ParseType(string code) => (NotificationType)Parse(Types, code);

    public static NotificationStatus ParseStatus(string code) => (NotificationStatus)Parse(Statuses, code);

    public static NotificationPriority ParsePriority(string code) => (NotificationPriority)Parse(Priorities, code);

    public static NotificationChannel ParseChannel(string code) => (NotificationChannel)Parse(Channels, code);

    private static int Parse(string[] words, string code) =>
        Array.IndexOf(words, code) is >= 0 and var index ? index : throw new DataException($"'{code}' is none of {string.Join(", ", words)}.");
}
