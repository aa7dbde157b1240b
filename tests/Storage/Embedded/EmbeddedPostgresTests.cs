using System.Diagnostics;
using CryptoAI.Storage.Embedded;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CryptoAI.Tests.Storage.Embedded;

/// <summary>A server started, used, refused and stopped by one process.</summary>
public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public async Task A_second_start_finds_what_the_first_one_stored()
    {
        await using (var first = await StartAsync())
        {
            await ScalarAsync<object>(first, "create table kept (id int); insert into kept values (42)");
        }

        await using var second = await StartAsync();
        (await ScalarAsync<int>(second, "select id from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task It_listens_on_loopback_with_a_password_and_flushes_to_disk()
    {
        await using var server = await StartAsync();

        (await ScalarAsync<string>(server, "select current_setting('listen_addresses')")).ShouldBe("127.0.0.1");
        (await ScalarAsync<string>(server, "select current_setting('unix_socket_directories')")).ShouldBe("");
        foreach (var setting in new[] { "fsync", "synchronous_commit", "full_page_writes", "data_checksums" })
        {
            (await ScalarAsync<string>(server, $"show {setting}")).ShouldBe("on", setting);
        }

        (await ScalarAsync<string>(server, "select distinct auth_method from pg_hba_file_rules")).ShouldBe("scram-sha-256");

        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        (await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync())).SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task The_password_file_is_for_its_owner_alone()
    {
        await using var server = await StartAsync();

        File.GetUnixFileMode(Path.Combine(temporary.Data, "password")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        server.ConnectionString.ShouldContain(await File.ReadAllTextAsync(Path.Combine(temporary.Data, "password")));
        (File.GetUnixFileMode(temporary.Data) & (UnixFileMode.OtherRead | UnixFileMode.GroupRead)).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task Stopping_ends_the_server_though_a_statement_runs_and_may_be_repeated()
    {
        await using var server = await StartAsync(options => options with { StopTimeout = TimeSpan.FromMinutes(1) });
        var postmaster = ServerProcesses.Postmaster(temporary.Data)!.Value;
        var statement = ScalarAsync<object>(server, "select pg_sleep(600)");
        await Eventually.TrueAsync(
            async () => await ScalarAsync<long>(server, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'") == 1);

        await server.StopAsync();
        await server.StopAsync();

        ServerProcesses.Exists(postmaster).ShouldBeFalse();
        await Should.ThrowAsync<NpgsqlException>(() => statement);
        File.Exists(Path.Combine(temporary.Data, "cluster", "postmaster.pid")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_that_another_server_took_first_is_given_up_for_a_free_one()
    {
        await using var first = await StartAsync();
        var taken = new NpgsqlConnectionStringBuilder(first.ConnectionString).Port;
        var ports = new Queue<int>([taken, taken]);

        await using var second = await StartAsync(
            options => options with { DataFolder = temporary.Data + "-second", ChoosePort = () => ports.TryDequeue(out var port) ? port : FreePort.Choose() });

        ports.ShouldBeEmpty();
        (await ScalarAsync<int>(second, "select 2")).ShouldBe(2);
        (await ScalarAsync<int>(first, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_to_another()
    {
        await using var server = await StartAsync();

        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync());

        refusal.Message.ShouldStartWith($"The data folder {temporary.Data} is in use by another running process ({Environment.ProcessId})");
        (await ScalarAsync<int>(server, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_dies_is_started_anew_behind_the_same_connection_string()
    {
        await using var server = await StartAsync(options => options with { ChoosePort = ServerProcesses.ChoosePort });
        await ScalarAsync<object>(server, "create table kept (id int); insert into kept values (42)");

        await ServerProcesses.SignalAsync("KILL", ServerProcesses.Postmaster(temporary.Data)!.Value);

        await Eventually.TrueAsync(async () => server.Restarts == 1 && await AnswersAsync(server), TimeSpan.FromMinutes(5));
        (await ScalarAsync<int>(server, "select id from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task A_shell_that_dies_takes_no_server_with_it_for_long()
    {
        await using var server = await StartAsync(options => options with { ChoosePort = ServerProcesses.ChoosePort });
        var orphan = ServerProcesses.Postmaster(temporary.Data)!.Value;

        await ServerProcesses.SignalAsync("KILL", ServerProcesses.Parent(orphan));

        await Eventually.TrueAsync(async () => server.Restarts == 1 && await AnswersAsync(server), TimeSpan.FromMinutes(5));
        ServerProcesses.Exists(orphan).ShouldBeFalse();
    }

    [Fact]
    public async Task A_half_made_cluster_is_made_again()
    {
        Directory.CreateDirectory(Path.Combine(temporary.Data, "cluster.new", "base"));
        Directory.CreateDirectory(Path.Combine(temporary.Data, "cluster"));

        await using var server = await StartAsync();

        (await ScalarAsync<int>(server, "select 1")).ShouldBe(1);
        Directory.Exists(Path.Combine(temporary.Data, "cluster.new")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_lock_file_whose_number_now_belongs_to_someone_else_does_not_stop_the_start()
    {
        await using (await StartAsync())
        {
        }

        var stranger = new ProcessStartInfo("sleep", ["600"]) { WorkingDirectory = "/" };
        if (Environment.IsPrivilegedProcess)
        {
            stranger.UserName = "postgres";
        }

        using var process = Process.Start(stranger)!;
        try
        {
            var cluster = Path.Combine(temporary.Data, "cluster");
            await File.WriteAllTextAsync(Path.Combine(cluster, "postmaster.pid"), $"{process.Id}\n{cluster}\n");

            await using var server = await StartAsync();

            (await ScalarAsync<int>(server, "select 1")).ShouldBe(1);
            process.HasExited.ShouldBeFalse();
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Without_programs_one_sentence_says_what_to_do()
    {
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(
            () => StartAsync(options => options with { Programs = "/nowhere" }));

        refusal.Message.ShouldBe(
            "No PostgreSQL programs were found: install PostgreSQL 15 or newer (apt install postgresql-15), "
            + "or set ConnectionStrings:Postgres to a database such as that of docker-compose.yml.");
        await using var server = await StartAsync();
    }

    [Fact]
    public async Task A_cluster_of_a_version_that_is_not_installed_is_not_touched()
    {
        await using (await StartAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(temporary.Data, "cluster", "PG_VERSION"), "9\n");
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync());

        refusal.Message.ShouldStartWith($"{temporary.Data} was made by PostgreSQL 9, but only ");
    }

    [Fact]
    public async Task A_lost_password_is_said_to_be_lost()
    {
        await using (await StartAsync())
        {
        }

        File.Delete(Path.Combine(temporary.Data, "password"));
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync());

        refusal.Message.ShouldContain("password is missing beside its database");
    }

    [Fact]
    public async Task A_server_that_cannot_start_gives_its_own_reason_and_leaves_the_folder_free()
    {
        var refusal = await Should.ThrowAsync<EmbeddedPostgresException>(
            () => StartAsync(options => options with { Settings = new Dictionary<string, string> { ["shared_buffers"] = "nonsense" } }));

        refusal.Message.ShouldContain("shared_buffers");
        await using var server = await StartAsync();
    }

    [Fact]
    public async Task A_cancelled_start_leaves_the_folder_free()
    {
        using var cancelled = new CancellationTokenSource();
        var starting = EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = temporary.Data }, NullLoggerFactory.Instance, cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => starting);

        await using var server = await StartAsync();
    }

    [RootFact]
    public async Task Where_the_servers_user_cannot_go_the_data_is_kept_elsewhere()
    {
        var closed = Directory.CreateDirectory(
            Path.Combine(temporary.FullName, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = Path.Combine(closed.FullName, "postgres"),
            FallbackFolder = Path.Combine(temporary.FullName, "fallback"),
        };

        string kept;
        await using (var first = await EmbeddedPostgres.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None))
        {
            kept = first.DataFolder;
        }

        await using var second = await EmbeddedPostgres.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None);
        kept.ShouldStartWith(options.FallbackFolder);
        second.DataFolder.ShouldBe(kept);
    }

    [RootFact]
    public async Task Without_a_user_of_its_own_the_server_runs_as_nobody()
    {
        await using var server = await StartAsync(options => options with { ServerUser = "no-such-user" });

        ServerProcesses.User(ServerProcesses.Postmaster(temporary.Data)!.Value).ShouldNotBe(0);
        (await ScalarAsync<int>(server, "select 1")).ShouldBe(1);
    }

    [NpmFact]
    public async Task Programs_come_from_npm_where_the_machine_has_none()
    {
        await using (var first = await StartAsync(options => options with { Programs = "npm" }))
        {
            first.Version.ShouldStartWith("18");
            (await ScalarAsync<string>(first, "show server_version")).ShouldStartWith("18");
            await new CryptoAI.Storage.Migrations.MigrationRunner(NullLogger<CryptoAI.Storage.Migrations.MigrationRunner>.Instance)
                .RunAsync(NpgsqlDataSource.Create(first.ConnectionString), includeOrleans: true, CancellationToken.None);
            (await ScalarAsync<int>(first, "select ensure_price_partitions('2024-01-01', '2024-02-01')")).ShouldBe(2);
        }

        // A cluster stays with its version, whatever else is installed, and what was fetched is not fetched again.
        var fetched = Directory.GetLastWriteTimeUtc(temporary.Data + "-programs");
        await using var second = await StartAsync(options => options with { Programs = "auto" });
        second.Version.ShouldStartWith("18");
        Directory.GetLastWriteTimeUtc(temporary.Data + "-programs").ShouldBe(fetched);
    }

    private static async Task<bool> AnswersAsync(EmbeddedPostgres server)
    {
        try
        {
            return await ScalarAsync<int>(server, "select 1") == 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<T?> ScalarAsync<T>(EmbeddedPostgres server, string sql)
    {
        var alone = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false, Timeout = 60 };
        await using var connection = new NpgsqlConnection(alone.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    private Task<EmbeddedPostgres> StartAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null)
    {
        var options = new EmbeddedPostgresOptions { DataFolder = temporary.Data };
        return EmbeddedPostgres.StartAsync(change?.Invoke(options) ?? options, NullLoggerFactory.Instance, CancellationToken.None);
    }
}
