using Npgsql;

namespace CryptoAI.Tests.EndToEnd.Market;

/// <summary>PostgreSQL is away for some seconds of the wall and some minutes of the market.</summary>
public sealed class DatabaseLossTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(4);

    [Fact]
    public Task Candles_are_exact_after_minutes_with_the_database_refusing() =>
        RunAsync(relay => relay.CutAsync(), relay => relay.Restore());

    [Fact]
    public Task Candles_are_exact_after_minutes_with_the_database_silent() =>
        RunAsync(
            relay =>
            {
                relay.Hold();
                return Task.CompletedTask;
            },
            relay => relay.Release());

    private async Task RunAsync(Func<TcpRelay, Task> lose, Action<TcpRelay> restore)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var relay = new TcpRelay("127.0.0.1", direct.Port);
        var relayed = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = relay.Port };
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock);
        await using var product = await Product.StartAsync(relayed.ConnectionString, exchange, Scenario.Pairs, output);
        await product.LiveAsync();

        clock.Speed = Scenario.Speed;
        await lose(relay);
        var back = clock.GetUtcNow() + Away;
        await clock.ReachAsync(back);
        await Eventually.TrueAsync(
            async () => await product.ContinuityAsync("BTC") is var now && now.LastClosedMinute > back.AddMinutes(-3) && now.UnwrittenCandles > 0,
            what: "the market goes on without the database");

        restore(relay);
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, back.AddMinutes(2));
    }
}
