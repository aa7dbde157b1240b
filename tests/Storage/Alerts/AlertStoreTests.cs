using System.Text.Json;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Storage.Alerts;
using CryptoAI.Tests.Storage.Market;
using Npgsql;

namespace CryptoAI.Tests.Storage.Alerts;

public sealed class AlertStoreTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_alert_is_loaded_as_it_was_stored()
    {
        await using var alerts = await Scene.CreateAsync();
        var stored = new List<Alert>
        {
            await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 65000.5m),
            await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.PercentageChange, -5m, referencePrice: 100m),
            await alerts.AddAsync(AlertType.VolumeSpike, AlertCondition.Above, 3m, expiresAt: Now.AddDays(1)),
        };

        var loaded = await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 10, CancellationToken.None);

        loaded.ShouldBe(stored.Select(alert => new ActiveAlert(
            alert.Id, alerts.UserId, alert.Request.Type, alert.Request.Condition, alert.Request.TriggerValue, alert.ReferencePrice, Now, Now,
            alert.Request.ExpiresAt)));
        stored[0].ShouldBe(new Alert(
            stored[0].Id, "BTC", new AlertRequest(alerts.UserId, AlertType.PriceTarget, AlertCondition.Above, 65000.5m, null, "push", null), null, false, null, Now));
    }

    [Fact]
    public async Task Pages_of_active_alerts_are_complete_and_without_repeats()
    {
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddManyAsync(1000);
        await alerts.Market.ExecuteAsync("update signal_alerts set is_active = false where id % 7 = 0");
        var seen = new List<long>();
        ActiveAlert[] page;
        do
        {
            page = await alerts.Store.LoadActiveAsync(alerts.CryptoId, seen.LastOrDefault(), 64, CancellationToken.None);
            seen.AddRange(page.Select(alert => alert.Id));
        }
        while (page.Length == 64);

        seen.Count.ShouldBe((int)await alerts.Market.ScalarAsync<long>("select count(*) from signal_alerts where is_active"));
        seen.ShouldBe(seen.Distinct().Order());
    }

    [Fact]
    public async Task Firing_marks_the_alert_and_notifies_its_user_once()
    {
        await using var alerts = await Scene.CreateAsync();
        var own = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Below, 60000m, message: "Buy!");
        var made = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 65000.50m);
        AlertTrigger[] triggers =
        [
            new(own.Id, 59999m, Now.AddMinutes(1), "BTC"),
            new(made.Id, 65100m, Now.AddMinutes(3), "BTC"),
            new(made.Id, 65001m, Now.AddMinutes(2), "BTC"),
            new(4711, 1m, Now, "BTC"),
        ];

        (await alerts.Store.TriggerAsync(triggers, CancellationToken.None)).ShouldBe([own.Id, made.Id], ignoreOrder: true);
        (await alerts.Store.TriggerAsync(triggers, CancellationToken.None)).ShouldBeEmpty();
        (await alerts.Store.TriggerAsync([], CancellationToken.None)).ShouldBeEmpty();

        var notifications = await alerts.NotificationsAsync();
        notifications.Count.ShouldBe(2);
        notifications[own.Id].Message.ShouldBe("Buy!");
        notifications[made.Id].Message.ShouldBe("BTC is at or above 65000.5 USD: 65001 USD.");
        var data = notifications[made.Id].Data;
        data.GetProperty("alertId").GetInt64().ShouldBe(made.Id);
        data.GetProperty("symbol").GetString().ShouldBe("BTC");
        data.GetProperty("price").GetDecimal().ShouldBe(65001m);
        data.GetProperty("triggerValue").GetDecimal().ShouldBe(65000.5m);
        (await alerts.Market.ScalarAsync<long>(
            """
            select count(*) from notifications
            where notification_type = 'alert' and priority = 'high' and status = 'unread' and title = 'BTC alert'
                and scheduled_for is not null and expires_at = scheduled_for + interval '7 days'
            """)).ShouldBe(2);
        (await alerts.Market.ScalarAsync<DateTime>($"select triggered_at from signal_alerts where id = {made.Id} and is_triggered and not is_active"))
            .ShouldBe(Now.AddMinutes(2).UtcDateTime);
        (await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AlertType.VolumeSpike, AlertCondition.Above, "BTC volume reached 3 times its average; price 100.5 USD.")]
    [InlineData(AlertType.PriceTarget, AlertCondition.Below, "BTC is at or below 3 USD: 100.5 USD.")]
    [InlineData(AlertType.PriceTarget, AlertCondition.Equals, "BTC touched 3 USD: 100.5 USD.")]
    [InlineData(AlertType.PriceTarget, AlertCondition.PercentageChange, "BTC has moved by 3 %: 100.5 USD.")]
    [InlineData(AlertType.SignalGenerated, AlertCondition.Above, "BTC has a new signal; price 100.5 USD.")]
    public async Task A_notification_says_what_happened(AlertType type, AlertCondition condition, string message)
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(type, condition, 3.00m);

        await alerts.Store.TriggerAsync([new AlertTrigger(alert.Id, 100.50m, Now, "BTC")], CancellationToken.None);

        (await alerts.NotificationsAsync())[alert.Id].Message.ShouldBe(message);
    }

    [Fact]
    public async Task An_alert_that_was_cancelled_or_had_expired_at_the_crossing_does_not_fire()
    {
        await using var alerts = await Scene.CreateAsync();
        var cancelled = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m);
        var expiring = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, expiresAt: Now.AddMinutes(5));
        var inTime = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, expiresAt: Now.AddMinutes(5));
        (await alerts.Store.CancelAsync(alerts.CryptoId, alerts.UserId + 1, cancelled.Id)).ShouldBeFalse();
        (await alerts.Store.CancelAsync(alerts.CryptoId + 1, alerts.UserId, cancelled.Id)).ShouldBeFalse();
        (await alerts.Store.CancelAsync(alerts.CryptoId, alerts.UserId, cancelled.Id)).ShouldBeTrue();
        (await alerts.Store.CancelAsync(alerts.CryptoId, alerts.UserId, cancelled.Id)).ShouldBeFalse();

        var fired = await alerts.Store.TriggerAsync(
            [new(cancelled.Id, 2m, Now, "BTC"), new(expiring.Id, 2m, Now.AddMinutes(5), "BTC"), new(inTime.Id, 2m, Now.AddMinutes(4), "BTC")],
            CancellationToken.None);

        fired.ShouldBe([inTime.Id]);
        (await alerts.NotificationsAsync()).Keys.ShouldBe([inTime.Id]);
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(4), CancellationToken.None)).ShouldBe(0);
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(5), CancellationToken.None)).ShouldBe(1);
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(5), CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task Two_callers_at_once_fire_each_alert_exactly_once()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddManyAsync(2000);
        var ids = (await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 2000, CancellationToken.None)).Select(alert => alert.Id).ToArray();

        // Each caller has its own order, and between them lie the touches of a third.
        var fired = new List<long>();
        for (var start = 0; start < ids.Length; start += 200)
        {
            var part = ids[start..(start + 200)];
            var calls = Enumerable.Range(0, 4).Select(_ => alerts.Store.TriggerAsync(
                [.. part.OrderBy(_ => random.Next()).Select(id => new AlertTrigger(id, 2m, Now, "BTC"))], CancellationToken.None)).ToArray();
            var touch = alerts.Store.TouchAsync(alerts.CryptoId, Now.AddSeconds(start + 1), CancellationToken.None);
            fired.AddRange((await Task.WhenAll(calls)).SelectMany(call => call));
            await touch;
        }

        fired.Order().ToArray().ShouldBe(ids, $"seed {seed}");
        (await alerts.NotificationsAsync()).Keys.Order().ToArray().ShouldBe(ids, $"seed {seed}");
    }

    [Fact]
    public async Task A_connection_killed_while_firing_leaves_nothing_half_done()
    {
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddManyAsync(50);
        var active = await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 50, CancellationToken.None);
        AlertTrigger[] triggers = [.. active.Select(alert => new AlertTrigger(alert.Id, 2m, Now, "BTC"))];

        // The statement is stopped after it has marked the alerts and before it has written the notifications.
        await using (var blocker = await alerts.Market.DataSource.OpenConnectionAsync())
        await using (await blocker.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("lock table notifications in access exclusive mode", blocker);
            await hold.ExecuteNonQueryAsync();
            var firing = alerts.Store.TriggerAsync(triggers, CancellationToken.None);
            await Shared.Eventually.TrueAsync(async () =>
                await alerts.Market.ScalarAsync<long>("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") > 0);
            await alerts.Market.DisconnectEveryoneAsync();
            await Should.ThrowAsync<NpgsqlException>(firing);
        }

        (await alerts.Market.ScalarAsync<long>("select count(*) from signal_alerts where is_triggered or not is_active")).ShouldBe(0);
        (await alerts.NotificationsAsync()).ShouldBeEmpty();
        (await alerts.Store.TriggerAsync(triggers, CancellationToken.None)).Order().ShouldBe(active.Select(alert => alert.Id));
    }

    [Fact]
    public async Task A_notification_that_cannot_be_written_leaves_its_alert_unfired()
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m);
        await alerts.Market.ExecuteAsync("alter table notifications add constraint never check (title <> 'BTC alert')");

        await Should.ThrowAsync<PostgresException>(() => alerts.Store.TriggerAsync([new(alert.Id, 2m, Now, "BTC")], CancellationToken.None));

        (await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 10, CancellationToken.None)).Length.ShouldBe(1);
    }

    [Fact]
    public async Task Looking_moves_last_checked_forward_only_and_over_all_pages()
    {
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddManyAsync(45_000);
        await alerts.Market.ExecuteAsync("update signal_alerts set last_checked = '2025-06-01 13:00Z' where id % 10 = 0; update signal_alerts set is_active = false where id % 10 = 1");

        await alerts.Store.TouchAsync(alerts.CryptoId, Now.AddMinutes(30), CancellationToken.None);
        await alerts.Store.TouchAsync(alerts.CryptoId, Now.AddMinutes(10), CancellationToken.None);

        (await alerts.Market.ScalarAsync<long>("select count(*) from signal_alerts where last_checked = '2025-06-01 12:30Z'")).ShouldBe(36_000);
        (await alerts.Market.ScalarAsync<long>("select count(*) from signal_alerts where last_checked = '2025-06-01 13:00Z'")).ShouldBe(4_500);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private Scene(Market.Market market, long cryptoId, long userId)
        {
            Market = market;
            CryptoId = cryptoId;
            UserId = userId;
            Store = new AlertStore(market.DataSource, TimeProvider.System);
        }

        public Market.Market Market { get; }

        public AlertStore Store { get; }

        public long CryptoId { get; }

        public long UserId { get; }

        public static async Task<Scene> CreateAsync()
        {
            var market = await Storage.Market.Market.CreateAsync();
            var user = await market.ScalarAsync<long>("insert into users (email, password_hash) values ('ada@example.org', 'x') returning id");
            return new Scene(market, await market.AddAsync(), user);
        }

        public Task<Alert> AddAsync(
            AlertType type, AlertCondition condition, decimal value, decimal? referencePrice = null, DateTimeOffset? expiresAt = null, string? message = null) =>
            Store.InsertAsync(
                CryptoId, "BTC", new AlertRequest(UserId, type, condition, value, message, "push", expiresAt), referencePrice, Now, CancellationToken.None);

        public Task AddManyAsync(int count) => Market.ExecuteAsync(
            $"""
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value)
            select {UserId}, {CryptoId}, 'price_target', 'above', n from generate_series(1, {count}) as n
            """);

        public async Task<Dictionary<long, (string Message, JsonElement Data)>> NotificationsAsync()
        {
            await using var command = Market.DataSource.CreateCommand("select alert_id, message, data::text from notifications order by alert_id");
            await using var reader = await command.ExecuteReaderAsync();
            var notifications = new Dictionary<long, (string, JsonElement)>();
            while (await reader.ReadAsync())
            {
                notifications.Add(reader.GetInt64(0), (reader.GetString(1), JsonElement.Parse(reader.GetString(2))));
            }

            return notifications;
        }

        public ValueTask DisposeAsync() => Market.DisposeAsync();
    }
}
