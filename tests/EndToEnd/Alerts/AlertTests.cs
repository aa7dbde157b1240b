using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Timing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CryptoAI.Tests.EndToEnd.Alerts;

/// <summary>Prices and volumes follow a script; what fires is read from the database.</summary>
public sealed partial class AlertTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const double Speed = 50;

    private static readonly DateTimeOffset Start = new(2024, 8, 8, 12, 0, 0, TimeSpan.Zero);

    /// <summary>No script moves the price before the 32nd minute.</summary>
    private static readonly DateTimeOffset Calm = Start.AddMinutes(31.25);

    private readonly FastClock _clock = new(Start.AddMinutes(30.5), 1);
    private TestDatabase _database = null!;
    private TestExchange? _exchange;
    private long _user;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        _user = await ScalarAsync<long>("insert into users (email, password_hash, subscription_plan) values ('a@example.org', 'x', 'pro') returning id");
    }

    public async Task DisposeAsync()
    {
        if (_exchange is not null)
        {
            await _exchange.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Each_kind_of_alert_fires_once_when_its_condition_comes_true_and_no_other()
    {
        await OpenAsync(minute => minute switch
        {
            32 => (1, [103m]),
            33 => (1, [95m]),
            34 => (25, [100m]),
            _ => (1, [100m]),
        });
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var expected = new[]
        {
            await CreateAsync(alerts, AlertCondition.Above, 102),
            await CreateAsync(alerts, AlertCondition.Below, 96),
            await CreateAsync(alerts, AlertCondition.Equals, 101.5m),
            await CreateAsync(alerts, AlertCondition.PercentageChange, 2.5m),
            await CreateAsync(alerts, AlertCondition.PercentageChange, -4),
            await CreateAsync(alerts, AlertCondition.Above, 10, AlertType.VolumeSpike),
        };
        await CreateAsync(alerts, AlertCondition.Above, 103.01m);
        await CreateAsync(alerts, AlertCondition.Below, 94.99m);
        await CreateAsync(alerts, AlertCondition.PercentageChange, 3.1m);
        await CreateAsync(alerts, AlertCondition.Above, 60, AlertType.VolumeSpike);

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(36));

        await FiredAsync(expected);
        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).Watching == 4);
    }

    [Fact]
    public async Task A_percentage_within_a_window_counts_from_the_extremes_of_its_minutes()
    {
        // 3 % up within five minutes, though the price never was 3 % above the one at creation; then 4 % down within a quarter of an hour.
        await OpenAsync(minute => (1, [minute switch { 32 => 98m, 35 => 101m, >= 44 and < 48 => 99m, >= 48 => 97m, _ => 100m }]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var expected = new[]
        {
            await CreateAsync(alerts, AlertCondition.PercentageChange, 3, window: 5),
            await CreateAsync(alerts, AlertCondition.PercentageChange, -3.9m, window: 15),
        };
        await CreateAsync(alerts, AlertCondition.PercentageChange, 3.1m, window: 60);
        await CreateAsync(alerts, AlertCondition.PercentageChange, -3.9m, window: 5);
        await CreateAsync(alerts, AlertCondition.PercentageChange, 3);

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(51));

        await FiredAsync(expected);
    }

    [Fact]
    public async Task A_signal_fires_the_alerts_that_wait_for_one_whether_they_are_told_or_find_it()
    {
        await OpenAsync(_ => (1, [100m]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var once = await CreateAsync(alerts, null, null, AlertType.SignalGenerated);
        var repeating = await CreateAsync(alerts, null, null, AlertType.SignalGenerated, cooldown: 600);
        var signal = Signal(_clock.GetUtcNow().AddSeconds(1));

        await alerts.SignalIssuedAsync(signal);
        await alerts.SignalIssuedAsync(signal);
        await FiredAsync(once, repeating);

        // Nobody tells of this one.
        var store = product.Services.GetRequiredService<SignalStore>();
        var cryptoId = await ScalarAsync<long>("select id from cryptocurrencies where symbol = 'BTC'");
        await store.InsertAsync(cryptoId, Signal(_clock.GetUtcNow().AddMinutes(11)), "{}", "{}", CancellationToken.None);
        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(44));
        await Eventually.TrueAsync(async () => await CountAsync() == 3);
        (await OccurrencesAsync(repeating)).ShouldBe([1, 2]);

        static Signal Signal(DateTimeOffset at) => new(
            0, "BTC", SignalSide.Long, "breakout", Timeframe.H1, 100, 110, 95, 2, "medium", 0.5m, 24, SignalStatus.Active, SignalOutcome.Open,
            null, at, at.AddDays(1), null);
    }

    [Fact]
    public async Task An_alert_is_either_cancelled_or_fires_and_never_both()
    {
        await OpenAsync(minute => (1, [minute >= 32 ? 110m : 100m]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var ids = new List<long>();
        for (var i = 0; i < 40; i++)
        {
            ids.Add(await CreateAsync(alerts, AlertCondition.Above, 105, cooldown: i % 2 == 0 ? 3600 : null));
        }

        var actor = new Actor(_user, null, null, null);
        var cancelled = new List<long>();
        foreach (var id in ids)
        {
            if (await alerts.CancelAsync(actor, id))
            {
                cancelled.Add(id);
            }

            if (id == ids[20])
            {
                _clock.Speed = Speed;
                await _clock.ReachAsync(Start.AddMinutes(32.1));
            }
        }

        await _clock.ReachAsync(Start.AddMinutes(34));
        await Eventually.TrueAsync(async () => await alerts.GetStatusAsync() is { Watching: 0, PendingTriggers: 0 });
        cancelled.Count.ShouldBeGreaterThan(20);
        (await ScalarAsync<long>("select count(*) from signal_alerts where is_active")).ShouldBe(0);
        var told = await ScalarAsync<long[]>("select coalesce(array_agg(alert_id order by alert_id), '{}') from notifications");
        told.Distinct().Count().ShouldBe(told.Length);
        ids.Except(cancelled).ShouldBeSubsetOf(told);
        (await ScalarAsync<long[]>("select coalesce(array_agg(id order by id), '{}') from signal_alerts where is_triggered")).ShouldBe(told);
        told.Intersect(cancelled).ShouldAllBe(id => ids.IndexOf(id) % 2 == 0);
    }

    [Fact]
    public async Task A_changed_alert_fires_for_what_it_has_become()
    {
        await OpenAsync(minute => (1, [minute switch { 33 => 110m, 36 => 120m, _ => 100m }]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var alert = await CreateAsync(alerts, AlertCondition.Above, 105);
        var request = new AlertRequest(AlertType.PriceTarget, AlertCondition.Above, 115, null, null, null, [AlertChannel.Email], null);
        await alerts.ChangeAsync(new Actor(_user, null, null, null), alert, request);

        await _clock.RunToAsync(Speed, Start.AddMinutes(35));
        (await FiredAlertsAsync()).ShouldBeEmpty();
        _clock.Speed = Speed;
        await FiredAsync(alert);
        Timeframe.M1.Floor(new DateTimeOffset(await ScalarAsync<DateTime>("select triggered_at from signal_alerts"))).ShouldBe(Start.AddMinutes(36));
    }

    [Fact]
    public async Task An_alert_crossed_while_the_product_was_down_fires_once_after_the_restart()
    {
        await OpenAsync(minute => (1, [minute is 33 or 38 ? 110m : 100m]));
        long crossed;
        await using (var first = await StartAsync())
        {
            var alerts = first.Grains.GetGrain<IAlertGrain>("BTC");
            crossed = await CreateAsync(alerts, AlertCondition.Above, 105);
            await CreateAsync(alerts, AlertCondition.Above, 111);
            await CreateAsync(alerts, AlertCondition.Below, 99);
        }

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(35));
        (await FiredAlertsAsync()).ShouldBeEmpty();
        _clock.Speed = 1;
        await using var second = await StartAsync();
        _clock.Speed = Speed;
        await FiredAsync(crossed);
        (await ScalarAsync<DateTime>("select triggered_at from signal_alerts where is_triggered")).ShouldBe(Start.AddMinutes(33).UtcDateTime);

        await _clock.ReachAsync(Start.AddMinutes(40));
        await FiredAsync(crossed);
    }

    [Fact]
    public async Task An_alert_crossed_twice_within_a_batch_fires_once()
    {
        await OpenAsync(minute => (1, minute == 32 ? [100m, 110m, 100m, 110m, 90m, 100m] : [100m]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var above = await CreateAsync(alerts, AlertCondition.Above, 105);
        var below = await CreateAsync(alerts, AlertCondition.Below, 95);

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(34));

        await FiredAsync(above, below);
    }

    [Fact]
    public async Task An_alert_inserted_by_sql_while_the_product_runs_is_noticed()
    {
        await OpenAsync(minute => (1, [minute == 33 ? 110m : 100m]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).LastChecked is not null);
        var inserted = await InsertAsync("above", 105);
        var other = await InsertAsync("above", 115);

        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(35));

        await FiredAsync(inserted);
        (await ScalarAsync<bool>($"select is_active from signal_alerts where id = {other}")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_alert_that_a_killed_predecessor_committed_is_not_fired_again()
    {
        await OpenAsync(minute => (1, [minute is 32 or 33 ? 110m : 100m]));
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var alert = await CreateAsync(alerts, AlertCondition.Above, 105);

        // What a process does that dies between the commit and hearing of it; this one still has the alert in its index.
        var store = product.Services.GetRequiredService<AlertStore>();
        (await store.TriggerAsync([new AlertTrigger(alert, 1, 110, _clock.GetUtcNow(), "BTC", _clock.GetUtcNow())], CancellationToken.None)).Length.ShouldBe(1);
        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(35));

        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()) is { Watching: 0, PendingTriggers: 0 });
        await FiredAsync(alert);
    }

    [Fact]
    public async Task An_alert_crossed_without_the_database_fires_once_when_it_is_back()
    {
        await OpenAsync(minute => (1, [minute == 32 ? 110m : 100m]));
        var direct = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        await using var relay = new TcpRelay("127.0.0.1", direct.Port);
        direct.Port = relay.Port;
        await using var product = await Product.StartAsync(direct.ConnectionString, _exchange!, ScriptedMarket.Pairs, output);
        await product.LiveAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var alert = await CreateAsync(alerts, AlertCondition.Above, 105);

        await relay.CutAsync();
        _clock.Speed = Speed;
        await _clock.ReachAsync(Start.AddMinutes(34));
        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).PendingTriggers == 1);
        relay.Restore();

        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()) is { Watching: 0, PendingTriggers: 0 });
        await FiredAsync(alert);
    }

    /// <param name="at">The minute after <see cref="Start"/>: quantity and prices of its moments.</param>
    private async Task OpenAsync(Func<int, (decimal, decimal[])> at)
    {
        var market = ScriptedMarket.Write(
            Start, Start.AddMinutes(60), TimeSpan.FromSeconds(5), moment => at((int)(moment - Start).TotalMinutes));
        _exchange = await TestExchange.StartAsync(_clock, market, options => options.ClockOrigin = _clock.GetUtcNow());

        // A start that takes long ends before anything moves all the same.
        _clock.Run(1, Calm);
    }

    private async Task<Product> StartAsync()
    {
        var product = await Product.StartAsync(_database.ConnectionString, _exchange!, ScriptedMarket.Pairs, output);
        await product.LiveAsync();

        // What the stream tells before it is connected reaches alerts with the minute's candle only.
        DateTimeOffset? until = _clock.GetUtcNow() < Start.AddMinutes(32) ? Calm : null;
        _clock.Run(4, until);
        await Eventually.TrueAsync(async () => (await product.ContinuityAsync("BTC")).LastTradeId >= 0);
        _clock.Run(1, until);
        return product;
    }

    private async Task<long> CreateAsync(
        IAlertGrain alerts, AlertCondition? condition, decimal? value, AlertType type = AlertType.PriceTarget, int? window = null, int? cooldown = null)
    {
        var alert = await alerts.CreateAsync(
            new Actor(_user, null, null, null), new AlertRequest(type, condition, value, window, cooldown, null, [AlertChannel.Push], null));
        return alert.Id;
    }

    private Task<long> InsertAsync(string condition, decimal value) => ScalarAsync<long>(
        $"""
        insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, created_at)
        select {_user}, id, 'price_target', '{condition}', {value}, '{_clock.GetUtcNow():o}' from cryptocurrencies where symbol = 'BTC'
        returning id
        """);

    /// <summary>Waits until these alerts have fired; no other may have, and each has its one notification.</summary>
    private async Task FiredAsync(params long[] expected)
    {
        await Eventually.TrueAsync(async () => expected.Except(await FiredAlertsAsync()).ToArray() is []);
        (await FiredAlertsAsync()).ShouldBe(expected, ignoreOrder: true);
        (await ScalarAsync<long[]>("select array_agg(alert_id) from notifications")).ShouldBe(expected, ignoreOrder: true);
    }

    private Task<long[]> FiredAlertsAsync() =>
        ScalarAsync<long[]>(
            "select coalesce(array_agg(id), '{}') from signal_alerts where is_triggered and is_active = (cooldown_seconds is not null)");

    private Task<long> CountAsync() => ScalarAsync<long>("select count(*) from notifications");

    private Task<int[]> OccurrencesAsync(long alert) =>
        ScalarAsync<int[]>($"select array_agg(occurrence order by id) from notifications where alert_id = {alert}");

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
