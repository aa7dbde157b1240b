using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>What concerns the outbox as a whole.</summary>
[Reentrant]
internal sealed class OutboxGrain(OutboxStore outbox, AnnouncementStore announcements, VapidKey key, TimeProvider time) : Grain, IOutboxGrain
{
    private const int MaxTitle = 200;
    private const int MaxMessage = 4_000;
    private const int MaxPeople = 1_000;

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(366);

    public async Task<string> GetPushKeyAsync() => await key.PublicKeyAsync(CancellationToken.None);

    public async Task ResendAsync(Actor actor, long deliveryId)
    {
        if (!await outbox.ResendAsync(actor, deliveryId, time.GetUtcNow(), CancellationToken.None))
        {
            throw RefusedException.NotFound("dead letter");
        }
    }

    public async Task<int> AnnounceAsync(Actor actor, Announcement announcement)
    {
        var now = time.GetUtcNow();
        var people = await announcements.AnnounceAsync(actor, Checked(announcement, now), now, CancellationToken.None);
        return people > 0 ? people : throw new RefusedException(Refusal.NotFound, "There is nobody whom this would be for.");
    }

    internal static Announcement Checked(Announcement announcement, DateTimeOffset now)
    {
        FieldRules.Require(
            announcement.Type is NotificationType.System or NotificationType.Educational, "type", "Must be system or educational.");
        FieldRules.Require(Enum.IsDefined(announcement.Priority), "priority", "Must be low, normal, high or urgent.");
        FieldRules.Require(
            announcement.Channels.Length <= 8 && Array.TrueForAll(announcement.Channels, Enum.IsDefined), "channels", "Must be some of email, push, sms.");
        FieldRules.Require(
            announcement.ScheduledFor is not { } at || (at > now && at < now + Farthest), "scheduledFor", "Must lie in the future, within a year.");
        FieldRules.Require(
            announcement.ExpiresAt is not { } end || end > (announcement.ScheduledFor ?? now), "expiresAt", "Must lie in the future, after scheduledFor.");
        FieldRules.Require(
            announcement.UserIds is null or { Length: >= 1 and <= MaxPeople }, "userIds", $"Must name 1 to {MaxPeople} people, or be left out for everybody.");
        var message = FieldRules.Text(announcement.Message, "message", MaxMessage)!;
        FieldRules.Require(!string.IsNullOrWhiteSpace(message), "message", "Must not be empty.");
        return announcement with
        {
            Title = FieldRules.Name(announcement.Title, "title", MaxTitle),
            Language = string.IsNullOrEmpty(announcement.Language) ? null : FieldRules.Line(announcement.Language, "language", 16),
        };
    }
}
