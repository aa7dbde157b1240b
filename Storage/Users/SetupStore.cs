using CryptoAI.Grains.Interfaces.Users;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>How the first administrator comes to be.</summary>
public sealed class SetupStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const string HasAdminSql = "select exists (select from users where role = 'admin')";

    private const string AddSecretSql =
        """
        with old as (delete from setup_secrets where expires_at <= @now)
        insert into setup_secrets (secret, expires_at) select @secret, @expires where not exists (select from users where role = 'admin')
        """;

    // Two at once: one deletes, the other finds nothing.
    private const string UseSecretSql = "delete from setup_secrets where secret = @secret and expires_at > @now";

    private const string ForgetSql = "delete from setup_secrets";

    private const string InsertSql =
        """
        insert into users (email, password_hash, role, is_verified, referral_code, login_count, last_login)
        values (@email, @hash, 'admin', true, @code, 1, @now)
        on conflict (lower(email)) do update set
            password_hash = excluded.password_hash, role = 'admin', is_verified = true, is_active = true, deleted_at = null, deleted_by = null,
            email_verification_token = null, email_verification_expires = null
        returning id
        """;

    private const string EndSessionsSql = "update user_sessions set is_active = false where user_id = @id and is_active";

    /// <summary>Makes a secret that is valid for a day; null once there is an administrator.</summary>
    public async Task<string?> CreateSecretAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var secret = Tokens.Create();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var added = await connection
            .Command(AddSecretSql, ("secret", Tokens.Hash(secret)), ("expires", now + TimeSpan.FromDays(1)), ("now", now))
            .ExecuteAsync(cancellation);
        return added == 1 ? secret : null;
    }

    /// <summary>Makes the first administrator and signs in. Null when the secret is not valid or there is one already.</summary>
    public async Task<SessionTokens?> SetUpAsync(
        string secret, string email, string passwordHash, Visitor visitor, SessionLifetime lifetime, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var isValid = await connection.Command(UseSecretSql, ("secret", Tokens.Hash(secret)), ("now", now)).ExecuteAsync(cancellation) == 1;
        if (!isValid || await connection.Command(HasAdminSql).OneAsync(static row => row.GetBoolean(0), cancellation))
        {
            return null;
        }

        // Whoever has the secret runs the product, so an account that was registered with this address before becomes theirs.
        var id = await connection
            .Command(InsertSql, ("email", email), ("hash", passwordHash), ("code", AccountStore.ReferralCode()), ("now", now))
            .OneAsync(static row => row.GetInt64(0), cancellation);
        await connection.Command(EndSessionsSql, ("id", id)).ExecuteAsync(cancellation);
        await connection.Command(ForgetSql).ExecuteAsync(cancellation);
        var tokens = await SignInStore.StartAsync(connection, id, visitor, lifetime, now, cancellation);
        await ActivityStore.AddAsync(
            connection,
            new Actor(id, tokens.SessionId, visitor.Address, visitor.UserAgent),
            new Activity("administration", "user", "create", id, """{"role": "admin"}"""),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return tokens;
    }
}
