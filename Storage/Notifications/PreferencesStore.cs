using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Notifications;

/// <summary>The key <c>notifications</c> of users.preferences; the rest of that column is not touched.</summary>
public sealed class PreferencesStore(NpgsqlDataSource dataSource)
{
    private const string GetSql =
        """
        select (u.preferences->'notifications')::text, p.verified_at is not null
        from users u left join phone_numbers p on p.user_id = u.id and p.phone = u.preferences->'notifications'->>'phone'
        where u.id = @user
        """;

    private const string SetSql =
        $"""
        with changed as (
            update users set preferences = jsonb_set(preferences, array['notifications'], @preferences) where id = @user
            returning id),
        audit as ({ActivityStore.Insert} 'notification_update', 'user', 'update', id, jsonb_build_object('preferences', @shown) from changed)
        select id from changed
        """;

    public async Task<NotificationPreferences> GetAsync(long userId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? PreferencesJson.Read(reader.IsDBNull(0) ? null : reader.GetString(0)) with { IsPhoneConfirmed = reader.GetBoolean(1) }
            : NotificationPreferences.Standard;
    }

    /// <summary>Stores the actor's preferences; committed with its audit entry, which leaves the phone number out.</summary>
    public async Task SetAsync(Actor actor, NotificationPreferences preferences, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(SetSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter("preferences", NpgsqlDbType.Jsonb) { Value = PreferencesJson.Write(preferences) });
        command.Parameters.Add(new NpgsqlParameter("shown", NpgsqlDbType.Jsonb) { Value = PreferencesJson.Write(preferences with { Phone = null }) });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
