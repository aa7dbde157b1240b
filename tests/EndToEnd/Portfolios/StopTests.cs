using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Tests.EndToEnd.Portfolios;

/// <summary>Stops and targets under a scripted market.</summary>
public sealed class StopTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2024, 8, 8, 12, 0, 0, TimeSpan.Zero);

    private readonly FastClock _clock = new(Start.AddMinutes(30.5), 1);
    private TestDatabase _database = null!;
    private TestExchange _exchange = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        var market = ScriptedMarket.Write(
            Start, Start.AddMinutes(60), TimeSpan.FromSeconds(5), moment => (1, (int)(moment - Start).TotalMinutes >= 33 ? [90m] : [100m]));
        _exchange = await TestExchange.StartAsync(_clock, market, options => options.ClockOrigin = _clock.GetUtcNow());

        // A minute's end is a second occasion to see what is watched.
        _clock.Run(1, Start.AddMinutes(30.75));
    }

    public async Task DisposeAsync()
    {
        await _exchange.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_stop_that_is_reached_is_told_and_trades_nothing()
    {
        var user = await ScalarAsync<long>("insert into users (email, password_hash) values ('a@example.org', 'x') returning id");
        await using var product = await Product.StartAsync(_database.ConnectionString, _exchange, ScriptedMarket.Pairs, output);
        await product.LiveAsync();
        var actor = new Actor(user, null, null, null);
        var portfolio = product.Grains.GetGrain<IPortfolioGrain>(user);
        var entry = new TradeRequest(ActionType.Entry, 100, 1, 0, 95, 120, null, new TradeNote(Timeframe.H1));
        var opened = await portfolio.OpenAsync(actor, new NewPosition("BTC", AssetType.LongPosition, 1, null, PositionPlan.None, entry));
        // At once: the clock crawls, and the minute's end is more than a minute away.
        var alerts = product.Grains.GetGrain<IAlertGrain>("BTC");
        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).Watching == 2, TimeSpan.FromMinutes(1));
        var closed = await portfolio.OpenAsync(actor, new NewPosition("BTC", AssetType.LongPosition, 1, null, PositionPlan.None, entry));
        await portfolio.ActAsync(
            actor, closed.Position.Position.Id, new TradeRequest(ActionType.FullExit, 100, null, 0, null, null, null, new TradeNote(Timeframe.H1)));

        await Eventually.TrueAsync(async () => (await alerts.GetStatusAsync()).Watching == 2, TimeSpan.FromMinutes(1));
        _clock.Speed = 50;
        await _clock.ReachAsync(Start.AddMinutes(36));

        await Eventually.TrueAsync(async () => await ScalarAsync<long>("select count(*) from notifications where template = 'portfolio.stop_hit'") == 1);
        (await ScalarAsync<long>("select (data->>'positionId')::bigint from notifications where template = 'portfolio.stop_hit'")).ShouldBe(opened.Position.Position.Id);
        // The day's recommendations may be made by now: the owner has set no limits.
        (await ScalarAsync<long>("select count(*) from notifications where template <> 'recommendation.made'")).ShouldBe(1);
        await Eventually.TrueAsync(async () => (await portfolio.GetAsync()).Positions.Single().Price == 90);
        var worth = await portfolio.GetAsync();
        worth.Positions.Single().Price.ShouldBe(90);
        worth.Totals.Unrealized.ShouldBe(-10);
        _clock.Speed = 1;

        // Another target leaves the stop as it is, reached. The stop set anew, at the same price, is watched again and reached at once.
        var id = opened.Position.Position.Id;
        await portfolio.ActAsync(actor, id, new TradeRequest(ActionType.ModifyTp, 0, null, 0, null, 130, null, new TradeNote(Timeframe.H1)));
        (await ScalarAsync<long>("select count(*) from signal_alerts where portfolio_level = 'stop' and is_active")).ShouldBe(0);
        (await ScalarAsync<decimal>("select trigger_value from signal_alerts where portfolio_level = 'target' and is_active")).ShouldBe(130);
        await portfolio.ActAsync(actor, id, new TradeRequest(ActionType.ModifySl, 0, null, 0, 95, null, null, new TradeNote(Timeframe.H1)));
        await Eventually.TrueAsync(
            async () => await ScalarAsync<long>("select count(*) from notifications where template = 'portfolio.stop_hit'") == 2);
    }

    private async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
