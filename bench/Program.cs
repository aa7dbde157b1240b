using CryptoAI.Bench.Alerts;
using CryptoAI.Bench.Import;
using CryptoAI.Bench.Latency;
using CryptoAI.Bench.Macro;
using CryptoAI.Bench.People;
using CryptoAI.Bench.Ranking;
using CryptoAI.Bench.Storage;
using CryptoAI.Bench.Tick;
using CryptoAI.Tests.Postgres;

return args.FirstOrDefault() switch
{
    "alerts" => AlertBench.Run(),
    "dominance" => DominanceBench.Run(),
    "import" => await ImportBench.RunAsync(await ServerAsync(), args.ElementAtOrDefault(1) ?? Path.Combine("..", "shared", "data")),
    "latency" => await LatencyBench.RunAsync(),
    "people" => await PeopleBench.RunAsync(),
    PeopleSystem.Command => await PeopleSystem.ServeAsync(args),
    "ranking" => RankingBench.Run(await SectorMap.ReadAsync()),
    "regime" => RegimeBench.Run(),
    "sentiment" => SentimentBench.Run(),
    "storage" => await SnapshotBench.RunAsync(await DatabaseAsync()),
    "tick" => await TickBench.RunAsync(),
    _ => Usage(),
};

// The connection string given, else a private server with the product's own settings.
async Task<string> DatabaseAsync()
{
    PostgresFixture.Durable = true;
    return args.Length > 1 ? args[1] : (await PostgresFixture.ServerAsync()).ConnectionString;
}

static async Task<string> ServerAsync()
{
    PostgresFixture.Durable = true;
    return (await PostgresFixture.ServerAsync()).ConnectionString;
}

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- alerts | dominance | import [folder] | latency | people | ranking | regime | sentiment | storage [connection string] | tick");
    return 2;
}
