using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Operations;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>Deletes runs of jobs that are older than <see cref="TaskOptions.RetentionDays"/>.</summary>
internal sealed class TaskRetention(TaskStore store, IOptions<TaskOptions> options, TimeProvider time) : IJob
{
    public string Name => "task-retention";

    public TaskKind Kind => TaskKind.Cleanup;

    public JobSchedule Schedule { get; } = JobSchedule.DailyAt(new TimeOnly(3, 10));

    public async Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation) =>
        new() { ["deleted"] = await store.DeleteOldAsync(time.GetUtcNow().AddDays(-options.Value.RetentionDays), cancellation) };
}
