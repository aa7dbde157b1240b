using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>
/// How accounts come to be and get a new password. The codes that are mailed are stored as hashes; the code itself lives in the mail's own
/// notification (notifications.secret) until it is sent, used or over.
/// </summary>
public sealed class AccountStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    // Somebody who keeps asking fills nobody's mailbox.
    private static readonly TimeSpan LeastTimeBetweenMails = TimeSpan.FromMinutes(1);

    private const string ReferrerSql =
        "select id from users where referral_code = @code and is_active and is_verified and deleted_at is null";

    private const string PurgeSql =
        """
        delete from users where id in (
            select id from users
            where not is_verified and login_count = 0 and email_verification_expires < @now - interval '7 days'
            limit 10 for update skip locked)
        """;

    private const string InsertSql =
        """
        insert into users (email, password_hash, first_name, last_name, language, timezone, referral_code, referred_by)
        values (@email, @hash, @first::varchar, @last::varchar, @language, @timezone, @code, @referrer::bigint)
        on conflict (lower(email)) do nothing
        returning id
        """;

    private const string FindSql =
        """
        select id, is_verified, deleted_at is not null or not is_active, email_verification_expires, reset_password_expires
        from users where lower(email) = lower(@email) for update
        """;

    // Who registers again before confirming means the last: the code of the mail works only together with this password.
    private const string ReplaceSql =
        """
        update users set password_hash = @hash, first_name = @first::varchar, last_name = @last::varchar, language = @language,
            timezone = @timezone, referred_by = @referrer::bigint
        where id = @id
        """;

    private const string SetVerificationSql =
        "update users set email_verification_token = @token, email_verification_expires = @expires where id = @id";

    private const string SetResetSql = "update users set reset_password_token = @token, reset_password_expires = @expires where id = @id";

    private const string ToldLatelySql =
        """
        select exists (
            select from notifications where user_id = @id and template = @template and created_at > @now - interval '1 hour')
        """;

    private const string FindVerificationSql =
        """
        select id, password_hash from users
        where email_verification_token = @token and email_verification_expires > @now and is_active and deleted_at is null
        """;

    private const string VerifySql =
        """
        update users set is_verified = true, email_verification_token = null, email_verification_expires = null,
            login_count = login_count + 1, last_login = @now
        where id = @id and email_verification_token = @token and password_hash = @hash and not is_verified
        returning referred_by
        """;

    private const string CountReferralSql = "update users set referral_count = referral_count + 1 where id = @id";

    // A code that came by mail confirms the address as well.
    private const string ResetSql =
        """
        with before as materialized (
            select id, is_verified, referred_by from users
            where reset_password_token = @token and reset_password_expires > @now and is_active and deleted_at is null
            for update)
        update users u set password_hash = @hash, reset_password_token = null, reset_password_expires = null, is_verified = true,
            email_verification_token = null, email_verification_expires = null, failed_login_attempts = 0, lockout_expires = null,
            login_count = login_count + 1, last_login = @now
        from before
        where u.id = before.id
        returning u.id, case when not before.is_verified then before.referred_by end
        """;

    private const string EndSessionsSql = "update user_sessions set is_active = false where user_id = @id and is_active";

    private const string ForgetSecretSql =
        "update notifications set secret = null where user_id = @id and template = @template and secret is not null";

    /// <summary>Makes an account that waits for its confirmation, and the mail with the code. Where there is one, its owner is told instead.</summary>
    /// <returns>False when nobody has this referral code.</returns>
    public async Task<bool> RegisterAsync(
        Registration registration, string passwordHash, Visitor visitor, TimeSpan codeLasts, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        long? referrer = null;
        if (registration.ReferralCode is { } code)
        {
            referrer = await connection.Command(ReferrerSql, ("code", code)).OneAsync(static row => row.Number(0), cancellation);
            if (referrer is null)
            {
                return false;
            }
        }

        await connection.Command(PurgeSql, ("now", now)).ExecuteAsync(cancellation);
        var id = await connection.Command(InsertSql, [.. Values(registration, passwordHash, referrer), ("email", registration.Email), ("code", ReferralCode())])
            .OneAsync(static row => row.Number(0), cancellation);
        if (id is { } created)
        {
            await MailVerificationAsync(connection, created, now, codeLasts, cancellation);
            await ActivityStore.AddAsync(connection, By(created, visitor), new Activity("account_update", "user", "create", created), cancellation);
        }
        else if (await FindAsync(connection, registration.Email, cancellation) is { IsClosed: false } known)
        {
            if (known.IsVerified)
            {
                await TellAsync(connection, known.Id, NotificationTemplates.EmailTaken, now, cancellation);
            }
            else
            {
                await connection.Command(ReplaceSql, [.. Values(registration, passwordHash, referrer == known.Id ? null : referrer), ("id", known.Id)])
                    .ExecuteAsync(cancellation);
                if (MayMail(known.VerificationExpires, codeLasts, now))
                {
                    await MailVerificationAsync(connection, known.Id, now, codeLasts, cancellation);
                }
            }
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>The account that a confirmation code was mailed for; null when there is none or the code is over.</summary>
    public async Task<(long Id, string PasswordHash)?> FindVerificationAsync(string token, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(FindVerificationSql, ("token", Tokens.Hash(token)), ("now", clock.GetUtcNow()))
            .OneAsync(static row => ((long, string)?)(row.GetInt64(0), row.GetString(1)), cancellation);
    }

    /// <summary>Opens an account whose code and password were right, and signs in. Null when the code was used meanwhile.</summary>
    public async Task<SessionTokens?> VerifyAsync(
        long id, string token, string passwordHash, Visitor visitor, SessionLifetime lifetime, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var verified = await connection
            .Command(VerifySql, ("id", id), ("token", Tokens.Hash(token)), ("hash", passwordHash), ("now", now))
            .OneAsync(static row => (Done: true, Referrer: row.Number(0)), cancellation);
        if (!verified.Done)
        {
            return null;
        }

        await CountReferralAsync(connection, verified.Referrer, cancellation);
        await ForgetSecretAsync(connection, id, NotificationTemplates.VerifyEmail, cancellation);
        var tokens = await SignInStore.StartAsync(connection, id, visitor, lifetime, now, cancellation);
        await ActivityStore.AddAsync(
            connection, By(id, visitor) with { SessionId = tokens.SessionId }, new Activity("account_update", "user", "update", id, """{"verified": true}"""), cancellation);
        await transaction.CommitAsync(cancellation);
        return tokens;
    }

    /// <summary>Mails a code for a new password, if there is such an account and none was mailed just now.</summary>
    public async Task ForgotPasswordAsync(string email, Visitor visitor, TimeSpan codeLasts, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await FindAsync(connection, email, cancellation) is { IsClosed: false } known && MayMail(known.ResetExpires, codeLasts, now))
        {
            var token = Tokens.Create();
            await connection.Command(SetResetSql, ("id", known.Id), ("token", Tokens.Hash(token)), ("expires", now + codeLasts)).ExecuteAsync(cancellation);
            await ForgetSecretAsync(connection, known.Id, NotificationTemplates.ResetPassword, cancellation);
            await MailAsync(connection, known.Id, NotificationTemplates.ResetPassword, token, now, codeLasts, cancellation);
            await ActivityStore.AddAsync(
                connection, By(known.Id, visitor), new Activity("security", "user", "update", known.Id, """{"passwordReset": "asked"}"""), cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Sets a new password by a mailed code, ends every session and signs in. Null when the code is not valid.</summary>
    public async Task<SessionTokens?> ResetPasswordAsync(
        string token, string passwordHash, Visitor visitor, SessionLifetime lifetime, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var (id, referrer) = await connection.Command(ResetSql, ("token", Tokens.Hash(token)), ("hash", passwordHash), ("now", now))
            .OneAsync(static row => (row.Number(0), row.Number(1)), cancellation);
        if (id is not { } userId)
        {
            return null;
        }

        await CountReferralAsync(connection, referrer, cancellation);
        await connection.Command(EndSessionsSql, ("id", userId)).ExecuteAsync(cancellation);
        await ForgetSecretAsync(connection, userId, NotificationTemplates.ResetPassword, cancellation);
        await TellAsync(connection, userId, NotificationTemplates.PasswordChanged, now, cancellation, always: true);
        var tokens = await SignInStore.StartAsync(connection, userId, visitor, lifetime, now, cancellation);
        await ActivityStore.AddAsync(
            connection,
            By(userId, visitor) with { SessionId = tokens.SessionId },
            new Activity("security", "user", "update", userId, """{"passwordReset": "done"}"""),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return tokens;
    }

    /// <summary>Tells the owner by mail, once an hour at most unless it must be said always.</summary>
    internal static async Task TellAsync(
        NpgsqlConnection connection, long userId, string template, DateTimeOffset now, CancellationToken cancellation, bool always = false)
    {
        var toldLately = await connection.Command(ToldLatelySql, ("id", userId), ("template", template), ("now", now))
            .OneAsync(static row => row.GetBoolean(0), cancellation);
        if (always || !toldLately)
        {
            await NotificationStore.AddAsync(
                connection,
                new NewNotification(userId, template, []) { Priority = NotificationPriority.High, Channels = [NotificationChannel.Email] },
                now,
                cancellation);
        }
    }

    /// <summary>Eight letters and digits that cannot be mistaken for each other: 40 random bits.</summary>
    internal static string ReferralCode() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8);

    private static (string Name, object? Value)[] Values(Registration registration, string passwordHash, long? referrer) =>
    [
        ("hash", passwordHash), ("first", registration.FirstName), ("last", registration.LastName), ("language", registration.Language ?? "en"),
        ("timezone", registration.Timezone ?? "UTC"), ("referrer", referrer),
    ];

    private static async Task MailVerificationAsync(
        NpgsqlConnection connection, long id, DateTimeOffset now, TimeSpan codeLasts, CancellationToken cancellation)
    {
        var token = Tokens.Create();
        await connection.Command(SetVerificationSql, ("id", id), ("token", Tokens.Hash(token)), ("expires", now + codeLasts)).ExecuteAsync(cancellation);
        await ForgetSecretAsync(connection, id, NotificationTemplates.VerifyEmail, cancellation);
        await MailAsync(connection, id, NotificationTemplates.VerifyEmail, token, now, codeLasts, cancellation);
    }

    private static async Task MailAsync(
        NpgsqlConnection connection, long id, string template, string token, DateTimeOffset now, TimeSpan codeLasts, CancellationToken cancellation) =>
        await NotificationStore.AddAsync(
            connection,
            new NewNotification(id, template, [])
            {
                Priority = NotificationPriority.Urgent,
                Channels = [NotificationChannel.Email],
                Secret = new JsonObject { ["token"] = token },
                ExpiresAt = now + codeLasts,
            },
            now,
            cancellation);

    private static async Task CountReferralAsync(NpgsqlConnection connection, long? referrer, CancellationToken cancellation)
    {
        if (referrer is { } recommended)
        {
            await connection.Command(CountReferralSql, ("id", recommended)).ExecuteAsync(cancellation);
        }
    }

    private static async Task ForgetSecretAsync(NpgsqlConnection connection, long id, string template, CancellationToken cancellation) =>
        await connection.Command(ForgetSecretSql, ("id", id), ("template", template)).ExecuteAsync(cancellation);

    private static bool MayMail(DateTimeOffset? lastExpires, TimeSpan codeLasts, DateTimeOffset now) =>
        lastExpires is not { } expires || expires - codeLasts <= now - LeastTimeBetweenMails;

    private static Task<KnownAccount?> FindAsync(NpgsqlConnection connection, string email, CancellationToken cancellation) =>
        connection.Command(FindSql, ("email", email)).OneAsync(
            static row => new KnownAccount(row.GetInt64(0), row.GetBoolean(1), row.GetBoolean(2), row.Time(3), row.Time(4)), cancellation);

    private static Actor By(long userId, Visitor visitor) => new(userId, null, visitor.Address, visitor.UserAgent);

    private sealed record KnownAccount(long Id, bool IsVerified, bool IsClosed, DateTimeOffset? VerificationExpires, DateTimeOffset? ResetExpires);
}
