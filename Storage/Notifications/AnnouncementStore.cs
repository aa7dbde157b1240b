using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Notifications;

/// <summary>Notifications in an administrator's own words, to many people at once.</summary>
public sealed class AnnouncementStore(NpgsqlDataSource dataSource)
{
    private const string AnnounceSql =
        $"""
        with made as (
            insert into notifications (user_id, notification_type, title, message, priority, channels, scheduled_for, expires_at, created_at)
            select u.id, @type, @title, @message, @priority, @channels, @scheduledFor, @expiresAt, @now
            from users u
            where u.is_active and u.is_verified and u.deleted_at is null
                and (@users::bigint[] is null or u.id = any (@users))
                and (@language::varchar is null or u.language = @language or u.language like @language || '-%')
                and exists (select from users a where a.id = @actorUser and a.role = 'admin' and a.is_active and a.deleted_at is null)
            order by u.id
            returning id),
        counted as (select count(*) as people from made having count(*) > 0),
        audit as (
            {ActivityStore.Insert} 'administration', 'notification', 'create', null::bigint, jsonb_build_object('announcement', @title, 'people', people)
            from counted)
        select people from counted
        """;

    /// <summary>Makes a notification for each person it is for; committed with its audit entry.</summary>
    /// <returns>To how many people; 0, and nothing is stored, when there are none or the actor is no administrator.</returns>
    public async Task<int> AnnounceAsync(Actor actor, Announcement announcement, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(AnnounceSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<string>("type", NotificationCodes.Code(announcement.Type)));
        command.Parameters.Add(new NpgsqlParameter<string>("title", announcement.Title));
        command.Parameters.Add(new NpgsqlParameter<string>("message", announcement.Message));
        command.Parameters.Add(new NpgsqlParameter<string>("priority", NotificationCodes.Code(announcement.Priority)));
        command.Parameters.Add(new NpgsqlParameter<string[]>("channels", [.. announcement.Channels.Distinct().Select(NotificationCodes.Code)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("scheduledFor", announcement.ScheduledFor?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("expiresAt", announcement.ExpiresAt?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<long[]?>("users", announcement.UserIds));
        command.Parameters.Add(new NpgsqlParameter<string?>("language", announcement.Language));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await command.ExecuteScalarAsync(cancellation) is long people ? (int)people : 0;
    }
}
