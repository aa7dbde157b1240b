using System.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Engine.Local.Hosting;

/// <summary>
/// Keeps a second process away from the database: the local engine knows of no other, and two would both own every grain. It is a
/// session-level advisory lock on a connection of its own, so it ends with the process however that ends.
/// </summary>
internal sealed partial class DatabaseLock(
    IServiceProvider services,
    IOptions<LocalEngineOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<DatabaseLock> log) : IHostedService, IAsyncDisposable
{
    /// <summary>The bytes of "CryptoAI".</summary>
    public const long Key = 0x43727970746F4149;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stopping = new();
    private NpgsqlConnection? _connection;
    private Task _watch = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<NpgsqlDataSource>() is not { } database)
        {
            return;
        }

        if (!await TryTakeAsync(database, cancellationToken))
        {
            throw new InvalidOperationException(
                $"Another process uses the database {_connection?.Database ?? database.ConnectionString}: the local engine serves one process. "
                + "Stop the other one, give this one another database, or run a cluster with the Orleans engine.");
        }

        _watch = WatchAsync(database);
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watch;
        await CloseAsync();
    }

    // A killed predecessor's session may linger, so one that holds the lock is given some time.
    private async Task<bool> TryTakeAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        _connection = await database.OpenConnectionAsync(cancellation);
        while (true)
        {
            await using var command = new NpgsqlCommand("select pg_try_advisory_lock(@key)", _connection);
            command.Parameters.AddWithValue("key", Key);
            if (await command.ExecuteScalarAsync(cancellation) is true)
            {
                return true;
            }

            if (time.GetElapsedTime(start) >= options.Value.DatabaseLockTimeout)
            {
                return false;
            }

            await Task.Delay(RetryPeriod, time, cancellation);
        }
    }

    private async Task WatchAsync(NpgsqlDataSource database)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.DatabaseLockPeriod, time, _stopping.Token);
                try
                {
                    if (await HoldsAsync())
                    {
                        continue;
                    }

                    await CloseAsync();
                    if (await TryTakeAsync(database, _stopping.Token))
                    {
                        LogTakenAgain(log);
                        continue;
                    }

                    LogTakenOver(log);
                    lifetime.StopApplication();
                    return;
                }
                catch (NpgsqlException exception)
                {
                    LogUnreachable(log, exception);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            LogReleased(log);
        }
    }

    private async Task<bool> HoldsAsync()
    {
        if (_connection is null)
        {
            return false;
        }

        try
        {
            await using var command = new NpgsqlCommand(
                "select exists (select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid())", _connection);
            return await command.ExecuteScalarAsync(_stopping.Token) is true;
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            LogLost(log, exception);
            return false;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is not { } connection)
        {
            return;
        }

        _connection = null;
        await using (connection)
        {
            // Back in the pool the session may live on, and would keep the lock.
            if (connection.State != ConnectionState.Open)
            {
                return;
            }

            try
            {
                await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (NpgsqlException exception)
            {
                // The session is gone, and the lock with it.
                LogLost(log, exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session that holds the database for this process is lost; taking it again")]
    private static partial void LogLost(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is held for this process again")]
    private static partial void LogTakenAgain(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Another process has taken the database over; this one stops")]
    private static partial void LogTakenOver(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database cannot be reached, and is not held for this process meanwhile")]
    private static partial void LogUnreachable(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The database is released")]
    private static partial void LogReleased(ILogger logger);
}
