using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Market;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Tests.EndToEnd.Market;

public sealed class RestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_second_start_after_more_than_a_day_resumes_without_a_hole()
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

        // Farther than history is looked at on a first start.
        clock.Skip(TimeSpan.FromHours(30));
        clock.Speed = 2;
        await using var second = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await second.LiveAsync();
        clock.Speed = Scenario.Speed;
        var through = clock.GetUtcNow().AddMinutes(2);
        await clock.ReachAsync(through);

        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, through);
    }

    [Fact]
    public async Task History_that_is_stored_is_not_fetched_again()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock);
        await using var product = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await product.LiveAsync();

        // With the last minute done and the next one's end far off, the product itself asks for nothing.
        await clock.RunToAsync(20, Scenario.Midnight.AddSeconds(-50));
        await Eventually.TrueAsync(async () =>
            (await Task.WhenAll(Scenario.Pairs.Select(pair => product.ContinuityAsync(pair[..^4])))).All(one => one.LastClosedMinute >= Scenario.Midnight.AddMinutes(-2)));
        var universe = await product.Grains.GetGrain<IMarketUniverseGrain>(0).GetAsync();
        var info = Array.Find(universe.Symbols, symbol => symbol.Symbol == "BTC")!;
        await using var command = database.DataSource.CreateCommand("select id from cryptocurrencies where symbol = 'BTC'");
        var id = (long)(await command.ExecuteScalarAsync())!;
        var loader = product.Services.GetRequiredService<HistoryLoader>();
        var until = Scenario.Midnight.AddMinutes(-4).ToUnixTimeMilliseconds();
        var before = await loader.LoadAsync(info, 0, id, until, CancellationToken.None);

        // A slowness of nothing counts the requests.
        exchange.Faults.Inject(new Fault(FaultKind.RestSlow) { Path = "/klines", Amount = TimeSpan.Zero });
        var again = await loader.LoadAsync(info, 0, id, until, CancellationToken.None);

        exchange.Faults.Injected[FaultKind.RestSlow].ShouldBeLessThanOrEqualTo(4, "15m, 1h, 4h and 1d from before the exchange's own history");
        again.Bars(Timeframe.M1).ShouldBe(before.Bars(Timeframe.M1));
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
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, through, TimeSpan.FromMinutes(3));

        (await next.InterruptAsync()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        next.ExitCode.ShouldBe(0);
    }
}
