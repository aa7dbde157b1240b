using System.Net.Http.Headers;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Tests.EndToEnd.Notifications;

/// <summary>
/// The product is killed between any two steps from an alert's trigger to its mail: what the next step waits for is held back, by a lock in the
/// database or by the mail server, until the process is gone.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Hold = 4711;

    private readonly string _token = Tokens.Create();
    private readonly HashSet<long> _shown = [];
    private MailServer _mail = null!;
    private TestDatabase _database = null!;
    private TestExchange _exchange = null!;
    private long _user;
    private long _crypto;

    public async Task InitializeAsync()
    {
        _mail = MailServer.Open();
        _database = await PostgresFixture.CreateDatabaseAsync();
        _exchange = await TestExchange.StartAsync(TimeProvider.System);
        _crypto = await new CryptocurrencyStore(_database.DataSource).EnsureAsync(
            new SymbolInfo("BTC", "BTCUSDT", "USDT", 0.01m, 0.00001m), "binance", CancellationToken.None);
        _user = await ScalarAsync<long>("insert into users (email, password_hash, is_verified) values ('ada@example.org', 'x', true) returning id");
        await ExecuteAsync(
            $"""
            insert into user_sessions (user_id, session_token, token_expires_at, expires_at)
            values ({_user}, '{Tokens.Hash(_token)}', now() + interval '1 hour', now() + interval '1 day')
            """);
        await ExecuteAsync(
            $"""
            create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock({Hold}); return new; end $$
            """);
    }

    public async Task DisposeAsync()
    {
        await _exchange.DisposeAsync();
        await _mail.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_kill_between_any_two_steps_loses_nothing_and_shows_nothing_twice()
    {
        // In the database: before the notification is stored, before its mail is claimed, before what the page got or the mail server took is recorded.
        await KilledAtLockAsync("before insert on notifications for each row");
        await KilledAtLockAsync("before update on notification_deliveries for each row when (new.channel = 'email' and new.attempts > old.attempts)");
        await KilledAtLockAsync("before update on notification_deliveries for each row when (new.channel = 'hub' and new.status = 'delivered')");
        await KilledAtLockAsync("before update on notification_deliveries for each row when (new.channel = 'email' and new.status = 'delivered')");

        // In the conversation with the mail server; at the last the mail is in the mailbox and the product does not know it.
        foreach (var stage in (MailStage[])[MailStage.Greeting, MailStage.From, MailStage.Data, MailStage.Taken])
        {
            await KilledAtMailAsync(stage);
        }

        await using var last = await StartAsync();
        await using var page = await ConnectAsync(last);
        await Eventually.TrueAsync(
            async () => await ScalarAsync<long>("select count(*) from notification_deliveries where status = 'delivered'") == 16, TimeSpan.FromMinutes(2));
        await ReadListAsync(last);

        (await ScalarAsync<long>("select count(*) from signal_alerts where is_triggered and not is_active")).ShouldBe(8);
        (await ScalarAsync<long>("select count(distinct alert_id) from notifications")).ShouldBe(8);
        (await ScalarAsync<long>("select count(*) from notifications")).ShouldBe(8);
        _mail.Shown.Length.ShouldBe(8);
        _mail.Shown.Select(mail => mail.Text.Split("\r\n").First(line => line.StartsWith("alert ", StringComparison.Ordinal))).Order()
            .ShouldBe(Enumerable.Range(1, 8).Select(number => $"alert {number}"));
        _shown.Count.ShouldBe(8);
        output.WriteLine($"{_mail.Received.Count} mails taken, {_mail.Shown.Length} shown");
    }

    [Fact]
    public async Task A_repeating_alert_fires_once_in_each_cool_down_whenever_it_is_killed()
    {
        await ExecuteAsync(
            $"""
            insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, message, notification_method, cooldown_seconds)
            values ({_user}, {_crypto}, 'price_target', 'above', 0.01, 'alert 1', 'email', 3600)
            """);

        // Before its first firing is committed, that is, not at all; then after the commit, before the page's end or the mail is recorded.
        await KilledAtLockAsync("before insert on notifications for each row", addsAlert: false);
        (await FiredAsync()).ShouldBe([]);
        await KilledAtLockAsync("before update on notification_deliveries for each row when (new.channel = 'hub' and new.status = 'delivered')", addsAlert: false);
        (await FiredAsync()).ShouldBe([1]);

        // Its cool-down is over, and it is killed with the second firing committed and the mail taken; in the cool-down after it nothing fires.
        await ExecuteAsync("update signal_alerts set last_checked = now() - interval '1 second'");
        await KilledAtMailAsync(MailStage.Taken, addsAlert: false);
        await using var last = await StartAsync();
        await using var page = await ConnectAsync(last);
        await Eventually.TrueAsync(
            async () => await ScalarAsync<long>("select count(*) from notification_deliveries where status = 'delivered'") == 4, TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(
            async () => await ScalarAsync<long>("select count(*) from alert_watermarks where checked_until > now() - interval '2 minutes'") == 1,
            TimeSpan.FromMinutes(3));

        (await FiredAsync()).ShouldBe([1, 2]);
        (await ScalarAsync<int>("select occurrence from signal_alerts where is_active and last_checked > now() + interval '30 minutes'")).ShouldBe(3);
        _mail.Shown.Length.ShouldBe(2);
    }

    private Task<int[]> FiredAsync() => ScalarAsync<int[]>("select coalesce(array_agg(occurrence order by id), '{}') from notifications");

    private async Task KilledAtLockAsync(string when, bool addsAlert = true)
    {
        if (addsAlert)
        {
            await AddAlertAsync();
        }

        await ExecuteAsync($"create trigger hold {when} execute function hold()");
        await using (var holder = await _database.DataSource.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand($"select pg_advisory_lock({Hold})", holder);
            await hold.ExecuteNonQueryAsync();
            await using var product = await StartAsync();
            await using var page = await ConnectAsync(product);
            await Eventually.TrueAsync(
                async () => await ScalarAsync<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Hold} and not granted") > 0,
                TimeSpan.FromMinutes(2),
                when);
            await product.KillAsync();
            await DrainAsync(page);

            // A statement that waits for a lock does not notice that its client is gone, and would be carried out.
            await ExecuteAsync($"select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = {Hold} and not granted");
            await using var release = new NpgsqlCommand($"select pg_advisory_unlock({Hold})", holder);
            await release.ExecuteNonQueryAsync();
        }

        await ExecuteAsync($"drop trigger hold on {(when.Contains("deliveries", StringComparison.Ordinal) ? "notification_deliveries" : "notifications")}");
        output.WriteLine($"killed: {when}");
    }

    private async Task KilledAtMailAsync(MailStage stage, bool addsAlert = true)
    {
        if (addsAlert)
        {
            await AddAlertAsync();
        }

        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mail.Answer = (at, _) =>
        {
            if (at != stage)
            {
                return Task.FromResult<string?>(null);
            }

            reached.TrySetResult();
            return hold.Task;
        };
        await using var product = await StartAsync();
        await using var page = await ConnectAsync(product);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await product.KillAsync();
        _mail.Answer = static (_, _) => Task.FromResult<string?>(null);
        hold.SetException(new IOException("the client is gone"));
        await DrainAsync(page);
        output.WriteLine($"killed: {stage}");
    }

    private Task AddAlertAsync() => ExecuteAsync(
        $"""
        insert into signal_alerts (user_id, crypto_id, alert_type, condition, trigger_value, message, notification_method)
        select {_user}, {_crypto}, 'price_target', 'above', 0.01, 'alert ' || count(*) + 1, 'email' from signal_alerts
        """);

    private Task<ProductProcess> StartAsync() => ProductProcess.StartAsync(
        [],
        AppContext.BaseDirectory,
        null,
        output,
        1,
        ("ConnectionStrings:Postgres", _database.ConnectionString),
        ("Feed:Source", "binance"),
        ("Feed:RestUrl", _exchange.RestUrl.OriginalString),
        ("Feed:StreamUrl", _exchange.StreamUrl.OriginalString),
        ("Feed:Symbols", "BTCUSDT"),
        ("Feed:BackfillDays", "0"),
        ("Api:RequestBurst", "1000000"),
        ("Notifications:Smtp:Host", "localhost"),
        ("Notifications:Smtp:Port", _mail.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("Notifications:Smtp:CaFile", _mail.CaFile),
        ("Notifications:AttemptTimeout", "00:00:05"),
        ("Notifications:Lease", "00:00:10"),
        ("Notifications:FirstBackoff", "00:00:01"),

        // Every kill costs an attempt and a pause.
        ("Notifications:MaxAttempts", "100"),
        ("Notifications:MaxBackoff", "00:00:02"),
        ("Notifications:MaxChannelPause", "00:00:02"),
        ("Notifications:HubInterval", "00:00:00.050"));

    /// <summary>A page that opens as soon as the product answers: it connects, then reads what is unread.</summary>
    private async Task<HubClient> ConnectAsync(ProductProcess product)
    {
        product.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        await Eventually.TrueAsync(async () => await product.TryGetAsync("/api/v1/notifications/unread") is not null);
        var page = await HubClient.ConnectAsync(product.Http.BaseAddress!, options => options.SetRequestHeader("Authorization", $"Bearer {_token}"));
        await ReadListAsync(product);
        return page;
    }

    private async Task ReadListAsync(ProductProcess product)
    {
        JsonElement? list = null;
        await Eventually.TrueAsync(async () => (list = await product.TryGetAsync("/api/v1/notifications?status=unread&limit=250")) is not null);
        foreach (var item in list!.Value.GetProperty("items").EnumerateArray())
        {
            _shown.Add(item.GetProperty("id").GetInt64());
        }
    }

    /// <summary>Takes what a page was shown until its connection ended. No connection shows one twice.</summary>
    private async Task DrainAsync(HubClient page)
    {
        await page.Ended;
        var ids = new List<long>();
        await foreach (var item in page.Events.ReadAllAsync())
        {
            if (item.Name == "alert")
            {
                ids.Add(item.Argument.GetProperty("id").GetInt64());
            }
        }

        ids.ShouldBeUnique();
        _shown.UnionWith(ids);
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
