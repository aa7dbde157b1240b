using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Market;
using CryptoAI.Storage.Operations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>
/// Runs one job. The job's own work goes on outside the grain's turns; the grain watches over it: renews its lease, passes on a
/// cancellation, records the end.
/// </summary>
[Reentrant]
internal sealed partial class BackgroundTaskGrain : Grain, IBackgroundTaskGrain
{
    private static readonly TimeSpan RecordPause = TimeSpan.FromSeconds(1);

    private readonly JobCatalogue _jobs;
    private readonly TaskStore _store;
    private readonly TaskOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<BackgroundTaskGrain> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly PacedWork _work;
    private CancellationTokenSource? _cancelRun;

    public BackgroundTaskGrain(JobCatalogue jobs, TaskStore store, IOptions<TaskOptions> options, TimeProvider time, ILogger<BackgroundTaskGrain> log)
    {
        (_jobs, _store, _options, _time, _log) = (jobs, store, options.Value, time, log);
        _work = new PacedWork(time, WorkAsync, (exception, pause) => LogFailed(exception, this.GetPrimaryKeyString(), pause.TotalSeconds));
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _work.Running.WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public Task LookAsync()
    {
        _work.Start();
        return Task.CompletedTask;
    }

    public async Task<TaskRun> StartAsync(Actor actor, string? parameters)
    {
        var (job, _) = Job();
        var run = await _store.AskAsync(actor, job.Name, job.Kind, Checked(parameters), _stop.Token)
            ?? throw new RefusedException(Refusal.Conflict, "A run of this task waits or is under way.");
        _work.Start();
        return run;
    }

    public async Task<TaskRun> CancelAsync(Actor actor)
    {
        var (job, _) = Job();
        var run = await _store.CancelAsync(actor, job.Name, _time.GetUtcNow(), _stop.Token)
            ?? throw new RefusedException(Refusal.Conflict, "No run of this task waits or is under way.");
        if (_cancelRun is { } running)
        {
            await running.CancelAsync();
        }

        return run;
    }

    private (IJob Job, JobSchedule Schedule) Job() => _jobs.Find(this.GetPrimaryKeyString()) ?? throw RefusedException.NotFound("task");

    private static string Checked(string? parameters)
    {
        if (parameters is null)
        {
            return "{}";
        }

        try
        {
            using var parsed = JsonDocument.Parse(parameters);
            return parsed.RootElement.ValueKind == JsonValueKind.Object
                ? parameters
                : throw RefusedException.Invalid("parameters", "Must be a JSON object.");
        }
        catch (JsonException)
        {
            throw RefusedException.Invalid("parameters", "Must be a JSON object.");
        }
    }

    /// <summary>Runs what is due, if anything is.</summary>
    private async Task WorkAsync()
    {
        if (_jobs.Find(this.GetPrimaryKeyString()) is not var (job, schedule))
        {
            return;
        }

        var now = _time.GetUtcNow();
        var standing = await _store.GetStandingAsync(job.Name, now, _stop.Token);
        var lease = Guid.NewGuid();
        var until = now + _options.Lease;
        var run = standing.Live is { } live
            ? standing.IsFree ? await _store.TakeAsync(live.Id, lease, now, until, _stop.Token) : null
            : _options.Enabled && schedule.Due(standing.LastScheduled, now) is { } due
                ? await _store.BeginAsync(job.Name, job.Kind, due, lease, now, until, _stop.Token)
                : null;
        if (run is not null)
        {
            await RunAsync(job, run, lease);
        }
    }

    private async Task RunAsync(IJob job, TaskRun run, Guid lease)
    {
        if (run.IsCancelRequested)
        {
            await RecordAsync(run, lease, TaskState.Cancelled, null, "Cancelled.");
            return;
        }

        if (run.Attempt > _options.MaxAttempts)
        {
            await RecordAsync(run, lease, TaskState.Failed, null, $"The process that ran it ended {run.Attempt - 1} times before it was done.");
            return;
        }

        LogBegun(job.Name, run.Id, run.Attempt);
        using var cancel = _cancelRun = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            var seen = new JobRun(JsonElement.Parse(run.Parameters), run.ScheduledFor);
            // What the job does never holds up the grain.
            var work = Task.Run(() => job.RunAsync(seen, cancel.Token), CancellationToken.None);
            if (await WatchAsync(work, seen, run, lease, cancel))
            {
                await RecordAsync(run, lease, work);
            }
            else
            {
                LogLost(job.Name, run.Id);
            }
        }
        finally
        {
            _cancelRun = null;
        }
    }

    /// <summary>Renews the lease until the work has ended.</summary>
    /// <returns>Whether the lease was held all the time.</returns>
    private async Task<bool> WatchAsync(Task work, JobRun seen, TaskRun run, Guid lease, CancellationTokenSource cancel)
    {
        var heldUntil = _time.GetUtcNow() + _options.Lease;
        var isHeld = true;
        while (!work.IsCompleted)
        {
            await work.WaitAsync(_options.Lease / 4, _time).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (work.IsCompleted || !isHeld)
            {
                continue;
            }

            try
            {
                var now = _time.GetUtcNow();
                var (progress, note) = seen.Reported;
                var found = await _store.RenewAsync(run.Id, lease, now + _options.Lease, progress, note, CancellationToken.None);
                isHeld = found != TaskLease.Lost;
                heldUntil = now + _options.Lease;
                if (found != TaskLease.Held)
                {
                    await cancel.CancelAsync();
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The database is away. When the lease is over another may have begun the run.
                LogNotRenewed(exception, run.Name, run.Id);
                if (_time.GetUtcNow() >= heldUntil)
                {
                    isHeld = false;
                    await cancel.CancelAsync();
                }
            }
        }

        return isHeld;
    }

    private Task RecordAsync(TaskRun run, Guid lease, Task<JsonObject?> work)
    {
        if (work.IsCompletedSuccessfully)
        {
            return RecordAsync(run, lease, TaskState.Completed, work.Result?.ToJsonString(), null);
        }

        if (work.Exception?.InnerException is { } failure and not OperationCanceledException)
        {
            LogJobFailed(failure, run.Name, run.Id);
            return RecordAsync(run, lease, TaskState.Failed, null, failure.Message);
        }

        if (_stop.IsCancellationRequested)
        {
            // This process stops; the run goes on elsewhere, or with the next start.
            return _store.GiveBackAsync(run.Id, lease, CancellationToken.None);
        }

        return _cancelRun is { IsCancellationRequested: true }
            ? RecordAsync(run, lease, TaskState.Cancelled, null, "Cancelled.")
            : RecordAsync(run, lease, TaskState.Failed, null, "It gave up waiting for something.");
    }

    /// <summary>Records the end of a run; tried again until the lease is over.</summary>
    private async Task RecordAsync(TaskRun run, Guid lease, TaskState state, string? result, string? error)
    {
        var giveUpAt = _time.GetUtcNow() + _options.Lease;
        while (true)
        {
            try
            {
                if (await _store.EndAsync(run.Id, lease, state, result, error, _time.GetUtcNow(), CancellationToken.None))
                {
                    LogEnded(run.Name, run.Id, state);
                }
                else
                {
                    LogLost(run.Name, run.Id);
                }

                return;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested && _time.GetUtcNow() < giveUpAt)
            {
                LogNotRecorded(exception, run.Name, run.Id);
                await Task.Delay(RecordPause, _time, _stop.Token);
            }
        }
    }
}
