using System.Text.Json;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Assets;

/// <summary>One stored day of an asset.</summary>
/// <param name="Day">The UTC day it is the close of.</param>
/// <param name="Volume">USD traded.</param>
/// <param name="MarketCap">USD; null when it is not known.</param>
public readonly record struct StoredDay(DateOnly Day, double Close, double? Volume, double? MarketCap);

/// <summary>
/// What the ranking reads, daily candles of all assets that have any, and where it is kept: the model <c>asset-ranking</c> in ai_models, and one row of
/// model_performance for each day it was made.
/// </summary>
public sealed class RankingStore(NpgsqlDataSource dataSource)
{
    public const string ModelName = "asset-ranking";

    private const string DailySql =
        """
        select c.id, c.symbol, p.candle_time, p.close_price::float8, coalesce(p.quote_volume, p.volume)::float8, p.market_cap::float8
        from price_data p join cryptocurrencies c on c.id = p.crypto_id
        where p.timeframe = '1d' and p.candle_time >= @from and p.candle_time < @to
        order by c.symbol, p.candle_time
        """;

    private const string ModelSql =
        """
        insert into ai_models as m (
            name, version, architecture, model_type, status, configuration, performance_metrics, training_features, training_data_timeframe,
            target_variable, last_trained, last_prediction, is_active)
        values (@name, @version, 'regression', 'asset', 'active', @configuration::jsonb, @metrics::jsonb, @features::jsonb, '1d', 'trend', @now, @now, @deployed)
        on conflict (name, version) do update set
            configuration = excluded.configuration,
            performance_metrics = excluded.performance_metrics,
            training_features = excluded.training_features,
            last_trained = excluded.last_trained,
            last_prediction = excluded.last_prediction,
            is_active = excluded.is_active
        returning id
        """;

    private const string RetireSql = "update ai_models set is_active = false where name = @name and version <> @version and is_active";

    private const string PerformanceSql =
        """
        with gone as (
            delete from model_performance
            where model_id = @model and evaluation_metric = 'information_coefficient' and evaluation_data_range ->> 'day' = @day)
        insert into model_performance (
            model_id, evaluation_metric, metric_value, evaluation_data_range, evaluation_data_timeframe, evaluated_predictions_count,
            detailed_metrics, evaluation_date)
        values (@model, 'information_coefficient', @ic, jsonb_build_object('day', @day), '1d', @count, @ranking::jsonb, @now)
        """;

    private const string NewestSql =
        """
        select f.detailed_metrics::text, m.id
        from model_performance f join ai_models m on m.id = f.model_id
        where m.name = @name and f.evaluation_metric = 'information_coefficient'
        order by f.evaluation_date desc, f.id desc
        limit 1
        """;

    private const string HistorySql =
        """
        select f.id, f.evaluation_date, f.detailed_metrics::text
        from model_performance f join ai_models m on m.id = f.model_id
        where m.name = @name and f.evaluation_metric = 'information_coefficient' and (@after::bigint is null or f.id < @after)
        order by f.id desc
        limit @limit
        """;

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    /// <summary>Daily candles of every asset, followed or only imported, that start in [<paramref name="from"/>, <paramref name="to"/>), by symbol, oldest first.</summary>
    public async Task<IReadOnlyList<(long Id, string Symbol, IReadOnlyList<StoredDay> Days)>> ReadDailyAsync(
        DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = connection.Command(DailySql, ("from", from), ("to", to));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var assets = new List<(long Id, string Symbol, IReadOnlyList<StoredDay> Days)>();
        var days = new List<StoredDay>();
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetInt64(0);
            if (assets.Count == 0 || assets[^1].Id != id)
            {
                days = [];
                assets.Add((id, reader.GetString(1), days));
            }

            days.Add(new StoredDay(
                DateOnly.FromDateTime(reader.GetFieldValue<DateTimeOffset>(2).UtcDateTime),
                reader.GetDouble(3),
                reader.IsDBNull(4) ? null : reader.GetDouble(4),
                reader.IsDBNull(5) ? null : reader.GetDouble(5)));
        }

        return assets;
    }

    /// <summary>Keeps a day's ranking; that of the same day is replaced.</summary>
    /// <param name="ranking">To be kept.</param>
    /// <param name="version">Of the model: another specification is another version.</param>
    /// <param name="configuration">The specification, a JSON object.</param>
    /// <param name="cancellation">Ends the statements.</param>
    public async Task SaveAsync(AssetRanking ranking, string version, string configuration, CancellationToken cancellation)
    {
        var all = ranking.Skill.Count > 0 ? ranking.Skill[0] : null;
        var features = ranking.Assets.Count > 0 ? ranking.Assets[0].Features.Select(static feature => feature.Name) : [];
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.Command(RetireSql, ("name", ModelName), ("version", version)).ExecuteAsync(cancellation);
        await using var model = connection.Command(
            ModelSql,
            ("name", ModelName), ("version", version), ("configuration", configuration),
            ("metrics", JsonSerializer.Serialize(new { ranking.Verdict, ranking.Reason, all }, Json)),
            ("features", JsonSerializer.Serialize(features, Json)), ("now", ranking.MadeAt), ("deployed", ranking.Verdict == "edge"));
        var id = (long)(await model.ExecuteScalarAsync(cancellation))!;
        await connection.Command(
            PerformanceSql,
            ("model", id), ("day", ranking.Day.ToString("yyyy-MM-dd")), ("ic", all?.MeanIc ?? 0), ("count", all?.Days ?? 0),
            ("ranking", JsonSerializer.Serialize(ranking, Json)), ("now", ranking.MadeAt)).ExecuteAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The newest ranking and the model's id; null before the first.</summary>
    public async Task<(AssetRanking Ranking, long ModelId)?> GetAsync(CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var (text, id) = await connection.Command(NewestSql, ("name", ModelName))
            .OneAsync(static reader => (reader.GetString(0), reader.GetInt64(1)), cancellation);
        return text is null ? null : (JsonSerializer.Deserialize<AssetRanking>(text, Json)!, id);
    }

    /// <summary>Rankings, newest first.</summary>
    /// <param name="after">Id of the last one of the page before; null for the first page.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<(long Id, AssetRanking Ranking)[]> ListAsync(long? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(HistorySql, connection);
        command.Parameters.AddWithValue("name", ModelName);
        command.Parameters.Add(new NpgsqlParameter("after", NpgsqlDbType.Bigint) { Value = (object?)after ?? DBNull.Value });
        command.Parameters.AddWithValue("limit", limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rankings = new List<(long Id, AssetRanking Ranking)>();
        while (await reader.ReadAsync(cancellation))
        {
            rankings.Add((reader.GetInt64(0), JsonSerializer.Deserialize<AssetRanking>(reader.GetString(2), Json)!));
        }

        return [.. rankings];
    }
}
