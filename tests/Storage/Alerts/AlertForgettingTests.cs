using CryptoAI.Storage.Alerts;

namespace CryptoAI.Tests.Storage.Alerts;

public sealed class AlertForgettingTests
{
    [Fact]
    public async Task Only_alerts_of_the_asset_that_ended_before_the_moment_are_deleted_and_their_notifications_stay()
    {
        await using var market = await Market.Market.CreateAsync();
        var (btc, eth) = (await market.AddAsync(), await market.AddAsync("ETH"));
        var user = await market.ScalarAsync<long>("insert into users (email, password_hash) values ('ada@example.org', 'x') returning id");
        Task<long> AddAsync(long crypto, bool isActive, string ended) => market.ScalarAsync<long>(
            $"""
            set session_replication_role = replica;
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, is_active, updated_at)
            values ({user}, {crypto}, 'price_target', 'above', 1, {isActive}, '{ended}') returning id
            """);
        var old = new[] { await AddAsync(btc, false, "2025-01-01"), await AddAsync(btc, false, "2025-01-02"), await AddAsync(btc, false, "2025-01-03") };
        var kept = new[] { await AddAsync(btc, false, "2025-03-01"), await AddAsync(btc, true, "2025-01-01"), await AddAsync(eth, false, "2025-01-01") };
        await market.ExecuteAsync(
            $"insert into notifications (user_id, notification_type, title, alert_id) values ({user}, 'alert', 'fired', {old[0]}), ({user}, 'alert', 'fired', {kept[0]})");
        var store = new AlertStore(market.DataSource, TimeProvider.System);
        var before = new DateTimeOffset(2025, 2, 1, 0, 0, 0, TimeSpan.Zero);

        (await store.ForgetAsync(btc, before, 2, CancellationToken.None)).ShouldBe(2);
        (await store.ForgetAsync(btc, before, 2, CancellationToken.None)).ShouldBe(1);
        (await store.ForgetAsync(btc, before, 2, CancellationToken.None)).ShouldBe(0);

        (await market.ScalarAsync<long[]>("select array_agg(id order by id) from signal_alerts")).ShouldBe(kept);
        (await market.ScalarAsync<long>("select count(*) from notifications where title = 'fired'")).ShouldBe(2);
        (await market.ScalarAsync<long>($"select count(*) from notifications where alert_id = {kept[0]}")).ShouldBe(1);
    }
}
