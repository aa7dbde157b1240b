using CryptoAI.Grains.Interfaces.Portfolios;
using Npgsql;

namespace CryptoAI.Storage.Portfolios;

/// <summary>What the journal is read for.</summary>
public sealed partial class PortfolioStore
{
    private const string PositionActionsSql =
        $"""
        select {PortfolioRows.ActionColumns} from trade_actions a join portfolio p on p.id = a.portfolio_id
        where a.portfolio_id = @id and p.user_id = @user
        order by a.id
        """;

    private const string PageSql =
        $"""
        select {PortfolioRows.ActionColumns} from trade_actions a join portfolio p on p.id = a.portfolio_id
        where p.user_id = @user and (@id::bigint is null or a.portfolio_id = @id) and (@after::bigint is null or a.id < @after)
        order by a.id desc
        limit @limit
        """;

    private const string PositionsSql =
        $"""
        select {PortfolioRows.PositionColumns} from portfolio p
        where p.user_id = @user and (@closed::boolean is null or (p.trade_status = 'closed') = @closed) and (@after::bigint is null or p.id < @after)
        order by p.id desc
        limit @limit
        """;

    private const string JournalSql =
        $"""
        select {PortfolioRows.PositionColumns}, {PortfolioRows.ActionColumns}
        from portfolio p join trade_actions a on a.portfolio_id = p.id
        where p.user_id = @user and a.id > @after
        order by a.id
        limit @limit
        """;

    // The first entry that was not taken back, and the first stop that the position had.
    private const string ClosedSql =
        $"""
        select {PortfolioRows.PositionColumns}, {PortfolioRows.ActionColumns}, stops.first_stop
        from portfolio p
        join lateral (
            select * from trade_actions e
            where e.portfolio_id = p.id and e.action_type in ('buy', 'entry') and e.reverses_id is null
                and not exists (select from trade_actions r where r.reverses_id = e.id)
            order by e.id limit 1) a on true
        left join lateral (
            select s.stop_loss as first_stop from trade_actions s
            where s.portfolio_id = p.id and s.stop_loss is not null and s.reverses_id is null
                and not exists (select from trade_actions r where r.reverses_id = s.id)
            order by s.id limit 1) stops on true
        where p.user_id = @user and p.trade_status = 'closed'
        order by p.id desc
        limit @limit
        """;

    private const string KnownKeysSql =
        """
        select a.import_key, a.portfolio_id from trade_actions a join portfolio p on p.id = a.portfolio_id
        where p.user_id = @user and a.import_key = any (@keys)
        """;

    private const string ByIdsSql =
        $"""
        select {PortfolioRows.ActionColumns} from trade_actions a join portfolio p on p.id = a.portfolio_id
        where p.user_id = @user and a.id = any (@ids)
        """;

    /// <summary>All actions of a position of this person, in their order.</summary>
    public async Task<List<StoredAction>> GetActionsAsync(long userId, long positionId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(PositionActionsSql);
        command.Parameters.Add(new NpgsqlParameter<long>("id", positionId));
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        return await ReadActionsAsync(command, cancellation);
    }

    /// <summary>Actions, newest first.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="positionId">Of this position only; null: of all.</param>
    /// <param name="afterId">Id of the last action of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<StoredAction>> ListActionsAsync(
        long userId, long? positionId, long? afterId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(PageSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long?>("id", positionId));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ReadActionsAsync(command, cancellation);
    }

    /// <summary>Positions, newest first.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="closed">Closed ones or open ones only; null: both.</param>
    /// <param name="afterId">Id of the last position of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<StoredPosition>> ListPositionsAsync(
        long userId, bool? closed, long? afterId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(PositionsSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<bool?>("closed", closed));
        command.Parameters.Add(new NpgsqlParameter<long?>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var positions = new List<StoredPosition>();
        while (await reader.ReadAsync(cancellation))
        {
            positions.Add(PortfolioRows.ReadPosition(reader));
        }

        return positions;
    }

    /// <summary>Actions with their positions as they are now, oldest first.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="afterId">Id of the last action of the page before; 0 for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<(StoredPosition Position, StoredAction Action)>> ReadJournalAsync(
        long userId, long afterId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(JournalSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long>("after", afterId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<(StoredPosition, StoredAction)>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add((PortfolioRows.ReadPosition(reader), PortfolioRows.ReadAction(reader, PortfolioRows.PositionColumnCount)));
        }

        return rows;
    }

    /// <summary>Closed positions with what was noted at their first entry, newest first.</summary>
    public async Task<List<ClosedTrade>> ListClosedAsync(long userId, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ClosedSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var trades = new List<ClosedTrade>();
        while (await reader.ReadAsync(cancellation))
        {
            var entry = PortfolioRows.ReadAction(reader, PortfolioRows.PositionColumnCount);
            var stop = reader.FieldCount - 1;
            trades.Add(new ClosedTrade(
                PortfolioRows.ReadPosition(reader), entry.Note, entry.Price, reader.IsDBNull(stop) ? null : reader.GetDecimal(stop)));
        }

        return trades;
    }

    /// <summary>Those of these import keys that this person's actions have already, each with its position.</summary>
    public async Task<Dictionary<string, long>> GetKnownKeysAsync(long userId, string[] keys, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(KnownKeysSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<string[]>("keys", keys));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            known[reader.GetString(0)] = reader.GetInt64(1);
        }

        return known;
    }

    /// <summary>Those of these actions that are this person's.</summary>
    public async Task<List<StoredAction>> GetActionsAsync(long userId, long[] actionIds, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ByIdsSql);
        command.Parameters.Add(new NpgsqlParameter<long>("user", userId));
        command.Parameters.Add(new NpgsqlParameter<long[]>("ids", actionIds));
        return await ReadActionsAsync(command, cancellation);
    }

    private static async Task<List<StoredAction>> ReadActionsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var actions = new List<StoredAction>();
        while (await reader.ReadAsync(cancellation))
        {
            actions.Add(PortfolioRows.ReadAction(reader));
        }

        return actions;
    }
}
