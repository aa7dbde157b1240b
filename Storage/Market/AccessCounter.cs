using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>
/// Counts how often people ask for an asset and adds the counts to its row (access_count, last_accessed_at, timeframe_usage)
/// every few seconds. What could not be written is added with the next turn; it holds one entry for each asset. Thread-safe.
/// </summary>
public sealed partial class AccessCounter(NpgsqlDataSource dataSource, TimeProvider clock, ILogger<AccessCounter> log) : BackgroundService
{
    /// <summary>Assets counted at once; more are not.</summary>
    public const int MaxAssets = 10_000;

    private const string AddSql =
        """
        with locked as materialized (
            select id from cryptocurrencies where id = any (@ids) order by id for no key update),
        usage as (
            select u.id, jsonb_object_agg(u.timeframe, coalesce((c.timeframe_usage ->> u.timeframe)::bigint, 0) + u.uses) as counts
            from unnest(@usageIds, @timeframes, @uses) as u (id, timeframe, uses)
            join cryptocurrencies c on c.id = u.id
            group by u.id)
        update cryptocurrencies as c set
            access_count = least(c.access_count::bigint + a.count, 2147483647)::integer,
            last_accessed_at = greatest(c.last_accessed_at, a.at),
            timeframe_usage = c.timeframe_usage || coalesce(usage.counts, '{}')
        from unnest(@ids, @counts, @times) as a (id, count, at)
        join locked using (id)
        left join usage using (id)
        where c.id = a.id
        """;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Dictionary<long, Accesses> _waiting = [];

    /// <summary>Counts one access, of one timeframe's candles or (null) of the asset itself.</summary>
    public void Mark(long cryptoId, Timeframe? timeframe)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(cryptoId, out var accesses))
            {
                if (_waiting.Count >= MaxAssets)
                {
                    return;
                }

                _waiting[cryptoId] = accesses = new Accesses();
            }

            accesses.Count++;
            accesses.LastAt = clock.GetUtcNow();
            if (timeframe is { } used)
            {
                accesses.Uses[(int)used]++;
            }
        }
    }

    /// <summary>Writes what was counted since the last time. One caller at a time.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        Dictionary<long, Accesses> taken;
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            taken = _waiting;
            _waiting = [];
        }

        try
        {
            await WriteAsync(taken, cancellation);
        }
        catch (Exception)
        {
            PutBack(taken);
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryFlushAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
            await TryFlushAsync(brief.Token);
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellation)
    {
        try
        {
            await FlushAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(e);
        }
    }

    private async Task WriteAsync(Dictionary<long, Accesses> accesses, CancellationToken cancellation)
    {
        var usageIds = new List<long>();
        var timeframes = new List<string>();
        var uses = new List<long>();
        foreach (var (cryptoId, counted) in accesses)
        {
            for (var i = 0; i < counted.Uses.Length; i++)
            {
                if (counted.Uses[i] > 0)
                {
                    usageIds.Add(cryptoId);
                    timeframes.Add(((Timeframe)i).Code());
                    uses.Add(counted.Uses[i]);
                }
            }
        }

        await using var command = dataSource.CreateCommand(AddSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", [.. accesses.Keys]));
        command.Parameters.Add(new NpgsqlParameter<long[]>("counts", [.. accesses.Values.Select(a => a.Count)]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", [.. accesses.Values.Select(a => a.LastAt)]));
        command.Parameters.Add(new NpgsqlParameter<List<long>>("usageIds", usageIds));
        command.Parameters.Add(new NpgsqlParameter<List<string>>("timeframes", timeframes));
        command.Parameters.Add(new NpgsqlParameter<List<long>>("uses", uses));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private void PutBack(Dictionary<long, Accesses> accesses)
    {
        lock (_gate)
        {
            foreach (var (cryptoId, older) in accesses)
            {
                if (!_waiting.TryAdd(cryptoId, older))
                {
                    var newer = _waiting[cryptoId];
                    newer.Count += older.Count;
                    for (var i = 0; i < newer.Uses.Length; i++)
                    {
                        newer.Uses[i] += older.Uses[i];
                    }
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access counts could not be written; they go with the next turn.")]
    private partial void LogFailed(Exception error);

    private sealed class Accesses
    {
        public long Count { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public long[] Uses { get; } = new long[Timeframes.Count];
    }
}
