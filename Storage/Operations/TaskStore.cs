using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Operations;

/// <summary>What <see cref="TaskStore.RenewAsync"/> found.</summary>
public enum TaskLease
{
    Held,

    /// <summary>Held, and an administrator asks for the end of the run.</summary>
    CancelRequested,

    /// <summary>Another holds the run now, or it is over.</summary>
    Lost,
}

/// <summary>Where a job stands.</summary>
/// <param name="Live">The run that waits or is under way.</param>
/// <param name="IsFree">Whether that run may be taken: it waits, or its lease is over.</param>
/// <param name="LastScheduled">The newest moment of its schedule, not after now, that a run was made for.</param>
public readonly record struct TaskStanding(TaskRun? Live, bool IsFree, DateTimeOffset? LastScheduled);

/// <summary>
/// Runs of background tasks. A job has at most one live run, which the database enforces; whoever runs it holds its lease, renews it, and
/// records the end under it. All times are the caller's clock.
/// </summary>
public sealed class TaskStore(NpgsqlDataSource dataSource)
{
    private const int MaxError = 2000;
    private const int DeleteBatch = 5000;

    private const string ColumnList =
        """
        id, task_name, task_type, status, task_params::text, scheduled_for, attempts, progress::float8, progress_note, result_data::text,
            error_message, started_at, completed_at, execution_time_seconds::float8, cancel_requested_at is not null, created_at
        """;

    private const string StandingSql =
        $"""
        select {ColumnList}, status = 'pending' or lease_until <= @now,
            (select max(scheduled_for) from background_tasks where task_name = @name and scheduled_for <= @now)
        from (select) as always
        left join background_tasks on task_name = @name and status in ('pending', 'running')
        """;

    private const string TakeSql =
        $"""
        update background_tasks set
            status = 'running', lease_id = @lease, lease_until = @until, attempts = attempts + 1, started_at = @now, progress = null,
            progress_note = null
        where id = @id and (status = 'pending' or (status = 'running' and lease_until <= @now))
        returning {ColumnList}
        """;

    private const string BeginSql =
        $"""
        insert into background_tasks (task_name, task_type, status, scheduled_for, attempts, started_at, lease_id, lease_until)
        values (@name, @kind, 'running', @due, 1, @now, @lease, @until)
        on conflict do nothing
        returning {ColumnList}
        """;

    private const string RenewSql =
        """
        update background_tasks set lease_until = @until, progress = @progress, progress_note = @note
        where id = @id and lease_id = @lease
        returning cancel_requested_at is not null
        """;

    private const string EndSql =
        """
        update background_tasks set
            status = @status, result_data = @result, error_message = @error, completed_at = @now, lease_id = null, lease_until = null,
            progress = case when @status = 'completed' then 1 else progress end,
            execution_time_seconds = greatest(extract(epoch from @now - started_at), 0)
        where id = @id and lease_id = @lease
        """;

    private const string GiveBackSql =
        """
        update background_tasks set status = 'pending', lease_id = null, lease_until = null, attempts = attempts - 1, started_at = null
        where id = @id and lease_id = @lease
        """;

    private const string AskSql =
        $"""
        with asked as (
            insert into background_tasks (task_name, task_type, task_params)
            values (@name, @kind, @params)
            on conflict do nothing
            returning *),
        audit as (
            {ActivityStore.Insert} 'administration', 'background_task', 'create', id, jsonb_build_object('task', task_name, 'params', task_params)
            from asked)
        select {ColumnList} from asked
        """;

    // What nobody runs ends here; what somebody runs is ended by whoever runs it.
    private const string CancelSql =
        $"""
        with live as (
            select id, status = 'pending' or lease_until <= @now as is_free from background_tasks
            where task_name = @name and status in ('pending', 'running')
            for update),
        cancelled as (
            update background_tasks as t set
                cancel_requested_at = coalesce(t.cancel_requested_at, @now),
                status = case when live.is_free then 'cancelled' else t.status end,
                completed_at = case when live.is_free then @now end,
                error_message = case when live.is_free then 'Cancelled.' end,
                lease_id = case when not live.is_free then t.lease_id end,
                lease_until = case when not live.is_free then t.lease_until end
            from live where t.id = live.id
            returning t.*),
        audit as (
            {ActivityStore.Insert} 'administration', 'background_task', 'update', id, jsonb_build_object('task', task_name, 'cancelled', true)
            from cancelled)
        select {ColumnList} from cancelled
        """;

