using CryptoAI.Tests.Postgres;
using Npgsql;

namespace CryptoAI.Tests.Storage;

/// <summary>What the database refuses, keeps and computes by itself.</summary>
public sealed class ConstraintTests : IAsyncLifetime
{
    private const string Candle =
        "insert into price_data (crypto_id, timeframe, open_price, high_price, low_price, close_price, volume, candle_time)";

    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await PostgresFixture.CreateDatabaseAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Emails_are_unique_whatever_their_case()
    {
        await database.AddUserAsync("Ada@Example.org");

        await database.RefusedAsync(
            PostgresErrorCodes.UniqueViolation, "insert into users (email, password_hash) values ('ada@example.ORG', 'x')");
    }

    [Fact]
    public async Task A_new_user_has_the_defaults_of_the_text()
    {
        await database.AddUserAsync();

        (await database.ScalarAsync<string>("select concat_ws(' ', role, is_active, is_verified, subscription_plan, is_premium) from users"))
            .ShouldBe("public t f free f");
    }

    [Fact]
    public async Task Premium_follows_the_plan_and_cannot_be_written()
    {
        await database.AddUserAsync();
        await database.ExecuteAsync("update users set subscription_plan = 'pro'");

        (await database.ScalarAsync<bool>("select is_premium from users")).ShouldBeTrue();
        await database.RefusedAsync(Sql.GeneratedAlways, "update users set is_premium = false");
    }

