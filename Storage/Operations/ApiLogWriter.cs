using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Operations;

/// <summary>
/// Logs outgoing calls in external_api_logs, a batch a second, and deletes old ones hourly. What finds the buffer full is
/// dropped and counted (meter <c>CryptoAI.Storage</c>). Thread-safe.
/// </summary>
public sealed partial class ApiLogWriter : BackgroundService
{
    private const int MaxBatch = 2000;
    private const int MaxSample = 2000;
    private const int DeleteBatch = 5000;

    private const string CopySql =
        """
        copy external_api_logs (
            api_provider, endpoint, http_method, response_status, response_time_ms, request_params, response_data, error_message,
            created_at)
        from stdin (format binary)
        """;

    private const string DeleteSql =
        """
        delete from external_api_logs
        where id in (select id from external_api_logs where created_at < @before limit @limit)
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetentionPace = TimeSpan.FromHours(1);

    private readonly NpgsqlDataSource _dataSource;
    private readonly StorageOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ApiLogWriter> _log;
    private readonly Channel<ApiCall> _queue;
    private readonly Meter _meter;
    private readonly Counter<long> _writtenCounter;
    private readonly Counter<long> _droppedCounter;
    private readonly List<ApiCall> _batch = [];
    private long _successes;
    private long _dropped;

    public ApiLogWriter(
        NpgsqlDataSource dataSource, IOptions<StorageOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<ApiLogWriter> log)
    {
        _dataSource = dataSource;
        _options = options.Value;
        _clock = clock;
        _log = log;
        _queue = Channel.CreateBounded<ApiCall>(new BoundedChannelOptions(_options.ApiLogBuffer) { SingleReader = true });
        _meter = meters.Create("CryptoAI.Storage");
        _writtenCounter = _meter.CreateCounter<long>("storage.api_log.written", "{call}", "Outgoing calls logged.");
        _droppedCounter = _meter.CreateCounter<long>("storage.api_log.dropped", "{call}", "Outgoing calls not logged: buffer full or row refused.");
    }

    /// <summary>Calls not logged because the buffer was full or the database refused the row.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes a call to be logged. Never blocks and never throws.</summary>
    public void Write(ApiCall call)
    {
        // Failures are always kept; of successes, one in so many.
        if (call is { Error: null, ResponseStatus: null or (>= 200 and < 300) }
            && (Interlocked.Increment(ref _successes) - 1) % _options.ApiLogSuccessEvery != 0)
        {
            return;
        }

        if (!_queue.Writer.TryWrite(call))
        {
            Drop();
        }
    }

    /// <summary>Deletes logged calls older than the retention, a few thousand at a time.</summary>
    /// <returns>How many.</returns>
    public async Task<int> DeleteOldAsync(CancellationToken cancellation)
    {
        var before = _clock.GetUtcNow().AddDays(-_options.ApiLogRetentionDays);
        for (var total = 0; ;)
        {
            await using var command = _dataSource.CreateCommand(DeleteSql);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("before", before));
            command.Parameters.Add(new NpgsqlParameter<int>("limit", DeleteBatch));
            var deleted = await command.ExecuteNonQueryAsync(cancellation);
            total += deleted;
            if (deleted < DeleteBatch)
            {
                return total;
            }
        }
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <summary>Also writes what still waits, for as long as the options allow, be it that the work had not even begun.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is { IsCompleted: true })
        {
            await SayLastWordsAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, _clock);
        var lastRetention = _clock.GetTimestamp();
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                failing = await TryFlushAsync(failing, stoppingToken);
                if (!failing && _clock.GetElapsedTime(lastRetention) >= RetentionPace)
                {
                    lastRetention = _clock.GetTimestamp();
                    await TryDeleteOldAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits is written by the one who stops.
        }
    }

    /// <summary>Writes what still waits when the product stops, for as long as the options allow: a log must not hold up the end.</summary>
    private async Task SayLastWordsAsync(CancellationToken hurry)
    {
        using var patience = new CancellationTokenSource(_options.ShutdownFlush, _clock);
        await using var hurried = hurry.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            await TryFlushAsync(failing: false, patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogAbandoned(_batch.Count + _queue.Reader.Count);
        }
    }

    private async Task<bool> TryFlushAsync(bool failing, CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(cancellation);
            return false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            if (!failing)
            {
                LogFailed(e);
            }

            return true;
        }
    }

    private async Task TryDeleteOldAsync(CancellationToken cancellation)
    {
        try
        {
            var deleted = await DeleteOldAsync(cancellation);
            if (deleted > 0)
            {
                LogDeleted(deleted);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    /// <summary>Writes all that waits. A batch that could not be written stays for the next time.</summary>
    private async Task FlushAsync(CancellationToken cancellation)
    {
        while (true)
        {
            while (_batch.Count < MaxBatch && _queue.Reader.TryRead(out var call))
            {
                _batch.Add(call);
            }

            if (_batch.Count == 0)
            {
                return;
            }

            try
            {
                await CopyAsync(_batch, cancellation);
                _writtenCounter.Add(_batch.Count);
            }
            catch (PostgresException e) when (IsDataError(e))
            {
                await CopyOneByOneAsync(cancellation);
            }

            _batch.Clear();
        }
    }

    private async Task CopyOneByOneAsync(CancellationToken cancellation)
    {
        while (_batch.Count > 0)
        {
            // What others sent is the likeliest reason, so the row is tried without it before it is given up.
            var call = _batch[^1];
            if (await TryCopyAsync(call, cancellation) || await TryCopyAsync(call with { RequestParams = null, ResponseSample = null }, cancellation))
            {
                _writtenCounter.Add(1);
            }
            else
            {
                Drop();
            }

            _batch.RemoveAt(_batch.Count - 1);
        }
    }

    private async Task<bool> TryCopyAsync(ApiCall call, CancellationToken cancellation)
    {
        try
        {
            await CopyAsync([call], cancellation);
            return true;
        }
        catch (PostgresException e) when (IsDataError(e))
        {
            LogRefused(e, call.Endpoint);
            return false;
        }
    }

    private async Task CopyAsync(List<ApiCall> calls, CancellationToken cancellation)
    {
        await using var connection = await _dataSource.OpenConnectionAsync(cancellation);
        await using var rows = await connection.BeginBinaryImportAsync(CopySql, cancellation);
        foreach (var call in calls)
        {
            await rows.StartRowAsync(cancellation);
            await rows.WriteAsync(Clean(call.Provider), NpgsqlDbType.Varchar, cancellation);
            await rows.WriteAsync(Clean(call.Endpoint), NpgsqlDbType.Varchar, cancellation);
            await rows.WriteAsync(Clean(call.HttpMethod), NpgsqlDbType.Varchar, cancellation);
            await WriteAsync(rows, call.ResponseStatus, cancellation);
            await rows.WriteAsync(ToMilliseconds(call.ResponseTimeMs), NpgsqlDbType.Numeric, cancellation);
            await WriteAsync(rows, call.RequestParams is { } given ? JsonSerializer.Serialize(given) : null, NpgsqlDbType.Jsonb, cancellation);
            await WriteAsync(rows, call.ResponseSample is { } sample ? ToJson(sample) : null, NpgsqlDbType.Jsonb, cancellation);
            await WriteAsync(rows, call.Error is { } error ? Clean(error) : null, NpgsqlDbType.Text, cancellation);
            await rows.WriteAsync(call.At.UtcDateTime, NpgsqlDbType.TimestampTz, cancellation);
        }

        await rows.CompleteAsync(cancellation);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter rows, int? value, CancellationToken cancellation)
    {
        if (value is { } known)
        {
            await rows.WriteAsync(known, NpgsqlDbType.Integer, cancellation);
        }
        else
        {
            await rows.WriteNullAsync(cancellation);
        }
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter rows, string? value, NpgsqlDbType type, CancellationToken cancellation)
    {
        if (value is null)
        {
            await rows.WriteNullAsync(cancellation);
        }
        else
        {
            await rows.WriteAsync(value, type, cancellation);
        }
    }

    private static decimal ToMilliseconds(double value) =>
        double.IsFinite(value) ? Math.Round((decimal)Math.Clamp(value, 0, 1e12), 3) : 0;

    /// <summary>JSON as it is; anything else, and what is cut short, as a JSON string.</summary>
    private static string ToJson(string sample)
    {
        if (sample.Length <= MaxSample)
        {
            try
            {
                using var parsed = JsonDocument.Parse(sample);
                return sample;
            }
            catch (JsonException)
            {
                // Not JSON: kept as text below.
            }
        }

        return JsonSerializer.Serialize(Clean(sample));
    }

    /// <summary>Cut to a bounded length, without the NUL that PostgreSQL's text cannot hold.</summary>
    private static string Clean(string text) =>
        (text.Length <= MaxSample ? text : text[..MaxSample]).Replace('\0', '\uFFFD');

    private static bool IsDataError(PostgresException e) =>
        e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal);

    private void Drop()
    {
        Interlocked.Increment(ref _dropped);
        _droppedCounter.Add(1);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log of outgoing calls could not be written; trying again.")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped before {Count} outgoing calls were logged.")]
    private partial void LogAbandoned(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database refuses the logged call of {Endpoint}.")]
    private partial void LogRefused(Exception error, string endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted {Count} old logged calls.")]
    private partial void LogDeleted(int count);
}
