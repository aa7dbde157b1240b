using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>The product's jobs with their schedules, by name.</summary>
internal sealed class JobCatalogue
{
    private readonly SortedDictionary<string, (IJob Job, JobSchedule Schedule)> _jobs = new(StringComparer.Ordinal);

    /// <exception cref="OptionsValidationException">A schedule is configured for a job that does not exist.</exception>
    public JobCatalogue(IEnumerable<IJob> jobs, IOptions<TaskOptions> options)
    {
        var schedules = options.Value.Schedules;
        foreach (var job in jobs)
        {
            _jobs.Add(job.Name, (job, schedules.TryGetValue(job.Name, out var text) ? JobSchedule.TryParse(text)! : job.Schedule));
        }

        if (schedules.Keys.Where(name => !_jobs.ContainsKey(name)).ToArray() is { Length: > 0 } unknown)
        {
            throw new OptionsValidationException(
                TaskOptions.Section, typeof(TaskOptions), [$"Tasks:Schedules names no job: {string.Join(", ", unknown)}. There are {string.Join(", ", _jobs.Keys)}."]);
        }
    }

    public IReadOnlyCollection<(IJob Job, JobSchedule Schedule)> All => _jobs.Values;

    public (IJob Job, JobSchedule Schedule)? Find(string name) => _jobs.TryGetValue(name, out var found) ? found : null;
}
