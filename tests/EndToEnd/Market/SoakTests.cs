using CryptoAI.Exchange.Simulation;

namespace CryptoAI.Tests.EndToEnd.Market;

public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly FaultKind[] Kinds =
    [
        .. Enum.GetValues<FaultKind>().Where(kind => kind is not (FaultKind.RestBanned or FaultKind.RestTooManyRequests)),
    ];

    [Fact]
    public async Task Candles_are_exact_after_all_faults_at_random()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = Scenario.Clock();
        await using var exchange = await TestExchange.StartAsync(clock, change: options => (options.Seed, options.FaultSeed) = (seed, seed));
        await using var product = await Product.StartAsync(database.ConnectionString, exchange, Scenario.Pairs, output);
        await product.LiveAsync();

        clock.Speed = Scenario.Speed;
        var until = clock.GetUtcNow().AddMinutes(12);
        while (clock.GetUtcNow() < until)
        {
            var fault = Draw(random);
            output.WriteLine($"{clock.GetUtcNow():HH:mm:ss} {fault}");
            exchange.Faults.Inject(fault);
            await clock.ReachAsync(clock.GetUtcNow().AddSeconds(random.Next(2, 30)));
        }

        exchange.Faults.Clear();
        await clock.ReachAsync(until.AddMinutes(1));
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, Scenario.Pairs, until);
    }

    private static Fault Draw(Random random)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var fault = new Fault(kind) { Duration = TimeSpan.FromSeconds(random.Next(1, 40)), Probability = random.NextDouble() };
        return kind switch
        {
            FaultKind.Stall => fault with { Symbol = random.Next(2) == 0 ? Scenario.Pairs[random.Next(Scenario.Pairs.Length)] : null, Probability = 1 },
            FaultKind.Oversized => fault with { Probability = fault.Probability / 20 },
            FaultKind.Delay => fault with { Amount = TimeSpan.FromSeconds(random.Next(1, 20)) },
            _ => fault,
        };
    }
}
