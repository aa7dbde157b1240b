using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Operations.Tasks;

namespace CryptoAI.Grains.Sectors;

/// <summary>Has the sectors calculated every hour.</summary>
internal sealed class SectorJob(IGrainFactory grains) : IJob
{
    public string Name => "sector-analysis";

    public TaskKind Kind => TaskKind.Analysis;

    public JobSchedule Schedule { get; } = JobSchedule.Every(TimeSpan.FromHours(1));

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var done = await grains.GetGrain<ISectorRotationGrain>(0).RefreshAsync().WaitAsync(cancellation);
        return new JsonObject
        {
            ["performances"] = done.Performances,
            ["rotations"] = done.Rotations,
            ["deleted"] = done.Deleted,
            ["unknown"] = done.Reading.Unknown,
        };
    }
}
