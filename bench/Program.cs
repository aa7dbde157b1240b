using CryptoAI.Bench.Alerts;
using CryptoAI.Bench.Latency;
using CryptoAI.Bench.Storage;
using CryptoAI.Bench.Tick;
using CryptoAI.Tests.Postgres;

return args.FirstOrDefault() switch
{
    "alerts" => AlertBench.Run(),
    "people-alerts" => await PeopleAlertBench.RunAsync(await DatabaseAsync()),
    "latency" => await LatencyBench.RunAsync(),
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

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- alerts | people-alerts [connection string] | latency | storage [connection string] | tick");
    return 2;
}
