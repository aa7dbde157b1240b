using System.Diagnostics;
using System.Runtime.InteropServices;
using CryptoAI.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CryptoAI.Tests.Storage.Embedded;

/// <summary>
/// A process that runs the private PostgreSQL as the product does, to be killed by tests. This test assembly is its own
/// program: <c>dotnet exec CryptoAI.Storage.Tests.dll FOLDER</c>.
/// </summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private readonly Process process;

    private ServerHost(Process process, string connectionString)
    {
        this.process = process;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    public int ProcessId => process.Id;

    /// <summary>Starts the process, below another command if one is given, and waits until the server answers.</summary>
    public static async Task<ServerHost> StartAsync(string folder, params string[] prefix)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] command = [.. prefix, dotnet, "exec", typeof(ServerHost).Assembly.Location, folder];
        var started = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var answer = await started.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(10));
        return answer is null
            ? throw new InvalidOperationException(await started.StandardError.ReadToEndAsync())
            : new ServerHost(started, answer);
    }

    /// <summary>kill -9: no code of the process runs any more.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return process.ExitCode;
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        var alone = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 60 };
        await using var connection = new NpgsqlConnection(alone.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private static async Task<int> Main(string[] arguments)
    {
        var stop = new TaskCompletionSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = arguments[0] }, NullLoggerFactory.Instance, CancellationToken.None);
        Console.WriteLine(server.ConnectionString);
        await stop.Task;

        // What a Ctrl-C must not have done already: the server still works while the product says its last words to it.
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "create table if not exists last_words (said timestamptz default now()); insert into last_words default values", connection);
        await command.ExecuteNonQueryAsync();
        return 0;
    }
}
