using System.Data;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Timing;

/// <summary>Trading signals and what became of them.</summary>
public sealed class SignalStore(NpgsqlDataSource dataSource)
{
    private const int MaxIssued = 1_000;

    private const string ColumnList =
        """
        s.id, s.signal_type, s.rule, s.timeframe, s.entry_price, s.target_price, s.stop_loss, s.risk_reward_ratio,
            s.risk_level, s.confidence_score, s.time_horizon_hours, s.status, s.outcome, s.return_percent, s.created_at, s.expires_at,
            s.ended_at
        """;

    private const string InsertSql =
        """
        insert into trading_signals (
            crypto_id, signal_type, rule, timeframe, entry_price, target_price, stop_loss, risk_reward_ratio, risk_level,
            confidence_score, time_horizon_hours, status, outcome, created_at, expires_at, ai_analysis, market_context)
        values (
            @crypto, @side, @rule, @timeframe, @entry, @target, @stop, @riskReward, @riskLevel,
            @confidence, @horizon, 'active', 'open', @createdAt, @expiresAt, @analysis, @context)
        on conflict (crypto_id, rule, timeframe) where status = 'active' do nothing
        returning id
        """;

    private const string EndSql =
        """
        update trading_signals
        set status = @status, outcome = @outcome, return_percent = @return, ended_at = @endedAt
        where id = @id and status = 'active'
        """;

    private const string ActiveSql =
        $"""
        select {ColumnList} from trading_signals s
        where s.crypto_id = @crypto and s.status = 'active'
        order by s.id desc
        """;

    private const string IssuedSinceSql =
        $"""
        select {ColumnList} from trading_signals s
        where s.crypto_id = @crypto and s.created_at >= @since
        order by s.created_at, s.id
        limit @limit
        """;

    private const string ListSql =
        $"""
        select {ColumnList} from trading_signals s join cryptocurrencies c on c.id = s.crypto_id
        where c.symbol = @symbol
            and (@status::varchar is null or s.status = @status)
            and (@after::bigint is null or s.id < @after)
        order by s.id desc
        limit @limit
        """;

