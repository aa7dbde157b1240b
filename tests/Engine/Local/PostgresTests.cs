using CryptoAI.Engine.Local.State;
using CryptoAI.Tests.Engine.State;
using CryptoAI.Tests.Postgres;
using Dapper;
using Npgsql;

namespace CryptoAI.Tests.Engine.Local;

public sealed class PostgresTests
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_state_is_a_row_that_outlives_the_process()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using (var host = await StartAsync(database))
        {
            await host.Grains.GetGrain<IStateGrain>(_key).PayAsync(1.50m, "blue");
            await host.Grains.GetGrain<IStateGrain>(_key).PayAsync(1, "red");
            await host.Grains.GetGrain<IStateGrain>(_key).CountAsync();
        }

        await using var connection = await database.DataSource.OpenConnectionAsync();
        (await connection.QueryAsync<string>(
            "select storage || ' ' || state_name || ' ' || grain_type || ' ' || (state ->> 'Money') from engine_grain_state order by 1"))
            .ShouldBe(["storage counter state 1", "storage purse state 2.50"]);
        await using var next = await StartAsync(database);
        (await next.Grains.GetGrain<IStateGrain>(_key).LookAsync()).ShouldBe("True 2.50 blue,red 1");
        await next.Grains.GetGrain<IStateGrain>(_key).BurnAsync();
        (await connection.ExecuteScalarAsync<long>("select count(*) from engine_grain_state")).ShouldBe(1);
    }

    [Theory, InlineData("update engine_grain_state set etag = gen_random_uuid()"), InlineData("delete from engine_grain_state")]
    public async Task A_state_that_somebody_else_has_changed_is_not_overwritten(string change)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var host = await StartAsync(database);
        var grain = host.Grains.GetGrain<IStateGrain>(_key);
        await grain.PayAsync(1, "blue");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(change);
        (await grain.TryWriteAsync()).ShouldBe("refused");
        var exception = await Should.ThrowAsync<Orleans.Storage.InconsistentStateException>(grain.PayAsync(1, "red"));
        exception.CurrentEtag.ShouldNotBeNull();

        // The activation has ended: the next one has read what is stored, and writes.
        await grain.PayAsync(2, "green");
        (await grain.LookAsync()).ShouldEndWith("green 0");
    }

    [Fact]
    public async Task A_state_that_somebody_else_has_made_is_not_overwritten()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var host = await StartAsync(database);
        var grain = host.Grains.GetGrain<IStateGrain>(_key);
        await grain.LookAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            insert into engine_grain_state (storage, state_name, grain_type, grain_key, etag, state)
            values ('storage', 'purse', 'state', @key, gen_random_uuid(), '{"Money": 9}')
            """,
            new { key = _key });
        (await grain.TryWriteAsync()).ShouldBe("refused");
        await Should.ThrowAsync<Orleans.Storage.InconsistentStateException>(grain.PayAsync(1, "blue"));
        (await grain.LookAsync()).ShouldBe("True 9.00  0");
    }

    [Fact]
    public async Task The_engine_s_own_statement_creates_the_table_of_the_migration()
    {
        await using var migrated = await PostgresFixture.CreateDatabaseAsync();
        await using var empty = await PostgresFixture.CreateEmptyDatabaseAsync();
        await using var one = await migrated.DataSource.OpenConnectionAsync();
        await using var two = await empty.DataSource.OpenConnectionAsync();
        await two.ExecuteAsync(GrainStateTable.Create);
        const string columns = """
            select column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
            from information_schema.columns where table_name = 'engine_grain_state' order by ordinal_position
            """;
        (await one.QueryAsync<string>(columns)).ShouldBe(await two.QueryAsync<string>(columns));
    }

    [Fact]
    public async Task A_second_process_on_the_same_database_does_not_start()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var first = await StartAsync(database);
        var refusal = await Should.ThrowAsync<InvalidOperationException>(StartAsync(database, TimeSpan.FromMilliseconds(300)));
        refusal.Message.ShouldContain($"Another process uses the database {database.Name}");
    }

    [Fact]
    public async Task A_database_that_becomes_free_in_time_is_taken()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var first = await StartAsync(database);
        var second = StartAsync(database);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await Eventually.TrueAsync(async () => await connection.ExecuteScalarAsync<long>(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and query like '%pg_try_advisory_lock%' and pid <> pg_backend_pid()
                and pid not in (select pid from pg_locks where locktype = 'advisory')
            """) == 1);
        second.IsCompleted.ShouldBeFalse();
        await first.DisposeAsync();
        await (await second).DisposeAsync();
        await Eventually.TrueAsync(async () => await HolderAsync(database) is null);
    }

    [Fact]
    public async Task A_lost_session_is_replaced_and_holds_the_database_again()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var host = await StartAsync(database);
        var lost = (await HolderAsync(database)).ShouldNotBeNull();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("select pg_terminate_backend(@lost)", new { lost });
        await Eventually.TrueAsync(async () => await HolderAsync(database) is { } holder && holder != lost);
        await Should.ThrowAsync<InvalidOperationException>(StartAsync(database, TimeSpan.Zero));
    }

    private static Task<ControlledHost> StartAsync(TestDatabase database, TimeSpan? patience = null) => ControlledHost.StartAsync(
        options =>
        {
            options.DatabaseLockTimeout = patience ?? TimeSpan.FromMinutes(2);
            options.DatabaseLockPeriod = TimeSpan.FromMilliseconds(100);
        },
        engine =>
        {
            engine.Services.AddSingleton(database.DataSource);
            engine.AddPostgresStorage(EngineFixture.Storage);
        },
        controlled: false);

    /// <summary>The process of the session that holds the database.</summary>
    private static async Task<int?> HolderAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<int?>(
            "select pid from pg_locks l join pg_database d on d.oid = l.database where locktype = 'advisory' and granted and datname = current_database()");
    }
}
