using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>An asset of a watchlist.</summary>
/// <param name="Side">long or short.</param>
/// <param name="Weight">0 to 1.</param>
/// <param name="TargetPercent">0 to 100.</param>
public sealed record ListedAsset(long CryptoId, string Symbol, string Side, int Position, decimal? Weight, decimal? TargetPercent);

/// <summary>An open position.</summary>
/// <param name="CryptoId">Null for an asset that the system does not know.</param>
/// <param name="CostBasis">USD that what remains was entered for.</param>
/// <param name="StopPrice">USD; null when there is none.</param>
/// <param name="TargetPercent">Of the portfolio; null when there is none.</param>
/// <param name="MostPercent">Of the portfolio.</param>
public sealed record HeldPosition(
    long Id, long UserId, long? CryptoId, string Symbol, bool IsShort, bool IsStablecoin, decimal Quantity, decimal? EntryPrice, decimal CostBasis, decimal? StopPrice,
    decimal? TargetPercent, decimal MostPercent);

/// <summary>Closed positions of one emotion at their first entry.</summary>
/// <param name="Deviation">Standard deviation of the profits, USD.</param>
public sealed record EmotionRecord(string Emotion, int Trades, double MeanProfit, double Deviation);

/// <summary>What recommendations to people rest on, read where it stands.</summary>
public sealed class RecommendationFacts(NpgsqlDataSource dataSource)
{
    private const string TargetsSql =
        """
        select kind, id from (
            select 1 as place, 'watchlist' as kind, id from watchlists where is_active
            union all select 2, 'portfolio', id from portfolio where trade_status <> 'closed'
            union all select 3, 'user', user_id from (select distinct user_id from portfolio where trade_status <> 'closed') as people
            union all select 4, 'asset', id from cryptocurrencies where is_active and is_supported
            union all select 5, 'strategy', id from ai_models where model_type = 'asset'
            union all select 6, target_entity_type, target_entity_id from (
                select distinct target_entity_type, target_entity_id from ai_recommendations
                where status in ('pending', 'approved') or outcome_due_at is not null) as standing
        ) as targets
        group by kind, id
        order by min(place), id
        """;

    private const string WatchlistSql =
        """
        select a.crypto_id, c.symbol, a.position_type, a.position, a.weight, a.target_allocation
        from watchlists w
        join watchlist_assets a on a.watchlist_id = w.id and a.is_active
        join cryptocurrencies c on c.id = a.crypto_id
        where w.id = @id and w.is_active
        order by a.position, a.id
        """;

    private const string PositionsSql =
        """
        select id, user_id, crypto_id, asset_symbol, asset_type = 'Short Position', asset_type = 'Stablecoin', quantity, entry_price, cost_basis, nullif(stop_loss_price, 0),
            allocation_target_percent, max_allocation_percent
        from portfolio
        where user_id = @user and trade_status <> 'closed' and quantity > 0
        order by id
        """;

    private const string PositionOwnerSql = "select user_id from portfolio where id = @id and trade_status <> 'closed'";

    private const string OwnerSql = "select user_id from watchlists where id = @id and is_active";

    private const string HasLimitsSql = "select exists (select from risk_management where user_id = @user and risk_rules <> '{}')";

    private const string MayAskSql =
        """
        select case @kind
            when 'watchlist' then exists (select from watchlists w where w.id = @id and w.is_active and (w.user_id = u.id or (w.user_id is null and u.role = 'admin')))
            when 'portfolio' then exists (select from portfolio p where p.id = @id and p.user_id = u.id)
            when 'user' then u.id = @id
            when 'asset' then u.role = 'admin' and exists (select from cryptocurrencies where id = @id)
            else u.role = 'admin' and exists (select from ai_models where id = @id)
        end
        from users u where u.id = @user
        """;

    private const string EmotionsSql =
        """
        select e.emotion_state, count(*)::int, avg(p.pnl_realized_usd)::float8, coalesce(stddev_samp(p.pnl_realized_usd), 0)::float8
        from portfolio p
        cross join lateral (
            select emotion_state from trade_actions where portfolio_id = p.id order by id limit 1) as e
        where p.user_id = @user and p.trade_status = 'closed' and e.emotion_state is not null
        group by e.emotion_state
        order by e.emotion_state
        """;

    /// <summary>Everything that something may be recommended for, and everything that recommendations stand for.</summary>
    public async Task<(string Kind, long Id)[]> TargetsAsync(CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(TargetsSql).AllAsync(static reader => (reader.GetString(0), reader.GetInt64(1)), cancellation);
    }

    /// <summary>Whether somebody may have a target looked at: the owner, for what is everyone's an administrator.</summary>
    public async Task<bool> MayAskAsync(long userId, RecommendationTarget target, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(MayAskSql, ("user", userId), ("kind", RecommendationCodes.Code(target.Kind)), ("id", target.TargetId))
            .OneAsync(static reader => reader.GetBoolean(0), cancellation);
    }

    /// <summary>A watchlist's owner (null: a default list) and assets; null when there is no such list.</summary>
    public async Task<(long? OwnerId, ListedAsset[] Assets)?> WatchlistAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var owners = await connection.Command(OwnerSql, ("id", id)).AllAsync(static reader => reader.IsDBNull(0) ? (long?)null : reader.GetInt64(0), cancellation);
        return owners.Length == 0
            ? null
            : (owners[0], await connection.Command(WatchlistSql, ("id", id)).AllAsync(
                static reader => new ListedAsset(
                    reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3),
                    reader.IsDBNull(4) ? null : reader.GetDecimal(4), reader.IsDBNull(5) ? null : reader.GetDecimal(5)),
                cancellation));
    }

    /// <summary>Whose position it is; null when there is no such open one.</summary>
    public async Task<long?> PositionOwnerAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(PositionOwnerSql, ("id", id)).OneAsync(static reader => (long?)reader.GetInt64(0), cancellation);
    }

    /// <summary>A person's open positions.</summary>
    public async Task<HeldPosition[]> PositionsAsync(long userId, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(PositionsSql, ("user", userId)).AllAsync(
            static reader => new HeldPosition(
                reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetString(3), reader.GetBoolean(4), reader.GetBoolean(5),
                reader.GetDecimal(6), reader.IsDBNull(7) ? null : reader.GetDecimal(7), reader.GetDecimal(8),
                reader.IsDBNull(9) ? null : reader.GetDecimal(9), reader.IsDBNull(10) ? null : reader.GetDecimal(10), reader.GetDecimal(11)),
            cancellation);
    }

    /// <summary>Whether a person has set limits, and how trades went by what was felt when they were entered.</summary>
    public async Task<(bool HasLimits, EmotionRecord[] Emotions)> HabitsAsync(long userId, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var hasLimits = await connection.Command(HasLimitsSql, ("user", userId)).OneAsync(static reader => reader.GetBoolean(0), cancellation);
        return (hasLimits, await connection.Command(EmotionsSql, ("user", userId)).AllAsync(
            static reader => new EmotionRecord(reader.GetString(0), reader.GetInt32(1), reader.GetDouble(2), reader.GetDouble(3)), cancellation));
    }
}
