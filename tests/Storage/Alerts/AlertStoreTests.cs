using System.Text.Json;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
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
            await alerts.AddAsync(AlertType.VolumeSpike, AlertCondition.Above, 3m, expiresAt: new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            await alerts.AddAsync(
                AlertType.PriceTarget, AlertCondition.PercentageChange, 5m, message: "Fast", window: 15, cooldown: 600, channels: [AlertChannel.Sms, AlertChannel.Email]),
            await alerts.AddAsync(AlertType.SignalGenerated, null, null, cooldown: 60),
        };

        var loaded = await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 10, CancellationToken.None);

        loaded.ShouldBe(stored.Select(alert => new ActiveAlert(
            alert.Id, alert.Request.Type, alert.Request.Condition, alert.Request.TriggerValue, alert.ReferencePrice, Now, Now,
            1, alert.Request.WindowMinutes, alert.Request.CooldownSeconds)));
        foreach (var alert in stored)
        {
            (await alerts.Store.GetAsync(alerts.UserId, alert.Id, CancellationToken.None))!.ShouldBeEquivalentTo(alert);
        }
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
            Crossed(own.Id, 59999m, Now.AddMinutes(1)),
            Crossed(made.Id, 65100m, Now.AddMinutes(3)),
            Crossed(made.Id, 65001m, Now.AddMinutes(2)),
            Crossed(4711, 1m, Now),
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
    [InlineData(AlertType.SignalGenerated, null, "BTC has a new signal; price 100.5 USD.")]
    public async Task A_notification_says_what_happened(AlertType type, AlertCondition? condition, string message)
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(type, condition, condition is null ? null : 3.00m);

        await alerts.Store.TriggerAsync([Crossed(alert.Id, 100.50m, Now)], CancellationToken.None);

        (await alerts.NotificationsAsync())[alert.Id].Message.ShouldBe(message);
    }

    [Fact]
    public async Task An_alert_that_was_cancelled_or_had_expired_at_the_crossing_does_not_fire()
    {
        await using var alerts = await Scene.CreateAsync();
        var cancelled = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m);
        var expiring = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, expiresAt: Now.AddMinutes(5));
        var inTime = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, expiresAt: Now.AddMinutes(5));
        (await alerts.Store.CancelAsync(alerts.Actor with { UserId = alerts.UserId + 1 }, alerts.CryptoId, cancelled.Id, Now)).ShouldBeFalse();
        (await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId + 1, cancelled.Id, Now)).ShouldBeFalse();
        (await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, cancelled.Id, Now)).ShouldBeTrue();
        (await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, cancelled.Id, Now)).ShouldBeFalse();

        var fired = await alerts.Store.TriggerAsync(
            [Crossed(cancelled.Id, 2m, Now), Crossed(expiring.Id, 2m, Now.AddMinutes(5)), Crossed(inTime.Id, 2m, Now.AddMinutes(4))],
            CancellationToken.None);

        fired.ShouldBe([inTime.Id]);
        (await alerts.NotificationsAsync()).Keys.ShouldBe([inTime.Id]);
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(4), CancellationToken.None)).ShouldBeEmpty();
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(5), CancellationToken.None)).ShouldBe([expiring.Id]);
        (await alerts.Store.ExpireAsync(alerts.CryptoId, Now.AddMinutes(5), CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_callers_at_once_fire_each_alert_exactly_once()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddManyAsync(2000);
        var ids = (await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 2000, CancellationToken.None)).Select(alert => alert.Id).ToArray();

        // Each caller has its own order, and between them lie the marks of a third.
        var fired = new List<long>();
        for (var start = 0; start < ids.Length; start += 200)
        {
            var part = ids[start..(start + 200)];
            var calls = Enumerable.Range(0, 4).Select(_ => alerts.Store.TriggerAsync(
                [.. part.OrderBy(_ => random.Next()).Select(id => Crossed(id, 2m, Now))], CancellationToken.None)).ToArray();
            var mark = alerts.Store.MarkAsync(alerts.CryptoId, Now.AddSeconds(start + 1), part, CancellationToken.None);
            fired.AddRange((await Task.WhenAll(calls)).SelectMany(call => call));
            await mark;
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
        AlertTrigger[] triggers = [.. active.Select(alert => Crossed(alert.Id, 2m, Now))];

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

        await Should.ThrowAsync<PostgresException>(() => alerts.Store.TriggerAsync([Crossed(alert.Id, 2m, Now)], CancellationToken.None));

        (await alerts.Store.LoadActiveAsync(alerts.CryptoId, 0, 10, CancellationToken.None)).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_repeating_alert_fires_each_occurrence_once_and_is_armed_again_with_it()
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.PercentageChange, 5m, referencePrice: 100m, cooldown: 60);
        var first = new AlertTrigger(alert.Id, 1, 105m, Now.AddMinutes(1), "BTC", Now.AddMinutes(2));
        var second = new AlertTrigger(alert.Id, 2, 110.25m, Now.AddMinutes(3), "BTC", Now.AddMinutes(4));

        (await alerts.Store.TriggerAsync([second], CancellationToken.None)).ShouldBeEmpty();
        (await alerts.Store.TriggerAsync([first], CancellationToken.None)).ShouldBe([alert.Id]);
        (await alerts.Store.TriggerAsync([first], CancellationToken.None)).ShouldBeEmpty();
        (await alerts.LoadAsync()).ShouldBe(
            [new ActiveAlert(alert.Id, AlertType.PriceTarget, AlertCondition.PercentageChange, 5m, 105m, Now, Now.AddMinutes(2), 2, null, 60)]);
        (await alerts.Store.TriggerAsync([second], CancellationToken.None)).ShouldBe([alert.Id]);
        (await alerts.Store.TriggerAsync([first, second], CancellationToken.None)).ShouldBeEmpty();

        (await alerts.Market.ScalarAsync<int[]>("select array_agg(occurrence order by id) from notifications")).ShouldBe([1, 2]);
        (await alerts.Store.GetAsync(alerts.UserId, alert.Id, CancellationToken.None))!.Status.ShouldBe(AlertStatus.Active);
    }

    [Fact]
    public async Task A_crossing_seen_before_a_change_does_not_fire_what_the_alert_became()
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 100m);
        var request = alert.Request with { TriggerValue = 200m, CooldownSeconds = 120, Channels = [AlertChannel.Email], Message = "Later" };

        var changed = await alerts.Store.ChangeAsync(
            alerts.Actor, alerts.CryptoId, "BTC", alert.Id, request, 99m, Now.AddMinutes(1), CancellationToken.None);

        (await alerts.Store.TriggerAsync([Crossed(alert.Id, 101m, Now.AddSeconds(30))], CancellationToken.None)).ShouldBeEmpty();
        changed!.Value.Occurrence.ShouldBe(2);
        (await alerts.Store.GetAsync(alerts.UserId, alert.Id, CancellationToken.None))!.ShouldBeEquivalentTo(changed.Value.Alert);
        (await alerts.Store.TriggerAsync([Crossed(alert.Id, 200m, Now.AddMinutes(2)) with { Occurrence = 2 }], CancellationToken.None)).ShouldBe([alert.Id]);
    }

    [Fact]
    public async Task Nobody_changes_the_alerts_of_others_or_those_that_are_over()
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 100m);
        Task<(Alert, int)?> ChangeAsync(Actor actor, AlertType type) => alerts.Store.ChangeAsync(
            actor, alerts.CryptoId, "BTC", alert.Id, alert.Request with { Type = type }, null, Now, CancellationToken.None);

        (await ChangeAsync(alerts.Actor with { UserId = alerts.UserId + 1 }, AlertType.PriceTarget)).ShouldBeNull();
        (await ChangeAsync(alerts.Actor, AlertType.VolumeSpike)).ShouldBeNull();
        (await alerts.Store.GetAsync(alerts.UserId + 1, alert.Id, CancellationToken.None)).ShouldBeNull();
        await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, alert.Id, Now);
        (await ChangeAsync(alerts.Actor, AlertType.PriceTarget)).ShouldBeNull();
    }

    [Fact]
    public async Task A_limit_holds_however_many_are_made_at_once()
    {
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, expiresAt: Now.AddSeconds(1));

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m, limit: 7, now: Now.AddSeconds(2));
                return true;
            }
            catch (RefusedException refused) when (refused.Refusal == Refusal.Limit)
            {
                return false;
            }
        }));

        made.Count(isMade => isMade).ShouldBe(7);
        (await alerts.Market.ScalarAsync<long>("select count(*) from signal_alerts")).ShouldBe(8);
    }

    [Fact]
    public async Task Every_change_is_in_the_audit_and_a_refused_one_is_not()
    {
        await using var alerts = await Scene.CreateAsync();
        var alert = await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 100m);
        await alerts.Store.ChangeAsync(alerts.Actor, alerts.CryptoId, "BTC", alert.Id, alert.Request, null, Now, CancellationToken.None);
        await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, alert.Id, Now);
        await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, alert.Id, Now);

        (await alerts.Market.ScalarAsync<string[]>(
            $"select array_agg(activity_type || ' ' || action order by id) from user_activities where entity_type = 'alert' and entity_id = {alert.Id}"))
            .ShouldBe(["alert_update create", "alert_update update", "alert_update delete"]);
    }

    [Fact]
    public async Task A_list_is_paged_and_filtered_by_state_and_asset()
    {
        await using var alerts = await Scene.CreateAsync();
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 100m + i, expiresAt: i == 1 ? Now.AddDays(1) : null)).Id);
        }

        await alerts.Store.CancelAsync(alerts.Actor, alerts.CryptoId, ids[0], Now);
        await alerts.Store.TriggerAsync([Crossed(ids[1], 105m, Now)], CancellationToken.None);
        Task<Alert[]> ListAsync(AlertStatus? status = null, long? after = null, int limit = 10, string? symbol = null) =>
            alerts.Store.ListAsync(alerts.UserId, symbol, status, after, limit, CancellationToken.None);

        (await ListAsync(limit: 3)).Select(alert => alert.Id).ShouldBe(ids[..3]);
        (await ListAsync(after: ids[2])).Select(alert => alert.Id).ShouldBe(ids[3..]);
        (await ListAsync(symbol: "BTC")).Length.ShouldBe(5);
        (await ListAsync(symbol: "ETH")).ShouldBeEmpty();
        (await ListAsync(AlertStatus.Cancelled)).Select(alert => alert.Id).ShouldBe([ids[0]]);
        (await ListAsync(AlertStatus.Triggered)).Select(alert => alert.Id).ShouldBe([ids[1]]);
        (await ListAsync(AlertStatus.Expired)).Select(alert => alert.Id).ShouldBe([ids[3]]);
        (await ListAsync(AlertStatus.Active)).Select(alert => alert.Id).ShouldBe([ids[2], ids[4]]);
    }

    [Fact]
    public async Task The_watermark_moves_forward_only_and_hides_no_alert_that_nobody_watched()
    {
        await using var alerts = await Scene.CreateAsync();
        await alerts.AddAsync(AlertType.PriceTarget, AlertCondition.Above, 1m);
        await alerts.AddAsync(AlertType.SignalGenerated, null, null);
        await alerts.AddManyAsync(2);
        await alerts.Market.ExecuteAsync("update signal_alerts set created_at = '2025-06-01 12:00Z', last_checked = null where id > 2");

        await alerts.Store.MarkAsync(alerts.CryptoId, Now.AddMinutes(30), [3], CancellationToken.None);
        await alerts.Store.MarkAsync(alerts.CryptoId, Now.AddMinutes(10), [], CancellationToken.None);

        (await alerts.LoadAsync()).Select(alert => alert.LastChecked).ShouldBe([Now.AddMinutes(30), Now, Now.AddMinutes(30), null]);
        (await alerts.Store.ListAsync(alerts.UserId, null, null, null, 10, CancellationToken.None)).Select(alert => alert.LastChecked)
            .ShouldBe([null, Now.AddMinutes(30), Now.AddMinutes(30), Now.AddMinutes(30)]);
    }

    private static AlertTrigger Crossed(long alertId, decimal price, DateTimeOffset at) => new(alertId, 1, price, at, "BTC", at);

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

        public Actor Actor => new(UserId, null, "192.0.2.1", "tests");

        public Task<ActiveAlert[]> LoadAsync() => Store.LoadActiveAsync(CryptoId, 0, 100, CancellationToken.None);

        public Task<Alert> AddAsync(
            AlertType type, AlertCondition? condition, decimal? value, decimal? referencePrice = null, DateTimeOffset? expiresAt = null,
            string? message = null, int? window = null, int? cooldown = null, AlertChannel[]? channels = null, int limit = 100, DateTimeOffset? now = null) =>
            Store.InsertAsync(
                Actor, CryptoId, "BTC", new AlertRequest(type, condition, value, window, cooldown, message, channels ?? [AlertChannel.Push], expiresAt),
                referencePrice, limit, now ?? Now, CancellationToken.None);

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
