using CryptoAI.Tests.Engine.Turns;

namespace CryptoAI.Tests.Engine.Local;

/// <summary>More than Orleans promises: there the second of two first calls may find the first one's activation and wait for it.</summary>
[Collection(EngineTests.Name)]
public sealed class WorkerTests(EngineFixture cluster)
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task Two_first_calls_of_a_stateless_worker_run_beside_each_other_however_close_they_come()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var worker = cluster.Grains.GetGrain<IWorkerGrain>(Random.Shared.NextInt64());
            var journal = $"{_key} {round}";
            var (first, second) = (worker.HoldAsync(journal, "a"), worker.HoldAsync(journal, "b"));
            Signals.Open($"{journal} b");
            await second;
            Signals.Open($"{journal} a");
            await first;
        }
    }
}
