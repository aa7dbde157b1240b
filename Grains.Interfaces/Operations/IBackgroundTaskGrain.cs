using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Operations;

/// <summary>
/// One job of the product; the key is the job's name. Runs it when its schedule says so or an administrator asks, never twice at once
/// in the cluster: a run holds a lease in background_tasks, and when its process dies another takes the run over.
/// </summary>
[Alias("background-task")]
public interface IBackgroundTaskGrain : IGrainWithStringKey
{
    /// <summary>Begins what is due and returns at once. Called every few seconds from every silo.</summary>
    [Alias("look")]
    Task LookAsync();

    /// <summary>Has the job run once, now.</summary>
    /// <param name="actor">An administrator.</param>
    /// <param name="parameters">A JSON object for the job; null: none.</param>
    /// <exception cref="RefusedException">There is no such job, or a run of it waits or is under way.</exception>
    [Alias("start")]
    Task<TaskRun> StartAsync(Actor actor, string? parameters);

    /// <summary>Ends the run that waits or is under way. One under way ends as soon as the job heeds it.</summary>
    /// <exception cref="RefusedException">There is no such job, or no run of it to cancel.</exception>
    [Alias("cancel")]
    Task<TaskRun> CancelAsync(Actor actor);
}

/// <summary>All jobs of the product. Its key is always 0.</summary>
[Alias("background-tasks")]
public interface IBackgroundTasksGrain : IGrainWithIntegerKey
{
    /// <summary>Every job with its schedule and newest run, by name.</summary>
    [Alias("list")]
    Task<TaskSummary[]> ListAsync();
}

/// <summary>What a job is for: background_tasks.task_type.</summary>
public enum TaskKind : byte
{
    DataSync,
    ModelTraining,
    Cleanup,
    Analysis,
}

/// <summary>background_tasks.status.</summary>
public enum TaskState : byte
{
    /// <summary>Waits for a silo to take it.</summary>
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>One run of a job.</summary>
/// <param name="Id">background_tasks.id.</param>
/// <param name="Parameters">A JSON object.</param>
/// <param name="ScheduledFor">The moment of its schedule that it is for; null when an administrator asked for it.</param>
/// <param name="Attempt">How often it was begun: more than once when a process died during it.</param>
/// <param name="Progress">0 to 1; null: not told.</param>
/// <param name="ProgressNote">What the job says it is doing.</param>
/// <param name="Result">A JSON object; null unless it completed.</param>
/// <param name="Error">Why it failed or was cancelled.</param>
/// <param name="StartedAt">When the last attempt began.</param>
/// <param name="Seconds">How long the last attempt took.</param>
/// <param name="IsCancelRequested">Whether an administrator asked for its end.</param>
[GenerateSerializer, Immutable, Alias("task-run")]
public sealed record TaskRun(
    [property: Id(0)] long Id,
    [property: Id(1)] string Name,
    [property: Id(2)] TaskKind Kind,
    [property: Id(3)] TaskState State,
    [property: Id(4)] string Parameters,
    [property: Id(5)] DateTimeOffset? ScheduledFor,
    [property: Id(6)] int Attempt,
    [property: Id(7)] double? Progress,
    [property: Id(8)] string? ProgressNote,
    [property: Id(9)] string? Result,
    [property: Id(10)] string? Error,
    [property: Id(11)] DateTimeOffset? StartedAt,
    [property: Id(12)] DateTimeOffset? CompletedAt,
    [property: Id(13)] double? Seconds,
    [property: Id(14)] bool IsCancelRequested,
    [property: Id(15)] DateTimeOffset CreatedAt);

/// <summary>A job as administrators see it.</summary>
/// <param name="Schedule">every 01:00:00, daily 03:30 (UTC), or on request.</param>
/// <param name="NextRunAt">When its schedule is next due; null when it runs on request only.</param>
/// <param name="Newest">Its newest run; null when it never ran.</param>
[GenerateSerializer, Immutable, Alias("task-summary")]
public sealed record TaskSummary(
    [property: Id(0)] string Name,
    [property: Id(1)] TaskKind Kind,
    [property: Id(2)] string Schedule,
    [property: Id(3)] DateTimeOffset? NextRunAt,
    [property: Id(4)] TaskRun? Newest);
