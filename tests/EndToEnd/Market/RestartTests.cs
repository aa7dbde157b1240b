using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.EndToEnd.Market;

public sealed class RestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_second_start_resumes_without_a_hole()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock);
        await using (var first = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output))
        {
            await first.LiveAsync();
            clock.Speed = Scenario.Speed;
            await clock.ReachAsync(Scenario.Midnight.AddSeconds(-25));
        }

        var stopped = clock.GetUtcNow();
        await clock.ReachAsync(stopped.AddMinutes(6));
        clock.Speed = 2;
        await using var second = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await second.LiveAsync();
        clock.Speed = Scenario.Speed;
        var through = clock.GetUtcNow().AddMinutes(2);
        await clock.ReachAsync(through);

        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, through);
    }

    /// <summary>In processes of their own, on the wall's clock, with the exchange's day ending in between.</summary>
    [Fact]
    public async Task A_product_killed_in_mid_minute_and_started_again_has_every_candle_right()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var exchange = await TestExchange.StartAsync(
            TimeProvider.System, change: options => options.ClockOrigin = Scenario.Midnight.AddSeconds(-35));
        await using (var killed = await ProductProcess.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output))
        {
            await killed.LiveAsync();
            exchange.Faults.Inject(new Fault(FaultKind.Hole) { Probability = 0.2, Duration = TimeSpan.FromSeconds(2) });
            var seen = await killed.TradesAsync();
            await Eventually.TrueAsync(async () => await killed.TradesAsync() > seen + 20);
            await killed.KillAsync();
        }

        await using var next = await ProductProcess.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await next.LiveAsync();
        var through = Timeframe.M1.Floor(exchange.Now).AddMinutes(1);
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, through, TimeSpan.FromSeconds(100));

        (await next.InterruptAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        next.ExitCode.ShouldBe(0);
    }
}