    private const string ListSql =
        $"""
        select {ColumnList} from background_tasks
        where task_name = @name and (@after::bigint is null or id < @after)
        order by id desc
        limit @limit
        """;

    private const string NewestSql =
        $"""
        select {ColumnList},
            (select max(scheduled_for) from background_tasks where task_name = wanted.name and scheduled_for <= @now)
        from unnest(@names) as wanted (name)
        cross join lateral (select * from background_tasks where task_name = wanted.name order by id desc limit 1) as newest
        """;

    // The newest moment of each schedule stays, or a run would be missed or made twice.
    private const string DeleteSql =
        """
        delete from background_tasks where id in (
            select id from background_tasks old
            where completed_at < @before and exists (
                select from background_tasks newer
                where newer.task_name = old.task_name and newer.id > old.id
                    and (old.scheduled_for is null or newer.scheduled_for >= old.scheduled_for))
            limit @limit)
        """;

    public async Task<TaskStanding> GetStandingAsync(string name, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(StandingSql, name, now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new TaskStanding(
            reader.IsDBNull(0) ? null : Read(reader),
            !reader.IsDBNull(16) && reader.GetBoolean(16),
            reader.IsDBNull(17) ? null : reader.GetFieldValue<DateTimeOffset>(17));
    }

    /// <summary>Takes over a run that waits or whose lease is over; null when somebody was faster.</summary>
    public Task<TaskRun?> TakeAsync(long id, Guid lease, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        OneAsync(TakeSql, cancellation, new NpgsqlParameter<long>("id", id), Lease(lease), Time("now", now), Time("until", until));

    /// <summary>Begins the run of a moment of the schedule; null when there is one already, or another run is live.</summary>
    public Task<TaskRun?> BeginAsync(
        string name, TaskKind kind, DateTimeOffset due, Guid lease, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        OneAsync(
            BeginSql, cancellation, Text("name", name), Text("kind", kind.Code()), Time("due", due), Lease(lease), Time("now", now), Time("until", until));

    /// <summary>Prolongs a lease and notes how far the run is.</summary>
    public async Task<TaskLease> RenewAsync(
        long id, Guid lease, DateTimeOffset until, double? progress, string? note, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(RenewSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(Lease(lease));
        command.Parameters.Add(Time("until", until));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("progress", progress is { } part ? Math.Round((decimal)Math.Clamp(part, 0, 1), 4) : null));
        command.Parameters.Add(Text("note", Cut(note)));
        return await command.ExecuteScalarAsync(cancellation) switch
        {
            null => TaskLease.Lost,
            true => TaskLease.CancelRequested,
            _ => TaskLease.Held,
        };
    }

    /// <summary>Records how a run ended. False when its lease is another's by now: then nothing is recorded.</summary>
    /// <param name="id">background_tasks.id.</param>
    /// <param name="lease">Under which it ran.</param>
    /// <param name="state">Completed, failed or cancelled.</param>
    /// <param name="result">A JSON object or null.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task<bool> EndAsync(
        long id, Guid lease, TaskState state, string? result, string? error, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(EndSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(Lease(lease));
        command.Parameters.Add(Text("status", state.Code()));
        command.Parameters.Add(new NpgsqlParameter("result", NpgsqlDbType.Jsonb) { Value = result ?? (object)DBNull.Value });
        command.Parameters.Add(Text("error", Cut(error)));
        command.Parameters.Add(Time("now", now));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Gives a run back as if it had not been begun: the process stops in order.</summary>
    public async Task GiveBackAsync(long id, Guid lease, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GiveBackSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", id));
        command.Parameters.Add(Lease(lease));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Asks for a run, committed with its audit entry; null when one is live.</summary>
    public async Task<TaskRun?> AskAsync(Actor actor, string name, TaskKind kind, string parameters, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(AskSql);
        command.AddActor(actor);
        command.Parameters.Add(Text("name", name));
        command.Parameters.Add(Text("kind", kind.Code()));
        command.Parameters.Add(new NpgsqlParameter("params", NpgsqlDbType.Jsonb) { Value = parameters });
        return await OneAsync(command, cancellation);
    }

    /// <summary>Asks for the end of the live run, committed with its audit entry; one that nobody runs ends at once. Null when none is live.</summary>
    public async Task<TaskRun?> CancelAsync(Actor actor, string name, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(CancelSql, name, now);
        command.AddActor(actor);
        return await OneAsync(command, cancellation);
    }

    /// <summary>Runs of a job, newest first.</summary>
    /// <param name="name">The job.</param>
    /// <param name="after">Id of the last run of the page before; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<TaskRun[]> ListAsync(string name, long? after, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(Text("name", name));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", after));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var runs = new List<TaskRun>();
        while (await reader.ReadAsync(cancellation))
        {
            runs.Add(Read(reader));
        }

        return [.. runs];
    }

    /// <summary>The newest run of each of these jobs, and the newest moment of its schedule that was run; jobs that never ran are absent.</summary>
    public async Task<Dictionary<string, (TaskRun Run, DateTimeOffset? LastScheduled)>> GetNewestAsync(
        string[] names, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(NewestSql);
        command.Parameters.Add(new NpgsqlParameter<string[]>("names", names));
        command.Parameters.Add(Time("now", now));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var newest = new Dictionary<string, (TaskRun, DateTimeOffset?)>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var run = Read(reader);
            newest.Add(run.Name, (run, Known<DateTimeOffset>(reader, 16)));
        }

        return newest;
    }

    /// <summary>Deletes runs that ended before a time, a few thousand at a time; the newest of each job stays.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteOldAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        for (var total = 0; ;)
        {
            await using var command = dataSource.CreateCommand(DeleteSql);
            command.Parameters.Add(Time("before", before));
            command.Parameters.Add(new NpgsqlParameter<int>("limit", DeleteBatch));
            var deleted = await command.ExecuteNonQueryAsync(cancellation);
            total += deleted;
            if (deleted < DeleteBatch)
            {
                return total;
            }
        }
    }

    private NpgsqlCommand Command(string sql, string name, DateTimeOffset now)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(Text("name", name));
        command.Parameters.Add(Time("now", now));
        return command;
    }

    private async Task<TaskRun?> OneAsync(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await OneAsync(command, cancellation);
    }

    private static async Task<TaskRun?> OneAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    private static TaskRun Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetString(1),
        TaskCodes.ParseKind(reader.GetString(2)),
        TaskCodes.ParseState(reader.GetString(3)),
        reader.GetString(4),
        Known<DateTimeOffset>(reader, 5),
        reader.GetInt32(6),
        Known<double>(reader, 7),
        reader.IsDBNull(8) ? null : reader.GetString(8),
        reader.IsDBNull(9) ? null : reader.GetString(9),
        reader.IsDBNull(10) ? null : reader.GetString(10),
        Known<DateTimeOffset>(reader, 11),
        Known<DateTimeOffset>(reader, 12),
        Known<double>(reader, 13),
        reader.GetBoolean(14),
        reader.GetFieldValue<DateTimeOffset>(15));

    private static T? Known<T>(NpgsqlDataReader reader, int column)
        where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    private static NpgsqlParameter<string?> Text(string name, string? value) => new(name, NpgsqlDbType.Text) { TypedValue = value };

    private static NpgsqlParameter<DateTimeOffset> Time(string name, DateTimeOffset time) => new(name, time.ToUniversalTime());

    private static NpgsqlParameter<Guid> Lease(Guid lease) => new("lease", lease);

    private static string? Cut(string? text) =>
        text is null ? null : (text.Length <= MaxError ? text : text[..MaxError]).Replace('\0', '\uFFFD');
}