    /// <summary>
    /// Stores a new, active signal and gives its id; <see cref="Signal.Id"/> is not looked at. Null when the asset already has an
    /// active one of this rule and timeframe.
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="signal">Active, with outcome open.</param>
    /// <param name="analysisJson">A JSON object: what the signal rests on.</param>
    /// <param name="contextJson">A JSON object: the market at that time.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<long?> InsertAsync(
        long cryptoId, Signal signal, string analysisJson, string contextJson, CancellationToken cancellation)
    {
        if (signal is not { Status: SignalStatus.Active, Outcome: SignalOutcome.Open })
        {
            throw new ArgumentException($"A new signal is active and open, not {signal.Status} and {signal.Outcome}.", nameof(signal));
        }

        await using var command = dataSource.CreateCommand(InsertSql);
        var parameters = command.Parameters;
        parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        parameters.Add(new NpgsqlParameter<string>("side", signal.Side == SignalSide.Long ? "long" : "short"));
        parameters.Add(new NpgsqlParameter<string>("rule", signal.Rule));
        parameters.Add(new NpgsqlParameter<string>("timeframe", signal.Timeframe.Code()));
        parameters.Add(new NpgsqlParameter<decimal>("entry", signal.EntryPrice));
        parameters.Add(new NpgsqlParameter<decimal>("target", signal.TargetPrice));
        parameters.Add(new NpgsqlParameter<decimal>("stop", signal.StopLoss));
        parameters.Add(new NpgsqlParameter<decimal>("riskReward", signal.RiskReward));
        parameters.Add(new NpgsqlParameter<string>("riskLevel", signal.RiskLevel));
        parameters.Add(new NpgsqlParameter<decimal>("confidence", signal.Confidence));
        parameters.Add(new NpgsqlParameter<int>("horizon", signal.TimeHorizonHours));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("createdAt", signal.CreatedAt.ToUniversalTime()));
        parameters.Add(new NpgsqlParameter<DateTimeOffset>("expiresAt", signal.ExpiresAt.ToUniversalTime()));
        parameters.Add(new NpgsqlParameter<string>("analysis", NpgsqlDbType.Jsonb) { TypedValue = analysisJson });
        parameters.Add(new NpgsqlParameter<string>("context", NpgsqlDbType.Jsonb) { TypedValue = contextJson });
        return (long?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Stores how a signal ended. A signal that has already ended stays as it is.</summary>
    public async Task EndAsync(Signal ended, CancellationToken cancellation)
    {
        if (ended.Status == SignalStatus.Active)
        {
            throw new ArgumentException($"Signal {ended.Id} has not ended.", nameof(ended));
        }

        await using var command = dataSource.CreateCommand(EndSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", ended.Id));
        command.Parameters.Add(new NpgsqlParameter<string>("status", Code(ended.Status)));
        command.Parameters.Add(new NpgsqlParameter<string>("outcome", Code(ended.Outcome)));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("return", ended.ReturnPercent));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("endedAt", ended.EndedAt?.ToUniversalTime()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Signals of an asset still being followed, newest first.</summary>
    public async Task<Signal[]> GetActiveAsync(long cryptoId, string symbol, CancellationToken cancellation = default)
    {
        await using var command = dataSource.CreateCommand(ActiveSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        return await ReadAsync(command, symbol, cancellation);
    }

    /// <summary>An asset's signals issued at or after a moment, oldest first, at most 1,000, whatever became of them.</summary>
    public async Task<Signal[]> IssuedSinceAsync(long cryptoId, string symbol, DateTimeOffset since, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(IssuedSinceSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("since", since.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", MaxIssued));
        return await ReadAsync(command, symbol, cancellation);
    }

    /// <summary>Signals of an asset, newest first.</summary>
    /// <param name="symbol">The asset.</param>
    /// <param name="status">Null: any.</param>
    /// <param name="afterId">Id of the last signal of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Signal[]> ListAsync(
        string symbol, SignalStatus? status, long? afterId, int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<string>("symbol", symbol));
        command.Parameters.Add(new NpgsqlParameter<string?>("status", status is { } wanted ? Code(wanted) : null));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ReadAsync(command, symbol, cancellation);
    }

    private static async Task<Signal[]> ReadAsync(NpgsqlCommand command, string symbol, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var signals = new List<Signal>();
        while (await reader.ReadAsync(cancellation))
        {
            signals.Add(new Signal(
                reader.GetInt64(0),
                symbol,
                reader.GetString(1) == "long" ? SignalSide.Long : SignalSide.Short,
                reader.IsDBNull(2) ? "" : reader.GetString(2),
                reader.IsDBNull(3) ? Timeframe.H1 : Timeframes.Parse(reader.GetString(3)),
                reader.GetDecimal(4),
                reader.GetDecimal(5),
                reader.GetDecimal(6),
                reader.IsDBNull(7) ? 0 : reader.GetDecimal(7),
                reader.IsDBNull(8) ? "" : reader.GetString(8),
                reader.IsDBNull(9) ? 0 : reader.GetDecimal(9),
                reader.IsDBNull(10) ? 0 : reader.GetInt32(10),
                ParseStatus(reader.GetString(11)),
                ParseOutcome(reader.GetString(12)),
                reader.IsDBNull(13) ? null : reader.GetDecimal(13),
                reader.GetFieldValue<DateTimeOffset>(14),
                reader.IsDBNull(15) ? DateTimeOffset.MaxValue : reader.GetFieldValue<DateTimeOffset>(15),
                reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16)));
        }

        return [.. signals];
    }

    private static string Code(SignalStatus status) => status switch
    {
        SignalStatus.Active => "active",
        SignalStatus.Executed => "executed",
        SignalStatus.Expired => "expired",
        SignalStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    private static SignalStatus ParseStatus(string code) => code switch
    {
        "active" => SignalStatus.Active,
        "executed" => SignalStatus.Executed,
        "expired" => SignalStatus.Expired,
        "cancelled" => SignalStatus.Cancelled,
        _ => throw new DataException($"trading_signals.status is '{code}'."),
    };

    private static string Code(SignalOutcome outcome) => outcome switch
    {
        SignalOutcome.Open => "open",
        SignalOutcome.TargetHit => "target_hit",
        SignalOutcome.StopHit => "stop_hit",
        SignalOutcome.TimedOut => "timed_out",
        SignalOutcome.Withdrawn => "withdrawn",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    private static SignalOutcome ParseOutcome(string code) => code switch
    {
        "open" => SignalOutcome.Open,
        "target_hit" => SignalOutcome.TargetHit,
        "stop_hit" => SignalOutcome.StopHit,
        "timed_out" => SignalOutcome.TimedOut,
        "withdrawn" => SignalOutcome.Withdrawn,
        _ => throw new DataException($"trading_signals.outcome is '{code}'."),
    };
}
