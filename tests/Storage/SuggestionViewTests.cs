using CryptoAI.Tests.Postgres;
using Npgsql;

namespace CryptoAI.Tests.Storage;

/// <summary>ai_suggestions behaves as the table it was.</summary>
public sealed class SuggestionViewTests : IAsyncLifetime
{
    private TestDatabase database = null!;
    private long asset;
    private long watchlist;

    public async Task InitializeAsync()
    {
        database = await PostgresFixture.CreateDatabaseAsync();
        asset = await database.AddAssetAsync();
        watchlist = await database.ScalarAsync<long>(
            "insert into watchlists (name, watchlist_type) values ('default', 'default') returning id");
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Every_column_comes_back_as_it_was_written()
    {
        var user = await database.AddUserAsync();
        var values =
            $$"""
            {{watchlist}}::bigint, {{asset}}::bigint, 'tier_change'::varchar, 3, 0.87::numeric, '{"because": null, "list": [1, 2]}'::jsonb,
            '{"regime": "bull"}'::jsonb, 4, 0.125::numeric, 12.5::numeric, 0.3::numeric, 'implemented'::varchar, {{user}}::bigint,
            '2026-01-02 03:04:05Z'::timestamptz, '2026-01-03Z'::timestamptz,
            -1.5::numeric, 0.75::numeric, '2026-01-01Z'::timestamptz, '2026-02-01Z'::timestamptz
            """;
        const string Columns =
            """
            watchlist_id, crypto_id, suggestion_type, ai_layer, confidence_score, reasoning, context_data, target_position, target_weight,
            expected_return, risk_score, status, reviewed_by, reviewed_at, implemented_at, actual_return, success_score, created_at, expires_at
            """;
        var id = await database.ScalarAsync<long>($"insert into ai_suggestions ({Columns}) values ({values}) returning id");

        (await database.ScalarAsync<bool>($"select ({Columns}) is not distinct from ({values}) from ai_suggestions where id = {id}"))
            .ShouldBeTrue();
        (await database.ScalarAsync<string>(
            """
            select concat_ws(' ', target_entity_type, recommendation_type, recommendation_title, status, outcome_result ->> 'actual_return')
            from ai_recommendations
            """))
            .ShouldBe("watchlist allocation tier_change BTC implemented -1.5");
    }

    [Fact]
    public async Task What_is_left_out_is_null_pending_and_now()
    {
        await AddAsync();

        (await database.ScalarAsync<bool>(
            """
            select status = 'pending' and created_at > now() - interval '1 hour'
                and num_nonnulls(ai_layer, confidence_score, reasoning, context_data, target_position, target_weight, expected_return, risk_score,
                    reviewed_by, reviewed_at, implemented_at, actual_return, success_score, expires_at) = 0
            from ai_suggestions
            """)).ShouldBeTrue();
    }

    [Fact]
    public async Task Updates_reach_the_recommendation_and_leave_the_rest_of_it_alone()
    {
        var id = await AddAsync();
        await database.ExecuteAsync(
            """
            update ai_recommendations set recommendation_payload = recommendation_payload || '{"note": "kept"}',
                outcome_result = '{"fees": 2}', status = 'followed'
            """);

        await database.ExecuteAsync(
            $"update ai_suggestions set suggestion_type = 'remove', confidence_score = 0.5, actual_return = 3 where id = {id}");

        (await database.ScalarAsync<string>(
            """
            select concat_ws(' ', recommendation_type, status, recommendation_payload ->> 'note', recommendation_payload ->> 'confidence_score',
                outcome_result::text) from ai_recommendations
            """)).ShouldBe("""exit followed kept 0.5 {"fees": 2, "actual_return": 3}""");

        await database.ExecuteAsync($"update ai_suggestions set confidence_score = null, status = 'rejected' where id = {id}");
        (await database.ScalarAsync<string>(
            "select status || ' ' || (recommendation_payload ? 'confidence_score')::text from ai_recommendations")).ShouldBe("rejected false");
    }

    [Theory]
    [InlineData("pending", "pending")]
    [InlineData("approved", "approved")]
    [InlineData("followed", "approved")]
    [InlineData("implemented", "implemented")]
    [InlineData("ignored", "rejected")]
    [InlineData("rejected", "rejected")]
    [InlineData("expired", "pending")]
    public async Task States_are_shown_in_the_older_texts_words(string recommendation, string suggestion)
    {
        await AddAsync();
        await database.ExecuteAsync($"update ai_recommendations set status = '{recommendation}'");

        (await database.ScalarAsync<string>("select status from ai_suggestions")).ShouldBe(suggestion);
    }

    [Fact]
    public async Task Deleting_deletes_and_other_recommendations_are_not_seen()
    {
        var id = await AddAsync();
        await database.ExecuteAsync(
            $"""
            insert into ai_recommendations (target_entity_type, target_entity_id, recommendation_type, recommendation_title)
            values ('watchlist', {watchlist}, 'rebalance', 'quarterly')
            """);

        (await database.ScalarAsync<long>("select count(*) from ai_suggestions")).ShouldBe(1);
        (await database.ExecuteAsync($"delete from ai_suggestions where id = {id}")).ShouldBe(1);
        (await database.ScalarAsync<long>("select count(*) from ai_recommendations")).ShouldBe(1);
    }

    [Theory]
    [InlineData("suggestion_type", "'buy'", PostgresErrorCodes.CheckViolation)]
    [InlineData("suggestion_type", "null", PostgresErrorCodes.NotNullViolation)]
    [InlineData("status", "'followed'", PostgresErrorCodes.CheckViolation)]
    [InlineData("ai_layer", "5", PostgresErrorCodes.CheckViolation)]
    [InlineData("confidence_score", "1.5", PostgresErrorCodes.CheckViolation)]
    [InlineData("risk_score", "-0.1", PostgresErrorCodes.CheckViolation)]
    [InlineData("success_score", "2", PostgresErrorCodes.CheckViolation)]
    [InlineData("crypto_id", "999", PostgresErrorCodes.ForeignKeyViolation)]
    [InlineData("watchlist_id", "999", PostgresErrorCodes.ForeignKeyViolation)]
    [InlineData("reviewed_by", "999", PostgresErrorCodes.ForeignKeyViolation)]
    [InlineData("id", "999", Sql.GeneratedAlways)]
    public async Task What_the_table_would_refuse_is_refused(string column, string value, string state)
    {
        await AddAsync();

        await database.RefusedAsync(state, $"update ai_suggestions set {column} = {value}");
    }

    [Fact]
    public async Task Many_rows_may_be_written_in_one_statement()
    {
        await database.ExecuteAsync(
            $"insert into ai_suggestions (watchlist_id, crypto_id, suggestion_type) select {watchlist}, {asset}, 'add' from generate_series(1, 5)");
        (await database.ExecuteAsync("update ai_suggestions set status = 'approved'")).ShouldBe(5);
    }

    private Task<long> AddAsync() => database.ScalarAsync<long>(
        $"insert into ai_suggestions (watchlist_id, crypto_id, suggestion_type) values ({watchlist}, {asset}, 'add') returning id");
}
