using CryptoAI.Grains.Interfaces.Notifications;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Notifications;

/// <summary>
/// The table notifications: creation inside the transaction of the fact, and what people do with their own. A trigger of the
/// database queues the deliveries, so whoever creates a notification cannot forget them.
/// </summary>
public sealed class NotificationStore(NpgsqlDataSource dataSource)
{
    private const string Columns =
        """
        n.id, n.user_id, n.notification_type, n.title, n.message, n.data::text, n.status, n.priority, n.scheduled_for, n.sent_at, n.read_at,
        n.expires_at, n.created_at
        """;

    private const string LanguageSql = "select id, language from users where id = any(@users)";

    private const string InsertSql =
        """
        insert into notifications (
            user_id, notification_type, title, message, data, priority, channels, template, secret, scheduled_for, expires_at, alert_id,
            occurrence, created_at)
        select
            user_id, type, title, message, data::jsonb, priority, string_to_array(channels, ','), template, secret::jsonb, scheduled_for,
            expires_at, alert_id, occurrence, @now
        from unnest(
                @users, @types, @titles, @messages, @data, @priorities, @channels, @templates, @secrets, @scheduled, @expires, @alerts,
                @occurrences)
            with ordinality as t (
                user_id, type, title, message, data, priority, channels, template, secret, scheduled_for, expires_at, alert_id, occurrence,
                place)
        order by place
        returning id
        """;

    // What is scheduled for later is not there yet for its reader.
    private const string ListSql =
        $"""
        select {Columns}
        from notifications n
        where n.user_id = @user
            and (@status::varchar is null or n.status = @status)
            and (@after::bigint is null or n.id < @after)
            and (n.scheduled_for is null or n.scheduled_for <= @now)
        order by n.id desc
        limit @limit
        """;

    private const string CountUnreadSql =
        """
        select count(*) from notifications
        where user_id = @user and status = 'unread' and (scheduled_for is null or scheduled_for <= @now)
        """;

    // read_at keeps the first time; what was dismissed stays so.
    private const string MarkSql =
        $"""
        update notifications as n set
            status = case when n.status = 'dismissed' then n.status else @status end,
            read_at = coalesce(n.read_at, @now)
        where n.id = @id and n.user_id = @user and (n.scheduled_for is null or n.scheduled_for <= @now)
        returning {Columns}
        """;

    private const string ReadAllSql =
        """
        update notifications set status = 'read', read_at = coalesce(read_at, @now)
        where user_id = @user and status = 'unread' and id <= @upTo and (scheduled_for is null or scheduled_for <= @now)
        """;

    private const string RecentlyPushedSql =
        $"""
        select {Columns}
        from notification_deliveries d join notifications n on n.id = d.notification_id
        where n.user_id = @user and n.id in (select id from notifications where user_id = @user order by id desc limit 500)
            and d.channel = 'hub' and (d.settled_at >= @since and d.status = 'delivered' or d.status = 'pending' and d.attempts > 0)
        order by n.id
        """;

    /// <summary>
    /// Creates a notification in the caller's transaction: the connection must have one open. It is delivered after the commit, at least once.
    /// </summary>
    /// <returns>Its id; null when there is no such user.</returns>
    public static async Task<long?> AddAsync(
        NpgsqlConnection connection, NewNotification notification, DateTimeOffset now, CancellationToken cancellation) =>
        await AddAsync(connection, [notification], now, cancellation) is [var id] ? id : null;

