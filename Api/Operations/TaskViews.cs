using System.Text.Json;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Api.Operations;

/// <summary>What to hand to a job.</summary>
internal sealed record StartTaskRequest
{
    /// <summary>A JSON object; what a job takes is its own. Absent: as on schedule.</summary>
    public JsonElement? Parameters { get; init; }
}

/// <summary>One run of a job.</summary>
internal sealed record TaskRunView
{
    public required long Id { get; init; }

    public required TaskState Status { get; init; }

    public required JsonElement Parameters { get; init; }

    /// <summary>The moment of its schedule that it is for; null when it was asked for.</summary>
    public required DateTimeOffset? ScheduledFor { get; init; }

    /// <summary>How often it was begun: more than once when a process died during it.</summary>
    public required int Attempt { get; init; }

    /// <summary>0 to 1.</summary>
    public required double? Progress { get; init; }

    public required string? ProgressNote { get; init; }

    public required JsonElement? Result { get; init; }

    public required string? Error { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? CompletedAt { get; init; }

    public required double? ExecutionSeconds { get; init; }

    /// <summary>Whether an administrator asked for its end.</summary>
    public required bool CancelRequested { get; init; }

    public static TaskRunView From(TaskRun run) => new()
    {
        Id = run.Id,
        Status = run.State,
        Parameters = JsonElement.Parse(run.Parameters),
        ScheduledFor = run.ScheduledFor,
        Attempt = run.Attempt,
        Progress = run.Progress,
        ProgressNote = run.ProgressNote,
        Result = run.Result is { } result ? JsonElement.Parse(result) : null,
        Error = run.Error,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        CompletedAt = run.CompletedAt,
        ExecutionSeconds = run.Seconds,
        CancelRequested = run.IsCancelRequested,
    };
}

/// <summary>A job of the product.</summary>
internal sealed record TaskView
{
    public required string Name { get; init; }

    public required TaskKind Type { get; init; }

    /// <summary>every 01:00:00, daily 03:30 (UTC) or on request.</summary>
    public required string Schedule { get; init; }

    public required DateTimeOffset? NextRunAt { get; init; }

    public required TaskRunView? NewestRun { get; init; }

    public static TaskView From(TaskSummary summary) => new()
    {
        Name = summary.Name,
        Type = summary.Kind,
        Schedule = summary.Schedule,
        NextRunAt = summary.NextRunAt,
        NewestRun = summary.Newest is { } run ? TaskRunView.From(run) : null,
    };
}
