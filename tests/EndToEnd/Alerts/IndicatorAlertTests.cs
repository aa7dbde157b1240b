using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Alerts;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Tests.EndToEnd.Alerts;

/// <summary>Prices follow a script: 100, from the 33rd minute to the 36th 110, then 100 again.</summary>
public sealed class IndicatorAlertTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2024, 8, 8, 12, 0, 0, TimeSpan.Zero);

    private readonly FastClock _clock = new(Start.AddMinutes(30.5), 1);
    private TestDatabase _database = null!;
    private TestExchange _exchange = null!;
    private long _user;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        _user = await ScalarAsync<long>("insert into users (email, password_hash, subscription_plan) values ('a@example.org', 'x', 'pro') returning id");
        var market = ScriptedMarket.Write(
            Start, Start.AddMinutes(60), TimeSpan.FromSeconds(5), moment => (1, [(int)(moment - Start).TotalMinutes is >= 33 and < 37 ? 110m : 100m]));
        _exchange = await TestExchange.StartAsync(_clock, market, options => options.ClockOrigin = _clock.GetUtcNow());

        // A start that takes long ends before anything moves all the same.
        _clock.Run(1, Start.AddMinutes(31.5));
    }

    public async Task DisposeAsync()
    {
        await _exchange.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_indicator_is_looked_at_when_its_candles_close_from_the_first_on_after_the_alert()
    {
        await using var product = await StartAsync();
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        var above = await CreateAsync(alerts, "sma(3)", AlertCondition.Above, 105);
        var crosses = await CreateAsync(alerts, " SMA( 3 ) ", AlertCondition.CrossesAbove, 109);
        var back = await CreateAsync(alerts, "sma(3)", AlertCondition.CrossesBelow, 104);
        var longer = await CreateAsync(alerts, "roc(1)", AlertCondition.Above, 9, Timeframe.M5);
        var compared = await CreateAsync(alerts, "beta(2,BTC)", AlertCondition.Above, 0.99m);
        await CreateAsync(alerts, "sma(3)", AlertCondition.Above, 110.1m);
        await CreateAsync(alerts, "sma(3)", AlertCondition.CrossesBelow, 99);
        var stored = await product.Services.GetRequiredService<AlertStore>().GetAsync(_user, crosses, CancellationToken.None);
        stored!.Request.Indicator.ShouldBe(new IndicatorValue("sma(3)", "value", Timeframe.M1));

        _clock.Speed = 50;
        await _clock.ReachAsync(Start.AddMinutes(41));

        await Eventually.TrueAsync(async () => await ScalarAsync<long>("select count(*) from notifications") == 5);
        // Means: 103.3 at the close of minute 33, 106.7 after 34, 110 after 35 and 36, 106.7 after 37, 103.3 after 38.
        (await TimesAsync(above)).ShouldBe([35]);
        (await TimesAsync(crosses)).ShouldBe([36]);
        (await TimesAsync(back)).ShouldBe([39]);
        (await TimesAsync(longer)).ShouldBe([35]);

        // Nothing moved before the 33rd minute, and nothing moves against itself.
        (await TimesAsync(compared)).ShouldBe([34]);
        (await ScalarAsync<string>($"select message from notifications where alert_id = {crosses}"))
            .ShouldBe("BTC: sma(3) (value) of 1m candles is at or above 109; price 110 USD.");
        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).Watching == 2);
    }

    [Fact]
    public async Task What_closed_while_the_product_was_down_is_told_once_with_its_time()
    {
        long once, repeating;
        await using (var first = await StartAsync())
        {
            var alerts = first.Grains.GetGrain<IAlertGrain>("BTC");
            once = await CreateAsync(alerts, "sma(3)", AlertCondition.CrossesAbove, 105);
            repeating = await CreateAsync(alerts, "sma(3)", AlertCondition.Above, 105, cooldown: 60);
            await CreateAsync(alerts, "sma(3)", AlertCondition.Above, 111);
        }

        _clock.Speed = 50;
        await _clock.ReachAsync(Start.AddMinutes(44));
        _clock.Speed = 1;
        await using var second = await StartAsync();

        await Eventually.TrueAsync(async () => await ScalarAsync<long>("select count(*) from notifications") >= 2);
        _clock.Speed = 50;
        await _clock.ReachAsync(Start.AddMinutes(48));
        await Eventually.TrueAsync(async () => await ScalarAsync<long>("select count(*) from alert_watermarks where checked_until >= '2024-08-08 12:47Z'") == 1);
        (await TimesAsync(once)).ShouldBe([35]);
        (await TimesAsync(repeating)).ShouldBe([35]);
        (await ScalarAsync<long>("select count(*) from notifications")).ShouldBe(2);
        (await second.Grains.GetGrain<IAlertGrain>("BTC").GetStatusAsync()).Watching.ShouldBe(2);
    }

    private async Task<Product> StartAsync()
    {
        var product = await Product.StartAsync(_database.ConnectionString, _exchange, ScriptedMarket.Pairs, output);
        await product.LiveAsync();
        return product;
    }

    private async Task<long> CreateAsync(
        IAlertGrain alerts, string indicator, AlertCondition condition, decimal value, Timeframe timeframe = Timeframe.M1, int? cooldown = null) =>
        (await alerts.CreateAsync(
            new Actor(_user, null, null, null),
            new AlertRequest(AlertType.Indicator, condition, value, null, cooldown, null, [AlertChannel.Push], null, new IndicatorValue(indicator, null, timeframe)))).Id;

    /// <summary>Minutes after the start at which an alert fired.</summary>
    private async Task<double[]> TimesAsync(long alert) =>
        [.. (await ScalarAsync<DateTime[]>($"select coalesce(array_agg((data ->> 'at')::timestamptz order by id), '{{}}') from notifications where alert_id = {alert}"))
            .Select(at => (at - Start.UtcDateTime).TotalMinutes)];

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
