using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Assets;

/// <summary>A recommendation whose horizon has ended.</summary>
/// <param name="Payload">What was advised, with prices of then.</param>
public sealed record DueOutcome(long Id, JsonObject Payload, DateTimeOffset DueAt);

/// <summary>What came of recommendations.</summary>
public sealed partial class RecommendationStore
{
    private const string DueSql =
        """
        select id, recommendation_payload::text, outcome_due_at from ai_recommendations
        where target_entity_type = @kind and target_entity_id = @target and outcome_due_at <= @now
        order by id
        """;

    // The close of the last whole day before the moment, at most three days old.
    private const string ClosesSql =
        """
        select p.crypto_id, p.close_price::float8
        from unnest(@assets) as a (id)
        cross join lateral (
            select crypto_id, close_price from price_data
            where crypto_id = a.id and timeframe = '1d' and candle_time <= @at - interval '1 day' and candle_time > @at - interval '4 days'
            order by candle_time desc limit 1) as p
        """;

    private const string OutcomeSql =
        "update ai_recommendations set outcome_result = outcome_result || @outcome::jsonb, outcome_due_at = null where id = @id and outcome_due_at is not null";

    /// <summary>Those of a target whose outcome is to be measured by now.</summary>
    public async Task<DueOutcome[]> DueAsync(RecommendationTarget target, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(DueSql, ("kind", RecommendationCodes.Code(target.Kind)), ("target", target.TargetId), ("now", now)).AllAsync(
            static reader => new DueOutcome(reader.GetInt64(0), JsonNode.Parse(reader.GetString(1))!.AsObject(), reader.GetFieldValue<DateTimeOffset>(2)), cancellation);
    }

    /// <summary>Daily closes of assets at a moment, by id; those without a close of the last three days are absent.</summary>
    public async Task<Dictionary<long, double>> ClosesAsync(IReadOnlyCollection<long> assets, DateTimeOffset at, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var closes = await connection.Command(ClosesSql, ("assets", assets.ToArray()), ("at", at))
            .AllAsync(static reader => (Id: reader.GetInt64(0), Close: reader.GetDouble(1)), cancellation);
        return closes.ToDictionary(static close => close.Id, static close => close.Close);
    }

    /// <summary>Keeps what came of one, once.</summary>
    public async Task<bool> SetOutcomeAsync(long id, JsonObject outcome, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(OutcomeSql, ("id", id), ("outcome", outcome.ToJsonString())).ExecuteAsync(cancellation) == 1;
    }
}
