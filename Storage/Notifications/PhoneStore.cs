using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Notifications;

/// <summary>Which numbers were confirmed, and how many SMS people got today: phone_numbers.</summary>
public sealed class PhoneStore(NpgsqlDataSource dataSource)
{
    /// <summary>Codes that may be tried before another must be asked for.</summary>
    public const int MaxAttempts = 5;

    // Another code only when the last one is older than the pause, and never for a number that is confirmed.
    private const string BeginSql =
        """
        insert into phone_numbers as p (user_id, phone, code_hash, code_expires_at, sms_day)
        values (@user, @phone, @hash, @expires, @day)
        on conflict (user_id) do update set
            phone = excluded.phone, code_hash = excluded.code_hash, code_expires_at = excluded.code_expires_at, code_attempts = 0, verified_at = null
        where (p.phone <> excluded.phone or p.verified_at is null) and coalesce(p.code_expires_at <= @pausedUntil, true)
        returning user_id
        """;

    private const string ConfirmSql =
        $"""
        with tried as (
            update phone_numbers set
                code_attempts = code_attempts + 1,
                verified_at = case when code_hash = @hash then @now else verified_at end,
                code_hash = case when code_hash = @hash then null else code_hash end,
                code_expires_at = case when code_hash = @hash then null else code_expires_at end
            where user_id = @user and phone = @phone and code_expires_at > @now and code_attempts < @attempts
            returning user_id, verified_at),
        audit as (
            {ActivityStore.Insert} 'notification_update', 'user', 'update', user_id, jsonb_build_object('phoneConfirmed', true)
            from tried where verified_at = @now)
        select count(*) from tried where verified_at = @now
        """;

    private const string ReserveSql =
        """
        update phone_numbers set sms_day = @day, sms_count = case when sms_day = @day then sms_count + 1 else 1 end
        where user_id = @user and (sms_day <> @day or sms_count < @limit)
        returning user_id
        """;

    private const string ReleaseSql = "update phone_numbers set sms_count = sms_count - 1 where user_id = @user and sms_day = @day and sms_count > 0";

    /// <summary>
    /// Makes a code the one that confirms a number, and sends it there by SMS. False, and nothing is sent, when the number is confirmed
    /// already or the last code was sent after <paramref name="now"/> less <paramref name="pause"/>.
    /// </summary>
    public async Task<bool> SendCodeAsync(
        Actor actor, string phone, string code, TimeSpan lifetime, TimeSpan pause, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(BeginSql, connection);
        AddNumber(command, actor.UserId, phone, code);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("expires", (now + lifetime).ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("pausedUntil", (now + lifetime - pause).ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", Day(now)));
        if (await command.ExecuteScalarAsync(cancellation) is null)
        {
            return false;
        }

        var message = new NewNotification(actor.UserId, NotificationTemplates.VerifyPhone, new JsonObject())
        {
            Channels = [NotificationChannel.Sms],
            Secret = new JsonObject { ["token"] = code },
            ExpiresAt = now + lifetime,
        };
        await NotificationStore.AddAsync(connection, message, now, cancellation);
        await ActivityStore.AddAsync(
            connection, actor, new Activity("notification_update", "user", "update", actor.UserId, """{"phoneCode":true}"""), cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Confirms a number by its code. False when the code is wrong, over, or was tried too often.</summary>
    public async Task<bool> ConfirmAsync(Actor actor, string phone, string code, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ConfirmSql);
        command.AddActor(actor);
        AddNumber(command, actor.UserId, phone, code);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", Stored(now)));
        command.Parameters.Add(new NpgsqlParameter<int>("attempts", MaxAttempts));
        return (long)(await command.ExecuteScalarAsync(cancellation))! == 1;
    }

    /// <summary>Counts one more SMS to a person. False, and nothing is counted, when the day's are used up.</summary>
    public async Task<bool> ReserveAsync(long userId, int limit, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ReserveSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", Day(now)));
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    /// <summary>Takes back the count of one that was not sent.</summary>
    public async Task ReleaseAsync(long userId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ReleaseSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateOnly>("day", Day(now)));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void AddNumber(NpgsqlCommand command, long userId, string phone, string code)
    {
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string>("phone", phone));
        command.Parameters.Add(new NpgsqlParameter<string>("hash", Tokens.Hash($"{userId} {phone} {code}")));
    }

    private static DateOnly Day(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    /// <summary>The database keeps microseconds; a moment is compared with what it stored.</summary>
    private static DateTimeOffset Stored(DateTimeOffset time)
    {
        time = time.ToUniversalTime();
        return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
