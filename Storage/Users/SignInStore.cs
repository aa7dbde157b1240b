using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>The writing side of user_sessions: signing in, refreshing, revoking, and what slows down guessing.</summary>
public sealed class SignInStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>Sessions of a person that may stand; the next one ends the least used.</summary>
    private const int MaxSessions = 20;

    // An address counts as the owner's when the account was signed in to from it lately; a refresh, which a thief can do as well,
    // does not make it so.
    private const string FindSql =
        """
        select u.id, u.password_hash, u.is_active and u.is_verified and u.deleted_at is null,
            exists (
                select from user_sessions s
                where s.user_id = u.id and s.ip_address = @address::inet and s.created_at > @now - interval '90 days')
        from users u
        where lower(u.email) = lower(@email)
        """;

    // Counted before the password is looked at, so that simultaneous guesses are not one guess. The n-th failure in a row past the
    // threshold pauses sign-in from unknown addresses for base * 2^n.
    private const string ReserveSql =
        """
        update users set
            failed_login_attempts = least(failed_login_attempts, 1000000) + 1,
            lockout_expires = case when failed_login_attempts + 1 >= @threshold then
                @now + least(@base * power(2, least(failed_login_attempts + 1 - @threshold, 20)), @longest) * interval '1 second' end
        where id = @user and (lockout_expires is null or lockout_expires <= @now)
        """;

    private const string SucceededSql =
        """
        update users set
            failed_login_attempts = 0, lockout_expires = null, login_count = login_count + 1, last_login = @now,
            password_hash = coalesce(@newHash::varchar, password_hash)
        where id = @user and is_active and deleted_at is null and password_hash = @hash
        """;

    private const string InsertSql =
        """
        insert into user_sessions (
            user_id, session_token, token_expires_at, refresh_token, refresh_family, device_info, ip_address, expires_at, last_used_at, created_at)
        values (@user, @token, @tokenExpires, @refresh, @family, @device::jsonb, @address::inet, @expires, @now, @now)
        returning id
        """;

    private const string EndSurplusSql =
        """
        with surplus as (
            select id from user_sessions where user_id = @user and is_active and expires_at > @now
            order by last_used_at desc, id desc offset @max)
        update user_sessions s set is_active = false from surplus where s.id = surplus.id
        """;

    private const string PurgeSql = "delete from user_sessions where user_id = @user and expires_at < @now - interval '90 days'";

    // The token before is taken again for a moment from the address that it was exchanged from: the answer was lost on its way. Had a
    // thief exchanged it there, the owner's next refresh comes with a token of the family that is neither, and ends the session.
    private const string RefreshSql =
        """
        update user_sessions s set
            session_token = @token, token_expires_at = @tokenExpires, refresh_token = @next, expires_at = @expires, last_used_at = @now,
            previous_refresh_token = @refresh, refreshed_from = @address::inet,
            refreshed_at = case when s.refresh_token = @refresh then @now else s.refreshed_at end
        from users u
        where s.refresh_family = @family and s.is_active and s.expires_at > @now
            and (s.refresh_token = @refresh
                or (s.previous_refresh_token = @refresh and s.refreshed_at > @since and s.refreshed_from = @address::inet))
            and u.id = s.user_id and u.is_active and u.deleted_at is null
        returning s.id, s.user_id
        """;

    // The family's part is right and the rest is not: a token that was handed out once, and has been used.
    private const string RevokeFamilySql =
        """
        update user_sessions set is_active = false
        where refresh_family = @family and is_active and expires_at > @now and refresh_token <> @refresh
        returning id, user_id
        """;

    /// <summary>What signing in with this address needs; null when it has no account.</summary>
    public async Task<SignInAccount?> FindAsync(string email, string? address, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection
            .Command(FindSql, ("email", email), ("address", address), ("now", clock.GetUtcNow()))
            .OneAsync(static row => new SignInAccount(row.GetInt64(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3)), cancellation);
    }

    /// <summary>Counts an attempt from an unknown address. False while they are paused.</summary>
    public async Task<bool> ReserveAttemptAsync(long userId, int threshold, TimeSpan pause, TimeSpan longest, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(
            ReserveSql,
            ("user", userId), ("threshold", threshold), ("base", pause.TotalSeconds), ("longest", longest.TotalSeconds), ("now", clock.GetUtcNow()))
            .ExecuteAsync(cancellation) == 1;
    }

    /// <summary>Signs in somebody whose password was right. Null when the account changed meanwhile.</summary>
    /// <param name="account">As it was found.</param>
    /// <param name="newHash">A hash by today's parameters, when the stored one is older.</param>
    /// <param name="visitor">Where from.</param>
    /// <param name="lifetime">Of the token and of the session.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task<SessionTokens?> SignInAsync(
        SignInAccount account, string? newHash, Visitor visitor, SessionLifetime lifetime, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var signedIn = await connection.Command(
            SucceededSql, ("user", account.Id), ("hash", account.PasswordHash), ("newHash", newHash), ("now", clock.GetUtcNow()))
            .ExecuteAsync(cancellation);
        if (signedIn == 0)
        {
            return null;
        }

        var tokens = await StartAsync(connection, account.Id, visitor, lifetime, clock.GetUtcNow(), cancellation);
        await transaction.CommitAsync(cancellation);
        return tokens;
    }

    /// <summary>Starts a session in the caller's transaction.</summary>
    internal static async Task<SessionTokens> StartAsync(
        NpgsqlConnection connection, long userId, Visitor visitor, SessionLifetime lifetime, DateTimeOffset now, CancellationToken cancellation)
    {
        var (token, family) = (Tokens.Create(), Tokens.Create());
        var refresh = RefreshToken.Next(family);
        var sessionId = await connection.Command(
            InsertSql,
            ("user", userId), ("token", Tokens.Hash(token)), ("tokenExpires", now + lifetime.Token), ("refresh", Tokens.Hash(refresh)),
            ("family", Tokens.Hash(family)), ("device", Device(visitor)), ("address", visitor.Address), ("expires", now + lifetime.Session),
            ("now", now))
            .OneAsync(static row => row.GetInt64(0), cancellation);
        await connection.Command(EndSurplusSql, ("user", userId), ("max", MaxSessions), ("now", now)).ExecuteAsync(cancellation);
        await connection.Command(PurgeSql, ("user", userId), ("now", now)).ExecuteAsync(cancellation);
        await ActivityStore.AddAsync(
            connection,
            new Actor(userId, sessionId, visitor.Address, visitor.UserAgent),
            new Activity("login", "session", "create", sessionId),
            cancellation);
        return new SessionTokens(userId, sessionId, token, now + lifetime.Token, refresh, now + lifetime.Session);
    }

    /// <summary>New tokens for the session that this refresh token belongs to. Null when it is not valid; if it was once, the session ends.</summary>
    public async Task<SessionTokens?> RefreshAsync(string refreshToken, Visitor visitor, SessionLifetime lifetime, CancellationToken cancellation)
    {
        if (!RefreshToken.TryParse(refreshToken, out var family))
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var (token, next) = (Tokens.Create(), RefreshToken.Next(family));
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var session = await connection.Command(
            RefreshSql,
            ("token", Tokens.Hash(token)), ("tokenExpires", now + lifetime.Token), ("next", Tokens.Hash(next)), ("expires", now + lifetime.Session),
            ("refresh", Tokens.Hash(refreshToken)), ("family", Tokens.Hash(family)), ("address", visitor.Address), ("since", now - lifetime.Grace),
            ("now", now))
            .OneAsync(static row => new SessionOwner(row.GetInt64(0), row.GetInt64(1)), cancellation);
        if (session is null)
        {
            await RevokeFamilyAsync(connection, refreshToken, family, visitor, now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return session is null
            ? null
            : new SessionTokens(session.UserId, session.Id, token, now + lifetime.Token, next, now + lifetime.Session);
    }

    private static async Task RevokeFamilyAsync(
        NpgsqlConnection connection, string refreshToken, string family, Visitor visitor, DateTimeOffset now, CancellationToken cancellation)
    {
        var revoked = await connection
            .Command(RevokeFamilySql, ("family", Tokens.Hash(family)), ("refresh", Tokens.Hash(refreshToken)), ("now", now))
            .OneAsync(static row => new SessionOwner(row.GetInt64(0), row.GetInt64(1)), cancellation);
        if (revoked is null)
        {
            return;
        }

        await ActivityStore.AddAsync(
            connection,
            new Actor(revoked.UserId, revoked.Id, visitor.Address, visitor.UserAgent),
            new Activity("security", "session", "delete", revoked.Id, """{"reason": "refresh_token_reused"}"""),
            cancellation);
        var data = new JsonObject { ["address"] = visitor.Address ?? "?", ["device"] = visitor.UserAgent ?? "?" };
        await NotificationStore.AddAsync(
            connection,
            new NewNotification(revoked.UserId, NotificationTemplates.RefreshTokenReused, data)
            {
                Priority = NotificationPriority.Urgent,
                Channels = [NotificationChannel.Email],
            },
            now,
            cancellation);
    }

    private static string Device(Visitor visitor) =>
        visitor.UserAgent is { } agent ? JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["userAgent"] = agent }) : "{}";

    private sealed record SessionOwner(long Id, long UserId);
}

/// <param name="MaySignIn">Confirmed, not suspended and not deleted.</param>
/// <param name="IsKnownAddress">The account was signed in to from the caller's address lately.</param>
public sealed record SignInAccount(long Id, string PasswordHash, bool MaySignIn, bool IsKnownAddress);

/// <summary>How long a session token and a session last from a sign-in or a refresh on.</summary>
/// <param name="Grace">How long a refresh token that was just exchanged is taken again from the same address.</param>
public sealed record SessionLifetime(TimeSpan Token, TimeSpan Session, TimeSpan Grace);

/// <summary>Two parts of 256 bits: the one that all of a session share, and the one that each has.</summary>
internal static class RefreshToken
{
    public static string Next(string family) => $"{family}.{Tokens.Create()}";

    public static bool TryParse(string? text, out string family)
    {
        family = text is { Length: (Tokens.Length * 2) + 1 } ? text[..Tokens.Length] : "";
        return family.Length > 0 && text![Tokens.Length] == '.' && Tokens.IsWellFormed(family) && Tokens.IsWellFormed(text[(Tokens.Length + 1)..]);
    }
}
