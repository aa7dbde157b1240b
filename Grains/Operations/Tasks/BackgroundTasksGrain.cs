using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Operations;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>What concerns all jobs.</summary>
[StatelessWorker(2)]
internal sealed class BackgroundTasksGrain(JobCatalogue jobs, TaskStore store, TimeProvider time) : Grain, IBackgroundTasksGrain
{
    public async Task<TaskSummary[]> ListAsync()
    {
        var now = time.GetUtcNow();
        var newest = await store.GetNewestAsync([.. jobs.All.Select(static entry => entry.Job.Name)], now, CancellationToken.None);
        return
        [
            .. jobs.All.Select(entry =>
            {
                var (run, last) = newest.GetValueOrDefault(entry.Job.Name);
                return new TaskSummary(entry.Job.Name, entry.Job.Kind, entry.Schedule.ToString(), entry.Schedule.Next(last, now), run);
            }),
        ];
    }
}
