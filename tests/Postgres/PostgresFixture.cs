using System.Diagnostics;
using System.Globalization;
using CryptoAI.Storage.Embedded;
using CryptoAI.Storage.Migrations;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CryptoAI.Tests.Postgres;

/// <summary>
/// One private PostgreSQL server for the whole process, started at the first use and gone with it. Databases are copies of a
/// migrated template: a fresh one takes some tens of milliseconds, so every test can have its own.
/// </summary>
public static class PostgresFixture
{
    private const string Prefix = "cryptoai-tests-";
    private const string Memory = "/dev/shm";
    private const long EnoughMemory = 8L << 30;

    // Seconds: for a connection, also out of a pool that others use, and for a statement, on a machine that is busy with other tests.
    private const int Patience = 180;
    private static readonly Lazy<Task<EmbeddedPostgres>> Shared = new(StartAsync);
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private static int databases;

    /// <summary>Set before the first use to measure with the product's own settings; tests do without flushing to disk.</summary>
    public static bool Durable { get; set; }

    /// <summary>The server, for tests that stop at its level.</summary>
    public static Task<EmbeddedPostgres> ServerAsync() => Shared.Value;

    /// <summary>A database of its own with all migrations applied, Orleans' tables included. Dispose to drop it.</summary>
    public static async Task<TestDatabase> CreateDatabaseAsync() => await CreateAsync(await Template.Value);

    /// <summary>A database of its own without any table. Dispose to drop it.</summary>
    public static Task<TestDatabase> CreateEmptyDatabaseAsync() => CreateAsync("template0");

    /// <summary>
    /// In memory where the machine has enough: a database is six hundred files, which a disk needs a fifth of a second to make, and nothing here outlives
    /// the process.
    /// </summary>
    private static string Place { get; } =
        Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > EnoughMemory ? Memory : Path.GetTempPath();

    private static async Task<TestDatabase> CreateAsync(string template)
    {
        var server = await Shared.Value;
        var name = $"test_{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(server, $"create database {name} template {template}");
        var connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Database = name,
            MaxPoolSize = 20,
            Timeout = Patience,
            CommandTimeout = Patience,
            IncludeErrorDetail = true,
        }.ConnectionString;
        return new TestDatabase(name, connectionString, () => ExecuteAsync(server, $"drop database {name} with (force)"));
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        RemoveLeftovers();
        var folder = Path.Combine(
            Durable ? Path.GetTempPath() : Place, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8]}");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["max_connections"] = "300" };
        if (!Durable)
        {
            settings["fsync"] = "off";
            settings["full_page_writes"] = "off";
        }

        var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), Settings = settings, StartTimeout = TimeSpan.FromMinutes(10) },
            NullLoggerFactory.Instance,
            CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.StopAsync().GetAwaiter().GetResult();
            Folders.Remove(folder);
            Folders.Remove(Path.GetDirectoryName(server.DataFolder)!);
        };
        return server;
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var server = await Shared.Value;
        await ExecuteAsync(server, "create database migrated");
        var connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "migrated", Pooling = false };
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await new MigrationRunner(NullLogger<MigrationRunner>.Instance).RunAsync(dataSource, includeOrleans: true, CancellationToken.None);
        return "migrated";
    }

    private static async Task ExecuteAsync(EmbeddedPostgres server, string sql)
    {
        var patient = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Timeout = Patience, CommandTimeout = Patience };
        await using var connection = new NpgsqlConnection(patient.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    // Of test processes that were killed; their servers stopped by themselves.
    private static void RemoveLeftovers()
    {
        foreach (var folder in new[] { Path.GetTempPath(), Place }.Distinct().SelectMany(place => Directory.EnumerateDirectories(place, Prefix + "*")))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (int.TryParse(owner, out var processId) && !Process.GetProcesses().Any(process => process.Id == processId))
            {
                try
                {
                    Directory.Delete(folder, recursive: true);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // Another user's, or another test process is removing it as well.
                }
            }
        }
    }
}

/// <summary>A database for one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly Func<Task> drop;

    internal TestDatabase(string name, string connectionString, Func<Task> drop)
    {
        this.drop = drop;
        Name = name;
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await drop();
    }
}
