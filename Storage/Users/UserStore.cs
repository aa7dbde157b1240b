using System.Text.Json;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Notifications;
using Npgsql;

namespace CryptoAI.Storage.Users;

/// <summary>Accounts of people who are signed in, and what administrators do with accounts. Every change writes its audit entry.</summary>
public sealed class UserStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private const string Columns =
        """
        u.id, u.email, u.role = 'admin', u.first_name, u.last_name, u.bio, u.profile_picture_url, u.timezone, u.language, u.preferences::text,
        case when u.subscription_expires_at <= @now then 'free' else u.subscription_plan end, u.subscription_plan, u.subscription_expires_at,
        u.account_balance, u.referral_code, u.referral_count, u.login_count, u.last_login, u.created_at,
        u.is_active, u.is_verified, u.failed_login_attempts, u.lockout_expires, u.referred_by, u.notes, u.deleted_at, u.deleted_by
        """;

    private const string GetSql = $"select {Columns} from users u where u.id = @id";

    private const string ListSql =
        $"""
        select {Columns}
        from users u
        where (@email::varchar is null or lower(u.email) = lower(@email)) and (@after::bigint is null or u.id < @after)
        order by u.id desc
        limit @limit
        """;

    private const string IsAdminSql = "select exists (select from users where id = @id and role = 'admin' and is_active and deleted_at is null)";

    private const string UpdateProfileSql =
        """
        update users set
            first_name = case when @first::varchar is null then first_name else nullif(@first, '') end,
            last_name = case when @last::varchar is null then last_name else nullif(@last, '') end,
            bio = case when @bio::varchar is null then bio else nullif(@bio, '') end,
            profile_picture_url = case when @picture::varchar is null then profile_picture_url else nullif(@picture, '') end,
            timezone = coalesce(@timezone::varchar, timezone),
            language = coalesce(@language::varchar, language)
        where id = @id and deleted_at is null
        """;

    // What the key "notifications" holds has rules and endpoints of its own.
    private const string SetPreferencesSql =
        """
        update users set preferences = (@preferences::jsonb - 'notifications')
            || case when preferences ? 'notifications' then jsonb_build_object('notifications', preferences -> 'notifications') else '{}' end
        where id = @id and deleted_at is null
        """;

    private const string PasswordSql = "select password_hash from users where id = @id and is_active and deleted_at is null";

    private const string SetPasswordSql =
        """
        update users set password_hash = @new, reset_password_token = null, reset_password_expires = null
        where id = @id and password_hash = @old and deleted_at is null
        """;

    private const string DeleteSql =
        """
        update users set deleted_at = @now, deleted_by = @by, reset_password_token = null, reset_password_expires = null
        where id = @id and deleted_at is null
        """;

    private const string RestoreSql = "update users set deleted_at = null, deleted_by = null where id = @id and deleted_at is not null";

    private const string AdministerSql =
        """
        update users set
            role = coalesce(@role::varchar, role),
            is_active = coalesce(@active::boolean, is_active),
            subscription_plan = coalesce(@plan::varchar, subscription_plan),
            subscription_expires_at = case when @plan::varchar is null then subscription_expires_at else @expires::timestamptz end,
            account_balance = coalesce(@balance::numeric, account_balance),
            notes = case when @notes::varchar is null then notes else nullif(@notes, '') end
        where id = @id
        """;

    // Held while the number of administrators may fall, so that two of them cannot dismiss each other at once.
    private const string LockAdminsSql = "select id from users where role = 'admin' and is_active and deleted_at is null order by id for update";

    private const string EndSessionsSql =
        "update user_sessions set is_active = false where user_id = @id and is_active and expires_at > @now and id <> @except";

    private const string EndSessionSql = "update user_sessions set is_active = false where id = @session and user_id = @id and is_active and expires_at > @now";

    private const string ListSessionsSql =
        """
        select id, device_info ->> 'userAgent', host(ip_address), created_at, last_used_at, expires_at
        from user_sessions where user_id = @id and is_active and expires_at > @now
        order by last_used_at desc, id desc
        """;

    private const string ListActivitiesSql =
        """
        select id, activity_type, entity_type, action, entity_id, details::text, session_id, host(ip_address), user_agent, created_at
        from user_activities
        where user_id = @id and (@after::bigint is null or id < @after)
        order by id desc
        limit @limit
        """;

    /// <summary>An account with what administrators see; null when there is none of this id.</summary>
    public async Task<Account?> GetAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await GetAsync(connection, id, cancellation);
    }

    /// <summary>Accounts by falling id.</summary>
    /// <param name="email">Only the one with this address; null for all.</param>
    /// <param name="afterId">The last one of the page before.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Account[]> ListAsync(string? email, long? afterId, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(ListSql, ("email", email), ("after", afterId), ("limit", limit), ("now", clock.GetUtcNow()))
            .AllAsync(Read, cancellation);
    }

    public async Task<bool> IsAdminAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(IsAdminSql, ("id", id)).OneAsync(static row => row.GetBoolean(0), cancellation);
    }

    public Task<Account?> UpdateProfileAsync(Actor actor, ProfileChange change, CancellationToken cancellation) => ChangeAsync(
        actor,
        actor.UserId,
        new Activity("account_update", "user", "update", actor.UserId, Details(("changed", Changed(
            ("firstName", change.FirstName), ("lastName", change.LastName), ("bio", change.Bio), ("profilePictureUrl", change.ProfilePictureUrl),
            ("timezone", change.Timezone), ("language", change.Language))))),
        connection => connection.Command(
            UpdateProfileSql,
            ("id", actor.UserId), ("first", change.FirstName), ("last", change.LastName), ("bio", change.Bio), ("picture", change.ProfilePictureUrl),
            ("timezone", change.Timezone), ("language", change.Language)).ExecuteAsync(cancellation),
        cancellation);

    public Task<Account?> SetPreferencesAsync(Actor actor, string preferences, CancellationToken cancellation) => ChangeAsync(
        actor,
        actor.UserId,
        new Activity("account_update", "user", "update", actor.UserId, """{"changed": ["preferences"]}"""),
        connection => connection.Command(SetPreferencesSql, ("id", actor.UserId), ("preferences", preferences)).ExecuteAsync(cancellation),
        cancellation);

    public async Task<string?> PasswordHashAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(PasswordSql, ("id", id)).OneAsync(static row => row.GetString(0), cancellation);
    }

    /// <summary>Sets a password in place of another, ends all other sessions and tells the owner. False when it was changed meanwhile.</summary>
    public async Task<bool> SetPasswordAsync(Actor actor, string oldHash, string newHash, CancellationToken cancellation) => await ChangeAsync(
        actor,
        actor.UserId,
        new Activity("security", "user", "update", actor.UserId, """{"changed": ["password"]}"""),
        async connection =>
        {
            var now = clock.GetUtcNow();
            var changed = await connection.Command(SetPasswordSql, ("id", actor.UserId), ("old", oldHash), ("new", newHash)).ExecuteAsync(cancellation);
            if (changed == 1)
            {
                await EndSessionsAsync(connection, actor.UserId, actor.SessionId ?? 0, cancellation);
                await AccountStore.TellAsync(connection, actor.UserId, NotificationTemplates.PasswordChanged, now, cancellation, always: true);
            }

            return changed;
        },
        cancellation) is not null;

    /// <summary>Closes an account and ends its sessions. Null when there is no open one.</summary>
    public Task<Account?> DeleteAsync(Actor actor, long id, CancellationToken cancellation) => ChangeAsync(
        actor,
        id,
        new Activity(actor.UserId == id ? "account_update" : "administration", "user", "delete", id),
        async connection =>
        {
            await LeaveAnAdminAsync(connection, id, cancellation);
            var deleted = await connection.Command(DeleteSql, ("id", id), ("by", actor.UserId), ("now", clock.GetUtcNow())).ExecuteAsync(cancellation);
            await EndSessionsAsync(connection, id, 0, cancellation);
            return deleted;
        },
        cancellation);

    /// <summary>Opens a closed account. Null when there is no closed one.</summary>
    public Task<Account?> RestoreAsync(Actor admin, long id, CancellationToken cancellation) => ChangeAsync(
        admin,
        id,
        new Activity("administration", "user", "update", id, """{"restored": true}"""),
        connection => connection.Command(RestoreSql, ("id", id)).ExecuteAsync(cancellation),
        cancellation);

    public Task<Account?> AdministerAsync(Actor admin, long id, AccountChange change, CancellationToken cancellation) => ChangeAsync(
        admin,
        id,
        new Activity("administration", "user", "update", id, Details(
            ("role", change.Role?.ToString()), ("isActive", change.IsActive), ("plan", change.Plan?.ToString()),
            ("subscriptionExpiresAt", change.SubscriptionExpiresAt), ("accountBalance", change.AccountBalance), ("notes", change.Notes is null ? null : "changed"))),
        async connection =>
        {
            if (change.Role == Role.Public || change.IsActive == false)
            {
                await LeaveAnAdminAsync(connection, id, cancellation);
            }

            var changed = await connection.Command(
                AdministerSql,
                ("id", id), ("role", change.Role switch { Role.Admin => "admin", Role.Public => "public", _ => null }), ("active", change.IsActive),
                ("plan", change.Plan is { } plan ? PlanCodes.Code(plan) : null), ("expires", change.SubscriptionExpiresAt?.ToUniversalTime()),
                ("balance", change.AccountBalance), ("notes", change.Notes)).ExecuteAsync(cancellation);
            if (change.IsActive == false)
            {
                await EndSessionsAsync(connection, id, 0, cancellation);
            }

            return changed;
        },
        cancellation);

    public async Task<Session[]> ListSessionsAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(ListSessionsSql, ("id", id), ("now", clock.GetUtcNow())).AllAsync(
            static row => new Session(
                row.GetInt64(0), row.Text(1), row.Text(2), row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4),
                row.GetFieldValue<DateTimeOffset>(5)),
            cancellation);
    }

    /// <summary>Ends a session of this person. False when there is none that stands.</summary>
    public async Task<bool> RevokeSessionAsync(Actor actor, long sessionId, CancellationToken cancellation) => await ChangeAsync(
        actor,
        actor.UserId,
        new Activity("logout", "session", "delete", sessionId),
        connection => connection.Command(EndSessionSql, ("id", actor.UserId), ("session", sessionId), ("now", clock.GetUtcNow())).ExecuteAsync(cancellation),
        cancellation) is not null;

    /// <summary>Ends all sessions of an account. Gives their number.</summary>
    public async Task<int> RevokeSessionsAsync(Actor actor, long id, CancellationToken cancellation)
    {
        var ended = 0;
        await ChangeAsync(
            actor,
            id,
            new Activity(actor.UserId == id ? "logout" : "administration", "user", "update", id, """{"sessions": "ended"}"""),
            async connection => ended = await EndSessionsAsync(connection, id, 0, cancellation),
            cancellation);
        return ended;
    }

    /// <summary>What a person did, the newest first.</summary>
    public async Task<ActivityEntry[]> ListActivitiesAsync(long id, long? afterId, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(ListActivitiesSql, ("id", id), ("after", afterId), ("limit", limit)).AllAsync(
            static row => new ActivityEntry(
                row.GetInt64(0), row.GetString(1), row.Text(2), row.Text(3), row.Number(4), row.GetString(5), row.Number(6), row.Text(7), row.Text(8),
                row.GetFieldValue<DateTimeOffset>(9)),
            cancellation);
    }

    /// <summary>Runs a change and its audit entry in one transaction. Null when it changed no row: then nothing is stored.</summary>
    private async Task<Account?> ChangeAsync(
        Actor actor, long id, Activity activity, Func<NpgsqlConnection, Task<int>> change, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await change(connection) == 0)
        {
            return null;
        }

        await ActivityStore.AddAsync(connection, actor, activity, cancellation);
        var account = await GetAsync(connection, id, cancellation);
        await transaction.CommitAsync(cancellation);
        return account;
    }

    private Task<int> EndSessionsAsync(NpgsqlConnection connection, long id, long except, CancellationToken cancellation) =>
        connection.Command(EndSessionsSql, ("id", id), ("except", except), ("now", clock.GetUtcNow())).ExecuteAsync(cancellation);

    private static async Task LeaveAnAdminAsync(NpgsqlConnection connection, long id, CancellationToken cancellation)
    {
        var admins = await connection.Command(LockAdminsSql).AllAsync(static row => row.GetInt64(0), cancellation);
        if (admins is [var last] && last == id)
        {
            throw new RefusedException(Refusal.Conflict, "This is the last administrator; make another one first.");
        }
    }

    private Task<Account?> GetAsync(NpgsqlConnection connection, long id, CancellationToken cancellation) =>
        connection.Command(GetSql, ("id", id), ("now", clock.GetUtcNow())).OneAsync(Read, cancellation);

    private static Account Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetBoolean(2) ? Role.Admin : Role.Public, row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.GetString(7),
        row.GetString(8), row.GetString(9), PlanCodes.Parse(row.GetString(10)), PlanCodes.Parse(row.GetString(11)), row.Time(12), row.GetDecimal(13),
        row.Text(14), row.GetInt32(15), row.GetInt32(16), row.Time(17), row.GetFieldValue<DateTimeOffset>(18),
        new AccountAdministration(
            row.GetBoolean(19), row.GetBoolean(20), row.GetInt32(21), row.Time(22), row.Number(23), row.Text(24), row.Time(25), row.Number(26)));

    private static string[] Changed(params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        var changed = new List<string>();
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                changed.Add(name);
            }
        }

        return [.. changed];
    }

    private static string Details(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var details = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                details[name] = value;
            }
        }

        return JsonSerializer.Serialize(details);
    }
}