    [Theory]
    [InlineData("insert into users (email, password_hash, role) values ('a@b', 'x', 'root')")]
    [InlineData("insert into users (email, password_hash, subscription_plan) values ('a@b', 'x', 'gold')")]
    [InlineData("insert into market_regime_analysis (regime) values ('crab')")]
    [InlineData("insert into market_regime_analysis (regime, confidence_score) values ('bull', 1.01)")]
    [InlineData("insert into market_sentiment_data (fear_greed_index) values (101)")]
    [InlineData("insert into dominance_data (btc_dominance) values (-1)")]
    [InlineData("insert into watchlists (name, watchlist_type) values ('mine', 'personal')")]
    [InlineData("insert into ai_models (name, version, model_type) values ('m', '1', 'weather')")]
    [InlineData("insert into background_tasks (task_name, task_type) values ('t', 'nap')")]
    [InlineData("insert into analytics_data (category, metric_name, metric_value) values ('gossip', 'm', 1)")]
    [InlineData("insert into system_health (overall_health_score) values (100.5)")]
    [InlineData(
        "insert into ai_recommendations (target_entity_type, target_entity_id, recommendation_type, recommendation_title, user_rating) "
        + "values ('asset', 1, 'entry', 't', 6)")]
    [InlineData("insert into cryptocurrencies (symbol, name, tier) values ('X', 'x', 4)")]
    [InlineData("insert into cryptocurrencies (symbol, name) values ('btc', 'lower case')")]
    public async Task A_value_outside_its_set_is_refused(string statement) =>
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, statement);

    [Theory]
    [InlineData("signal_type", "'sideways'")]
    [InlineData("status", "'done'")]
    [InlineData("outcome", "'lost'")]
    [InlineData("risk_level", "'none'")]
    [InlineData("timeframe", "'2h'")]
    [InlineData("confidence_score", "-0.1")]
    [InlineData("target_price", "90")]
    [InlineData("ended_at", "now()")]
    public async Task A_signal_that_makes_no_sense_is_refused(string column, string value)
    {
        await AddSignalAsync(await database.AddAssetAsync());

        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, $"update trading_signals set {column} = {value}");
    }

    [Fact]
    public async Task A_rule_holds_one_active_signal_for_an_asset_and_timeframe()
    {
        var asset = await database.AddAssetAsync();
        await AddSignalAsync(asset);

        await database.RefusedAsync(PostgresErrorCodes.UniqueViolation, SignalInsert(asset));
        await database.ExecuteAsync("update trading_signals set status = 'executed', outcome = 'target_hit', ended_at = now()");
        await AddSignalAsync(asset);
    }

    [Fact]
    public async Task Links_and_identifiers_of_an_asset_are_computed_from_its_json()
    {
        await database.AddAssetAsync();
        await database.ExecuteAsync(
            """
            update cryptocurrencies set
                external_ids = '{"coingecko": "bitcoin"}',
                links = '{"website": "https://bitcoin.org", "explorer": "https://blockchain.example/btc", "whitepaper": "https://bitcoin.org/bitcoin.pdf",
                          "twitter": "https://twitter.com/bitcoin/?lang=en", "telegram": "https://t.me/btc_talk", "reddit": "https://reddit.com/r/bitcoin",
                          "github": ["https://github.com/bitcoin/bitcoin"], "contract": "0xabc"}'
            """);

        (await database.ScalarAsync<string>(
            """
            select concat_ws(' ', coingecko_id, website_url, blockchain_site, whitepaper_url, twitter_username, telegram_channel, subreddit_url,
                github_repos ->> 0, contract_address) from cryptocurrencies
            """)).ShouldBe(
            "bitcoin https://bitcoin.org https://blockchain.example/btc https://bitcoin.org/bitcoin.pdf bitcoin btc_talk "
            + "https://reddit.com/r/bitcoin https://github.com/bitcoin/bitcoin 0xabc");
        await database.RefusedAsync(
            PostgresErrorCodes.UniqueViolation,
            "insert into cryptocurrencies (symbol, name, external_ids) values ('BTC2', 'other', '{\"coingecko\": \"bitcoin\"}')");
    }

    [Theory]
    [InlineData("@bitcoin")]
    [InlineData("bitcoin")]
    [InlineData("https://x.com/bitcoin")]
    [InlineData("https://x.com/bitcoin/#top")]
    public async Task A_twitter_link_of_any_form_gives_the_user_name(string link)
    {
        await database.AddAssetAsync();
        await database.ExecuteAsync($"update cryptocurrencies set links = jsonb_build_object('twitter', '{link}')");

        (await database.ScalarAsync<string>("select twitter_username from cryptocurrencies")).ShouldBe("bitcoin");
    }

    [Fact]
    public async Task Sectors_of_an_asset_and_the_model_of_a_prediction_are_seen_under_their_old_names()
    {
        var asset = await database.AddAssetAsync("UNMAPPED");
        await database.ExecuteAsync(
            $"""
            insert into crypto_sectors (name) values ('Exchanges');
            insert into crypto_sector_mapping (crypto_id, sector_id, is_primary_sector)
                select {asset}, id, name = 'Exchanges' from crypto_sectors where name in ('DeFi', 'Exchanges');
            insert into ai_models (name, version, model_type) values ('trend', 'v2', 'timing');
            insert into predictions (crypto_id, ai_models_id, prediction_type, predicted_price, target_datetime)
                select {asset}, id, 'price', 7, now() from ai_models;
            """);

        (await database.ScalarAsync<string>("select sectors::text from cryptocurrency_details")).ShouldBe("""["Exchanges", "DeFi"]""");
        (await database.ScalarAsync<string>("select model_name || ' ' || model_version from prediction_details")).ShouldBe("trend v2");
        await database.RefusedAsync(PostgresErrorCodes.UniqueViolation, "update crypto_sector_mapping set is_primary_sector = true");
    }

    [Fact]
    public async Task Changing_a_row_moves_its_updated_at_and_nothing_else_does()
    {
        await database.AddAssetAsync();
        await database.ExecuteAsync("update cryptocurrencies set updated_at = '2020-01-01', current_price = 1");

        (await database.ScalarAsync<bool>("select updated_at > now() - interval '1 hour' from cryptocurrencies")).ShouldBeTrue();
    }

    [Fact]
    public async Task Erasing_a_user_erases_what_is_theirs_and_keeps_the_ledger()
    {
        var user = await database.AddUserAsync();
        var asset = await database.AddAssetAsync();
        await AddSignalAsync(asset);
        await database.ExecuteAsync(
            $"""
            insert into user_sessions (user_id, session_token, expires_at) values ({user}, 's', now());
            insert into user_activities (user_id, activity_type, session_id) select {user}, 'login', id from user_sessions;
            insert into watchlists (user_id, name) values ({user}, 'mine');
            insert into watchlist_assets (watchlist_id, crypto_id, added_by) select id, {asset}, {user} from watchlists;
            insert into portfolio (user_id, asset_symbol, asset_type, trade_status) values ({user}, 'BTC', 'Crypto Asset', 'open');
            insert into trade_actions (portfolio_id, action_type, asset_price, quantity, timeframe, action_source)
                select id, 'buy', 1, 1, '1d', 'manual' from portfolio;
            insert into signal_executions (signal_id, user_id) select id, {user} from trading_signals;
            insert into risk_management (user_id) values ({user});
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value)
                values ({user}, {asset}, 'price_target', 'above', 1);
            insert into notifications (user_id, notification_type, title, alert_id) select {user}, 'alert', 't', id from signal_alerts;
            insert into ai_models (name, version, model_type) values ('m', '1', 'timing');
            insert into predictions (ai_models_id, prediction_type, predicted_price, target_datetime, user_id, watchlist_id)
                select m.id, 'price', 1, now(), {user}, w.id from ai_models m, watchlists w;
            insert into ai_suggestions (watchlist_id, crypto_id, suggestion_type) select id, {asset}, 'add' from watchlists;
            """);

        await database.ExecuteAsync("delete from users");

        foreach (var table in new[]
        {
            "user_sessions", "user_activities", "watchlists", "watchlist_assets", "portfolio", "trade_actions", "signal_executions",
            "risk_management", "signal_alerts", "notifications", "ai_recommendations",
        })
        {
            (await database.ScalarAsync<long>($"select count(*) from {table}")).ShouldBe(0, table);
        }

        (await database.ScalarAsync<long>("select count(*) from predictions where user_id is null and watchlist_id is null")).ShouldBe(1);
    }

    [Fact]
    public async Task One_alert_gives_one_notification()
    {
        var (user, asset) = (await database.AddUserAsync(), await database.AddAssetAsync());
        var alert = await database.ScalarAsync<long>(
            $"""
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value)
            values ({user}, {asset}, 'price_target', 'above', 1) returning id
            """);
        var notify = $"insert into notifications (user_id, notification_type, title, alert_id) values ({user}, 'alert', 't', {alert})";
        await database.ExecuteAsync(notify);

        await database.RefusedAsync(PostgresErrorCodes.UniqueViolation, notify);
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, "update signal_alerts set is_triggered = true");
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, "update signal_alerts set trigger_value = null");
    }

    [Fact]
    public async Task Candles_go_to_the_partition_of_their_month_in_UTC()
    {
        var asset = await database.AddAssetAsync();
        await database.ExecuteAsync("select ensure_price_partitions('2024-02-01', '2024-03-01')");
        await database.ExecuteAsync(
            $"""
            set timezone = 'Asia/Tehran';
            {Candle} values
                ({asset}, '1m', 1, 1, 1, 1, 1, '2024-02-29 23:59:00Z'),
                ({asset}, '1m', 1, 1, 1, 1, 1, '2024-03-01 00:00:00Z')
            """);

        (await database.ScalarAsync<string>("select string_agg(tableoid::regclass::text, ' ' order by candle_time) from price_data"))
            .ShouldBe("price_data_2024_02 price_data_2024_03");
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, $"{Candle} values ({asset}, '1m', 1, 1, 1, 1, 1, '2010-01-01Z')");
    }

    [Fact]
    public async Task A_candle_is_stored_once_and_must_hold_together()
    {
        var asset = await database.AddAssetAsync();
        await database.ExecuteAsync("select ensure_price_partitions('2024-02-01', '2024-02-01')");
        await database.ExecuteAsync($"{Candle} values ({asset}, '1m', 1, 2, 0.5, 1.5, 9, '2024-02-29 23:59Z')");

        await database.RefusedAsync(PostgresErrorCodes.UniqueViolation, $"{Candle} values ({asset}, '1m', 1, 2, 0.5, 1.5, 9, '2024-02-29 23:59Z')");
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, "update price_data set low_price = 1.2");
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, "update price_data set provenance = 'invented'");
        await database.RefusedAsync(PostgresErrorCodes.CheckViolation, "update price_data set timeframe = '2m'");
        await database.RefusedAsync(PostgresErrorCodes.ForeignKeyViolation, "delete from cryptocurrencies");
    }

    [Fact]
    public async Task Months_around_today_exist_from_the_start()
    {
        // The day when the schema was made: another month may have begun since.
        (await database.ScalarAsync<int>(
            "select ensure_price_partitions(applied_at - interval '1 month', applied_at + interval '3 months') from schema_migrations where name = 'migrations/0002_market.sql'"))
            .ShouldBe(0);
        (await database.ScalarAsync<long>("select count(*) from pg_inherits where inhparent = 'price_data'::regclass")).ShouldBe(5);
    }

    [Fact]
    public async Task Partitions_are_made_once_however_many_sessions_ask_while_others_write()
    {
        var asset = await database.AddAssetAsync();
        await database.ExecuteAsync("select ensure_price_partitions('2021-01-01', '2021-01-01')");

        var makers = Enumerable.Range(0, 6).Select(_ => Task.Run(
            () => database.ScalarAsync<int>("select ensure_price_partitions('2020-01-15', '2021-06-01')")));
        var writers = Enumerable.Range(0, 60).Select(minute => Task.Run(
            () => database.ExecuteAsync($"{Candle} values ({asset}, '1m', 1, 1, 1, 1, 1, '2021-01-01 00:{minute:D2}Z')")));
        var written = Task.WhenAll(writers);
        var made = await Task.WhenAll(makers);
        await written;

        made.Sum().ShouldBe(17);
        (await database.ScalarAsync<long>("select count(*) from price_data")).ShouldBe(60);
        (await database.ScalarAsync<long>(
            "select count(*) from pg_indexes where tablename = 'price_data_2020_05' and indexdef like '%UNIQUE%'")).ShouldBe(2);
    }

    [Theory]
    [InlineData("null, now()")]
    [InlineData("now(), now() - interval '1 day'")]
    [InlineData("'1000-01-01', now()")]
    public async Task A_senseless_range_of_partitions_is_refused(string range) =>
        await database.RefusedAsync(PostgresErrorCodes.InvalidParameterValue, $"select ensure_price_partitions({range})");

    private static string SignalInsert(long asset) =>
        $"""
        insert into trading_signals (crypto_id, signal_type, entry_price, target_price, stop_loss, rule, timeframe)
        values ({asset}, 'long', 100, 110, 95, 'breakout', '1h')
        """;

    private Task AddSignalAsync(long asset) => database.ExecuteAsync(SignalInsert(asset));
}