    /// <summary>Creates notifications in the caller's transaction.</summary>
    /// <returns>Ids of those created, in order; users who are not there get none.</returns>
    public static async Task<long[]> AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<NewNotification> notifications, DateTimeOffset now, CancellationToken cancellation)
    {
        var languages = await LanguagesAsync(connection, [.. notifications.Select(n => n.UserId).Distinct()], cancellation);
        NewNotification[] known = [.. notifications.Where(n => languages.ContainsKey(n.UserId))];
        if (known.Length == 0)
        {
            return [];
        }

        NotificationText[] texts = [.. known.Select(n => NotificationTexts.Render(languages[n.UserId], n.Template, n.ExpiresAt, n.Data))];
        await using var command = new NpgsqlCommand(InsertSql, connection);
        var parameters = command.Parameters;
        parameters.Add(new NpgsqlParameter<long[]>("users", [.. known.Select(n => n.UserId)]));
        parameters.Add(new NpgsqlParameter<string[]>("types", [.. known.Select(n => NotificationCodes.Code(n.Type))]));
        parameters.Add(new NpgsqlParameter<string[]>("titles", [.. texts.Select(text => text.Title)]));
        parameters.Add(new NpgsqlParameter<string[]>("messages", [.. known.Zip(texts, static (n, text) => string.IsNullOrEmpty(n.Message) ? text.Message : n.Message)]));
        parameters.Add(new NpgsqlParameter<string[]>("data", [.. known.Select(n => n.Data.ToJsonString())]));
        parameters.Add(new NpgsqlParameter<string[]>("priorities", [.. known.Select(n => NotificationCodes.Code(n.Priority))]));
        parameters.Add(new NpgsqlParameter<string[]>("channels", [.. known.Select(n => string.Join(',', n.Channels.Distinct().Select(NotificationCodes.Code)))]));
        parameters.Add(new NpgsqlParameter<string[]>("templates", [.. known.Select(n => n.Template)]));
        parameters.Add(new NpgsqlParameter<string?[]>("secrets", [.. known.Select(n => n.Secret?.ToJsonString())]));
        parameters.Add(Times("scheduled", known.Select(n => n.ScheduledFor)));
        parameters.Add(Times("expires", known.Select(n => n.ExpiresAt)));
        parameters.Add(new NpgsqlParameter<long?[]>("alerts", [.. known.Select(n => n.AlertId)]));
        parameters.Add(new NpgsqlParameter<int[]>("occurrences", [.. known.Select(n => n.Occurrence)]));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<long>(known.Length);
        while (await reader.ReadAsync(cancellation))
        {
            ids.Add(reader.GetInt64(0));
        }

        return [.. ids];
    }

    /// <summary>Creates a notification in a transaction of its own.</summary>
    /// <returns>Its id; null when there is no such user.</returns>
    public async Task<long?> AddAsync(NewNotification notification, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var id = await AddAsync(connection, notification, now, cancellation);
        await transaction.CommitAsync(cancellation);
        return id;
    }

    /// <summary>A user's notifications, newest first.</summary>
    /// <param name="userId">users.id.</param>
    /// <param name="status">Only those; null for all.</param>
    /// <param name="afterId">The last id of the page before; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="now">What is scheduled for later is left out.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Notification[]> ListAsync(
        long userId, NotificationStatus? status, long? afterId, int limit, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string?>("status", status is { } wanted ? NotificationCodes.Code(wanted) : null));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await ReadAsync(command, cancellation);
    }

    public async Task<long> CountUnreadAsync(long userId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(CountUnreadSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Marks a user's notification as read or dismissed; what is dismissed stays so. Null when this user has none of that id.</summary>
    public async Task<Notification?> MarkAsync(
        long userId, long id, NotificationStatus status, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(MarkSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(new NpgsqlParameter<string>("status", NotificationCodes.Code(status)));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await ReadAsync(command, cancellation) is [var notification] ? notification : null;
    }

    /// <summary>Marks a user's unread notifications up to this id as read: what came after the page was drawn stays unread.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReadAllAsync(long userId, long upToId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ReadAllSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long>("upTo", upToId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("now", now.ToUniversalTime()));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// What was pushed to a user's open pages since then, or is being pushed: what an API node reads that was not listening for a while. In
    /// order of id.
    /// </summary>
    public async Task<Notification[]> RecentlyPushedAsync(long userId, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(RecentlyPushedSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("since", since.ToUniversalTime()));
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Reads the columns that all queries of notifications begin with.</summary>
    internal static Notification Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetInt64(1),
        NotificationCodes.ParseType(reader.GetString(2)),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5),
        NotificationCodes.ParseStatus(reader.GetString(6)),
        NotificationCodes.ParsePriority(reader.GetString(7)),
        Time(reader, 8),
        Time(reader, 9),
        Time(reader, 10),
        Time(reader, 11),
        reader.GetFieldValue<DateTimeOffset>(12));

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter Times(string name, IEnumerable<DateTimeOffset?> times) => new(name, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz)
    {
        Value = times.Select(static time => time?.UtcDateTime).ToArray(),
    };

    private static async Task<Dictionary<long, string>> LanguagesAsync(NpgsqlConnection connection, long[] users, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(LanguageSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long[]>("users", users));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var languages = new Dictionary<long, string>();
        while (await reader.ReadAsync(cancellation))
        {
            languages.Add(reader.GetInt64(0), reader.GetString(1));
        }

        return languages;
    }

    private static async Task<Notification[]> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var notifications = new List<Notification>();
        while (await reader.ReadAsync(cancellation))
        {
            notifications.Add(Read(reader));
        }

        return [.. notifications];
    }
}
