using System.Text.Json.Nodes;
using CryptoAI.Api.Edge;
using CryptoAI.Storage.Notifications;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Notifications;

internal static class NotificationAccess
{
    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/notifications/", Access.SignedIn),
        new("GET", "/api/v1/notifications/unread", Access.SignedIn),
        new("POST", "/api/v1/notifications/read", Access.SignedIn) { Body = new { upTo = 1 } },
        new("POST", "/api/v1/notifications/{id:long}/read", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/notifications/{await NotifyAsync(owner)}/read",
        },
        new("POST", "/api/v1/notifications/{id:long}/dismiss", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/notifications/{await NotifyAsync(owner)}/dismiss",
        },
        new("GET", "/api/v1/notifications/preferences", Access.SignedIn),
        new("PUT", "/api/v1/notifications/preferences", Access.SignedIn),
        new("POST", "/api/v1/notifications/phone/code", Access.SignedIn),
        new("POST", "/api/v1/notifications/phone/confirm", Access.SignedIn) { Body = new { code = "000000" } },
        new("GET", "/api/v1/notifications/push/key", Access.SignedIn),
        new("POST", "/api/v1/notifications/push/subscriptions", Access.SignedIn) { Body = Browser() },
        new("DELETE", "/api/v1/notifications/push/subscriptions/{id:long}", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/notifications/push/subscriptions/{await owner.CreateAsync("/api/v1/notifications/push/subscriptions", Browser())}",
        },
        new("GET", "/api/v1/admin/notifications/outbox", Access.Admin),
        new("GET", "/api/v1/admin/notifications/dead-letters", Access.Admin),
        new("POST", "/api/v1/admin/notifications/dead-letters/{id:long}/resend", Access.Admin),
        new("POST", "/api/v1/admin/notifications/", Access.Admin),
    ];

    /// <summary>What a browser gives that has just asked for web push.</summary>
    public static object Browser(string endpoint = "https://push.example.org/to/") => new
    {
        endpoint = endpoint + Guid.NewGuid().ToString("N"),
        keys = new
        {
            p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            auth = "BTBZMqHH6r4Tts7J_aSIgg",
        },
    };

    public static async Task<long> NotifyAsync(Person person) => (await new NotificationStore(person.Database).AddAsync(
        new NewNotification(person.Id, NotificationTemplates.PasswordChanged, new JsonObject()), DateTimeOffset.UtcNow, CancellationToken.None))!.Value;
}
