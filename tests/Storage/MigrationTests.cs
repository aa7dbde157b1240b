using System.Collections.Concurrent;
using CryptoAI.Storage.Migrations;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CryptoAI.Tests.Storage;

public sealed class MigrationTests
{
    private static readonly Migration First = new("migrations/0001_first.sql", "create table first (id bigint);");
    private static readonly Migration Second = new(
        "migrations/0002_second.sql", "create table second (id bigint);\ninsert into first values (1);");

    [Fact]
    public async Task All_embedded_migrations_run_on_an_empty_database_and_once_only()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        var runner = new MigrationRunner(NullLogger<MigrationRunner>.Instance);

        var first = await runner.RunAsync(database.DataSource, includeOrleans: false, CancellationToken.None);
        var second = await runner.RunAsync(database.DataSource, includeOrleans: false, CancellationToken.None);
        var orleans = await runner.RunAsync(database.DataSource, includeOrleans: true, CancellationToken.None);
        var without = await runner.RunAsync(database.DataSource, includeOrleans: false, CancellationToken.None);

        first.Applied.ShouldBe(Migration.Embedded.Where(migration => migration.Folder == "migrations").Select(migration => migration.Name));
        second.Applied.ShouldBeEmpty();
        second.Total.ShouldBe(first.Total);
        orleans.Applied.ShouldAllBe(name => name.StartsWith("orleans/", StringComparison.Ordinal));
        orleans.Total.ShouldBe(Migration.Embedded.Count);
        without.Applied.ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_processes_at_once_apply_each_migration_exactly_once()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        var applied = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            // A data source of its own is what another process would have.
            await using var dataSource = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false });
            var result = await new MigrationRunner(NullLogger<MigrationRunner>.Instance)
                .RunAsync(dataSource, includeOrleans: true, CancellationToken.None);
            foreach (var name in result.Applied)
            {
                applied.Add(name);
            }
        }));

        applied.Order(StringComparer.Ordinal).ShouldBe(Migration.Embedded.Select(migration => migration.Name));
    }

    [Fact]
    public async Task The_lock_is_free_again_after_a_run_and_after_a_failed_one()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await RunAsync(database, First);
        await Should.ThrowAsync<MigrationException>(() => RunAsync(database, First, new Migration("migrations/0002_bad.sql", "nonsense")));

        await using var count = database.DataSource.CreateCommand(
            """
            select count(*) from pg_locks
            where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
            """);
        (await count.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Fact]
    public async Task An_edited_migration_is_refused_and_nothing_else_runs()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await RunAsync(database, First);

        var edited = new Migration(First.Name, First.Sql + " ");
        var failure = await Should.ThrowAsync<MigrationException>(() => RunAsync(database, edited, Second));

        failure.Message.ShouldContain("migrations/0001_first.sql was edited");
        (await JournalAsync(database)).ShouldBe([First.Name]);
    }

    [Fact]
    public async Task A_vanished_migration_is_refused()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await RunAsync(database, First, Second);

        var failure = await Should.ThrowAsync<MigrationException>(() => RunAsync(database, First));

        failure.Message.ShouldContain("migrations/0002_second.sql, which this program does not have");
    }

    [Fact]
    public async Task A_migration_slipped_in_before_one_that_has_run_is_refused()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await RunAsync(database, First);

        var early = new Migration("migrations/0000_early.sql", "create table early (id bigint);");
        var failure = await Should.ThrowAsync<MigrationException>(() => RunAsync(database, early, First));

        failure.Message.ShouldContain("Give the new file a number after all others");
    }

    [Fact]
    public async Task A_failed_migration_is_rolled_back_whole_and_those_before_it_stay()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        var half = new Migration(Second.Name, "create table second (id bigint); insert into nowhere values (1);");

        var failure = await Should.ThrowAsync<MigrationException>(() => RunAsync(database, First, half));

        failure.Message.ShouldContain("0002_second.sql failed and was rolled back: 42P01");
        (await JournalAsync(database)).ShouldBe([First.Name]);
        await using var table = database.DataSource.CreateCommand("select to_regclass('second')::text");
        (await table.ExecuteScalarAsync()).ShouldBe(DBNull.Value);
        (await RunAsync(database, First, Second)).Applied.ShouldBe([Second.Name]);
    }

    [Fact]
    public async Task A_run_killed_in_the_middle_of_a_migration_leaves_nothing_half_done()
    {
        await using var database = await PostgresFixture.CreateEmptyDatabaseAsync();
        await RunAsync(database, First);
        var slow = new Migration(Second.Name, "create table second (id bigint); select pg_sleep(600);");
        var run = RunAsync(database, First, slow);

        // What a kill does to the database: the session is gone at once.
        await using var kill = database.DataSource.CreateCommand(
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and query like '%pg_sleep(600)%' and wait_event = 'PgSleep' and pid <> pg_backend_pid()
            """);
        await Eventually.TrueAsync(async () => (await kill.ExecuteScalarAsync()) is 1L);
        await Should.ThrowAsync<Exception>(() => run);

        (await RunAsync(database, First, Second)).Applied.ShouldBe([Second.Name]);
    }

    [Fact]
    public void Line_endings_and_a_byte_order_mark_do_not_change_the_checksum()
    {
        var unix = new Migration("migrations/0001_first.sql", "select 1;\nselect 2;\n");
        var windows = new Migration("migrations/0001_first.sql", "\uFEFFselect 1;\r\nselect 2;\r\n");

        windows.Checksum.ShouldBe(unix.Checksum);
        windows.Checksum.ShouldNotBe(new Migration(unix.Name, unix.Sql + "\n").Checksum);
    }

    [Fact]
    public void Embedded_migrations_are_numbered_without_gaps_or_repetitions()
    {
        foreach (var folder in Migration.Embedded.GroupBy(migration => migration.Folder))
        {
            var numbers = folder.Select(migration => int.Parse(migration.Name.Split('/')[1].Split('_')[0])).ToArray();
            numbers.ShouldBe(Enumerable.Range(1, numbers.Length), folder.Key);
        }
    }

    private static Task<MigrationResult> RunAsync(TestDatabase database, params Migration[] migrations) =>
        new MigrationRunner(NullLogger<MigrationRunner>.Instance, migrations)
            .RunAsync(database.DataSource, includeOrleans: false, CancellationToken.None);

    private static async Task<List<string>> JournalAsync(TestDatabase database)
    {
        var names = new List<string>();
        await using var command = database.DataSource.CreateCommand("select name from schema_migrations order by name");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
