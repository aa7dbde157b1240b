using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.EndToEnd.Market;

public sealed class CalmMarketTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_calm_market_is_stored_as_the_exchange_states_it_in_all_six_timeframes()
    {
        var figures = await Scenario.RunAsync(output, []);

        figures.Differing.ShouldBe(0);
        figures.GapsRepaired.ShouldBe(figures.GapsFound);
        figures.Reconciled.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Symbols_without_a_single_trade_have_flat_candles_all_the_same()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock, change: options => options.TradesPerSecond = 0.001);
        await using var product = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await product.LiveAsync();

        clock.Speed = Scenario.Speed;
        await clock.ReachAsync(Scenario.Midnight.AddSeconds(70));

        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, Scenario.Midnight.AddMinutes(1));
        var minutes = await PriceRows.ReadAsync(database.DataSource, "COMP", Timeframe.M1);
        minutes.ShouldContain(row => row.Time >= Scenario.Midnight.AddMinutes(-2) && row.Count == 0 && row.Open == row.Close && row.Cents == 0);
    }

    [Fact]
    public async Task Symbols_that_the_stream_never_mentions_are_stored_all_the_same()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock);
        exchange.Faults.Inject(new Exchange.Simulation.Fault(Exchange.Simulation.FaultKind.Stall) { Symbol = "COMPUSDT" });
        await using var product = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await product.LiveAsync();

        clock.Speed = Scenario.Speed;
        await clock.ReachAsync(Scenario.Midnight.AddSeconds(70));

        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, Scenario.Midnight.AddMinutes(1));
    }
}
