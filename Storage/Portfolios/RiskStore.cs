using System.Text.Json;
using System.Text.Json.Serialization;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Portfolios;

/// <summary>People's own limits and their last calculated risk (risk_management), and signals they followed (signal_executions).</summary>
public sealed class RiskStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private const string GetSql = "select max_position_size, max_portfolio_risk, risk_rules from risk_management where user_id = @user";

    private const string SetSql =
        $"""
        with changed as (
            insert into risk_management (user_id, max_position_size, max_portfolio_risk, risk_rules)
            values (@user, @size, @risk, @rules)
            on conflict (user_id) do update set
                max_position_size = excluded.max_position_size,
                max_portfolio_risk = excluded.max_portfolio_risk,
                risk_rules = excluded.risk_rules
            returning id)
        {ActivityStore.Insert} 'risk_update', 'risk_management', 'update', id, @rules from changed
        """;

    private const string KeepSql =
        """
        insert into risk_management (user_id, current_exposure, risk_metrics, last_calculated)
        values (@user, @exposure, @metrics, @at)
        on conflict (user_id) do update set
            current_exposure = excluded.current_exposure,
            risk_metrics = excluded.risk_metrics,
            last_calculated = excluded.last_calculated
        """;

    private const string ExecutionColumns =
        """
        id, signal_id, action_id, execution_price, position_size, portfolio_percentage, status, executed_at, execution_type,
            nullif(execution_details, '{}')::text
        """;

    private const string Nothing = "{}";

    private const string TypeOfAction =
        """
        case when exists (select from trade_actions where id = @action and action_source in ('algorithm', 'copy_trade')) then 'automatic' else 'manual' end
        """;

    private const string ExecuteSql =
        $"""
        with created as (
            insert into signal_executions (
                signal_id, user_id, execution_price, position_size, portfolio_percentage, execution_type, status, execution_details,
                executed_at, action_id)
            select s.id, @user, @price, @size, @percentage, {TypeOfAction}, @status, coalesce(@details, '{Nothing}'::jsonb), @executedAt, @action
            from trading_signals s where s.id = @signal
            returning *),
        audit as (
            {ActivityStore.Insert} 'portfolio_update', 'signal_execution', 'create', id, jsonb_build_object('signalId', signal_id) from created)
        select {ExecutionColumns} from created
        """;

    private const string SettleSql =
        $"""
        with settled as (
            update signal_executions set
                execution_price = coalesce(@price, execution_price),
                position_size = coalesce(@size, position_size),
                portfolio_percentage = coalesce(@percentage, portfolio_percentage),
                execution_type = case when @action::bigint is null then execution_type else {TypeOfAction} end,
                status = @status,
                execution_details = coalesce(@details, execution_details),
                executed_at = coalesce(@executedAt, executed_at),
                action_id = coalesce(@action, action_id)
            where id = @id and user_id = @user and status in ('pending', 'partially_filled')
            returning *),
        audit as (
            {ActivityStore.Insert} 'portfolio_update', 'signal_execution', 'update', id, jsonb_build_object('status', status) from settled)
        select {ExecutionColumns} from settled
        """;

    private const string ListSql =
        $"""
        select {ExecutionColumns} from signal_executions
        where user_id = @user and (@id::bigint is null or id = @id) and (@after::bigint is null or id < @after)
        order by id desc
        limit @limit
        """;

    /// <summary>A person's limits; none when nothing was ever set.</summary>
    public async Task<RiskSettings> GetAsync(long userId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
        {
            return RiskSettings.None;
        }

        var rules = JsonSerializer.Deserialize<Rules>(reader.GetString(2), Json)!;
        decimal? size = reader.IsDBNull(0) ? null : reader.GetDecimal(0);
        decimal? risk = reader.IsDBNull(1) ? null : reader.GetDecimal(1);
        return new RiskSettings(
            rules.Capital,
            [
                .. (rules.Limits ?? []).Select(limit => limit.Kind switch
                {
                    LimitKind.PositionSize => limit with { Value = size ?? limit.Value },
                    LimitKind.PortfolioRisk => limit with { Value = risk ?? limit.Value },
                    _ => limit,
                }),
            ]);
    }

    public async Task SetAsync(Actor actor, RiskSettings settings, CancellationToken cancellation)
    {
        decimal? Value(LimitKind kind) => Array.Find(settings.Limits, limit => limit.Kind == kind)?.Value;
        await using var command = dataSource.CreateCommand(SetSql);
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("size", Value(LimitKind.PositionSize)));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("risk", Value(LimitKind.PortfolioRisk)));
        command.Parameters.Add(new NpgsqlParameter<string>("rules", NpgsqlDbType.Jsonb)
        {
            TypedValue = JsonSerializer.Serialize(new Rules(settings.Capital, settings.Limits), Json),
        });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Keeps what was calculated, for whoever looks at the table.</summary>
    public async Task KeepAsync(long userId, AssetExposure[] exposure, RiskMetrics metrics, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(KeepSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string>("exposure", NpgsqlDbType.Jsonb)
        {
            TypedValue = JsonSerializer.Serialize(exposure.ToDictionary(static asset => asset.Asset, static asset => asset.Net), Json),
        });
        command.Parameters.Add(new NpgsqlParameter<string>("metrics", NpgsqlDbType.Jsonb) { TypedValue = JsonSerializer.Serialize(metrics, Json) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("at", clock.GetUtcNow()));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Notes that a signal was followed. Null when there is no such signal.</summary>
    /// <exception cref="RefusedException">The action followed a signal already.</exception>
    public async Task<SignalExecution?> ExecuteAsync(Actor actor, SignalExecution execution, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ExecuteSql);
        command.Parameters.Add(new NpgsqlParameter<long>("signal", execution.SignalId));
        return await WriteAsync(command, actor, execution, cancellation);
    }

    /// <summary>Settles a person's execution; what is null stays. Null when there is none of that id that is pending or partly filled.</summary>
    /// <exception cref="RefusedException">The action followed a signal already.</exception>
    public async Task<SignalExecution?> SettleAsync(Actor actor, SignalExecution execution, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(SettleSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", execution.Id));
        return await WriteAsync(command, actor, execution, cancellation);
    }

    /// <summary>The signals that a person followed, newest first.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="id">Only this execution; null: all.</param>
    /// <param name="afterId">The last one of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<SignalExecution[]> ListExecutionsAsync(long userId, long? id, long? afterId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long?>("id", id));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ReadAsync(command, cancellation);
    }

    private static async Task<SignalExecution?> WriteAsync(NpgsqlCommand command, Actor actor, SignalExecution execution, CancellationToken cancellation)
    {
        command.AddActor(actor);
        command.Parameters.Add(new NpgsqlParameter<long>("user", actor.UserId));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("price", execution.Price));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("size", execution.PositionSize));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("percentage", execution.PortfolioPercentage));
        command.Parameters.Add(new NpgsqlParameter<string>("status", PortfolioCodes.Code(execution.Status)));
        command.Parameters.Add(new NpgsqlParameter("details", NpgsqlDbType.Jsonb) { Value = (object?)execution.Details ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("executedAt", execution.ExecutedAt?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<long?>("action", execution.ActionId));
        try
        {
            return (await ReadAsync(command, cancellation)).SingleOrDefault();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new RefusedException(Refusal.Conflict, "This action is tied to a signal already.");
        }
    }

    private static async Task<SignalExecution[]> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var executions = new List<SignalExecution>();
        while (await reader.ReadAsync(cancellation))
        {
            decimal? Number(int column) => reader.IsDBNull(column) ? null : reader.GetDecimal(column);
            executions.Add(new SignalExecution(
                reader.GetInt64(0), reader.GetInt64(1), reader.Number(2), Number(3), Number(4), Number(5),
                PortfolioCodes.Parse<ExecutionStatus>(reader.GetString(6)), reader.Time(7), PortfolioCodes.Parse<ExecutionType>(reader.GetString(8)), reader.Text(9)));
        }

        return [.. executions];
    }

    private sealed record Rules(decimal? Capital = null, RiskLimit[]? Limits = null);
}
