using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Grains.Assets;

/// <summary>Has every target looked at once a day, after the ranking was made.</summary>
public sealed class RecommendationJob(RecommendationFacts facts, IGrainFactory grains) : IJob
{
    public string Name => "recommendations";

    public TaskKind Kind => TaskKind.Analysis;

    public JobSchedule Schedule { get; } = JobSchedule.DailyAt(new TimeOnly(1, 10));

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation)
    {
        var targets = await facts.TargetsAsync(cancellation);
        int made = 0, ended = 0, measured = 0;
        var reason = "there is nothing to recommend for";
        for (var i = 0; i < targets.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            run.Report((double)i / targets.Length, $"{i} of {targets.Length} targets");
            var (kind, id) = targets[i];
            var refresh = await grains.GetGrain<IRecommendationGrain>($"{kind}/{id}").RefreshAsync();
            (made, ended, measured, reason) = (made + refresh.Made, ended + refresh.Ended, measured + refresh.Measured, refresh.Reason);
        }

        return new() { ["targets"] = targets.Length, ["made"] = made, ["ended"] = ended, ["measured"] = measured, ["ranking"] = reason };
    }
}
