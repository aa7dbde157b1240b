using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Storage.Migrations;

/// <summary>
/// Brings a database up to date. Runs under a session advisory lock, so any number of processes may start it at once: one
/// works, the others wait and find nothing left to do. What has run is journaled in schema_migrations; a file that was
/// edited after it ran, has vanished, or was slipped in before one that has run stops everything before anything is changed.
/// </summary>
public sealed partial class MigrationRunner
{
    private const long LockKey = 0x43525950544F4149; // "CRYPTOAI"

    private readonly ILogger<MigrationRunner> logger;
    private readonly IReadOnlyList<Migration> migrations;

    public MigrationRunner(ILogger<MigrationRunner> logger)
        : this(logger, Migration.Embedded)
    {
    }

    /// <param name="logger">Gets a line for each file.</param>
    /// <param name="migrations">In the order they run.</param>
    public MigrationRunner(ILogger<MigrationRunner> logger, IReadOnlyList<Migration> migrations)
    {
        this.logger = logger;
        this.migrations = migrations;
    }

    /// <summary>
    /// Applies what is missing, each file in its own transaction: when one fails, those before it stay.
    /// </summary>
    /// <param name="dataSource">A user who may create tables.</param>
    /// <param name="includeOrleans">Also the tables of Orleans' own providers.</param>
    /// <param name="cancellationToken">Ends the wait for the lock, or the file in progress, which is rolled back.</param>
    /// <exception cref="MigrationException">Journal and files disagree, or a file failed.</exception>
    public async Task<MigrationResult> RunAsync(NpgsqlDataSource dataSource, bool includeOrleans, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        try
        {
            await ExecuteAsync(
                connection,
                """
                create table if not exists schema_migrations (
                    name varchar primary key,
                    checksum varchar not null,
                    applied_at timestamptz not null default now(),
                    duration_ms bigint not null
                )
                """,
                cancellationToken);

            var journal = await ReadJournalAsync(connection, cancellationToken);
            var pending = Check(journal, includeOrleans);
            foreach (var migration in pending)
            {
                await ApplyAsync(connection, migration, cancellationToken);
            }

            return new MigrationResult([.. pending.Select(migration => migration.Name)], journal.Count + pending.Count);
        }
        finally
        {
            // The connection goes back to a pool, and its session lock would stay with it.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None);
            }
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var attempt = new NpgsqlCommand($"select pg_try_advisory_lock({LockKey})", connection);
        if (await attempt.ExecuteScalarAsync(cancellationToken) is true)
        {
            return;
        }

        LogWaiting();
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellationToken);
    }

    private List<Migration> Check(Dictionary<string, string> journal, bool includeOrleans)
    {
        var known = migrations.ToDictionary(migration => migration.Name, StringComparer.Ordinal);
        foreach (var (name, checksum) in journal)
        {
            if (!known.TryGetValue(name, out var migration))
            {
                throw new MigrationException(
                    $"The database has had the migration {name}, which this program does not have: it is older than the database, "
                    + "or the file was removed. Start the version that made the database, or bring the file back.");
            }

            if (migration.Checksum != checksum)
            {
                throw new MigrationException(
                    $"The migration {name} was edited after it had run on this database. "
                    + "Put the file back as it was and write the change as a new migration.");
            }
        }

        var pending = new List<Migration>();
        foreach (var migration in migrations)
        {
            if (journal.ContainsKey(migration.Name) || (migration.Folder == "orleans" && !includeOrleans))
            {
                continue;
            }

            var later = journal.Keys
                .Where(name => name.StartsWith(migration.Folder + "/", StringComparison.Ordinal))
                .Where(name => string.CompareOrdinal(name, migration.Name) > 0)
                .Min(StringComparer.Ordinal);
            if (later is not null)
            {
                throw new MigrationException(
                    $"The migration {migration.Name} has not run on this database, but {later}, which comes after it, has. "
                    + "Give the new file a number after all others.");
            }

            pending.Add(migration);
        }

        return pending;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
        }
        catch (PostgresException exception)
        {
            throw new MigrationException(
                $"The migration {migration.Name} failed and was rolled back: {exception.SqlState} {exception.MessageText}", exception);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        await using var entry = new NpgsqlCommand(
            "insert into schema_migrations (name, checksum, duration_ms) values ($1, $2, $3)", connection)
        {
            Parameters =
            {
                new() { Value = migration.Name },
                new() { Value = migration.Checksum },
                new() { Value = (long)elapsed.TotalMilliseconds },
            },
        };
        await entry.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogApplied(migration.Name, elapsed.TotalMilliseconds);
    }

    private static async Task<Dictionary<string, string>> ReadJournalAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var journal = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name, checksum from schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            journal.Add(reader.GetString(0), reader.GetString(1));
        }

        return journal;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // A migration may take as long as it needs, and so may the wait for another process that is migrating.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
