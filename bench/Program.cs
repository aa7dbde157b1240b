using CryptoAI.Bench.Alerts;
using CryptoAI.Bench.Import;
using CryptoAI.Bench.Latency;
using CryptoAI.Bench.People;
using CryptoAI.Bench.Storage;
using CryptoAI.Bench.Tick;
using CryptoAI.Tests.Postgres;

return args.FirstOrDefault() switch
{
    "alerts" => AlertBench.Run(),
    "people-alerts" => await PeopleAlertBench.RunAsync(await DatabaseAsync()),
    "import" => await ImportBench.RunAsync(await ServerAsync(), args.ElementAtOrDefault(1) ?? Path.Combine("..", "shared", "data")),
    "latency" => await LatencyBench.RunAsync(),
    "people" => await PeopleBench.RunAsync(await PeopleDatabaseAsync()),
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

// A migrated database of its own on the private server.
static async Task<string> PeopleDatabaseAsync()
{
    PostgresFixture.Durable = true;
    return (await PostgresFixture.CreateDatabaseAsync()).ConnectionString;
}

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- alerts | people-alerts [connection string] | import [folder] | latency | people | storage [connection string] | tick");
    return 2;
}
