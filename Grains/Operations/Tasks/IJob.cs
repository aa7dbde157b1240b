using System.Text.Json;
using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>
/// Something the product does by itself now and then. Register it as a singleton: <c>services.AddJob&lt;ThatJob&gt;()</c>. It is run by the grain
/// <see cref="IBackgroundTaskGrain"/> of its name, beside the grain's turns, once at a time in the cluster.
/// </summary>
public interface IJob
{
    /// <summary>Lower-case words with hyphens: it is the key of the grain, the task_name of the runs and a part of addresses. Never changed.</summary>
    string Name { get; }

    TaskKind Kind { get; }

    /// <summary>When it runs, unless <c>Tasks:Schedules:NAME</c> says otherwise. A job that never ran is due at once.</summary>
    JobSchedule Schedule { get; }

    /// <summary>
    /// Does it. A process may die anywhere in it, and a run that another believes dead may still go on for a moment: what it does must bear being
    /// done again. It ends soon after the token is cancelled, by throwing <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <returns>What is worth knowing of the run, for administrators; small. Null: nothing.</returns>
    /// <exception cref="Exception">Whatever it throws makes the run a failed one; its message is stored and shown to administrators.</exception>
    Task<JsonObject?> RunAsync(JobRun run, CancellationToken cancellation);
}

/// <summary>A run as its job sees it.</summary>
/// <param name="parameters">What the administrator gave who asked for it, a JSON object; an empty one on schedule.</param>
/// <param name="scheduledFor">The moment of the schedule that it is for; null when it was asked for.</param>
public sealed class JobRun(JsonElement parameters, DateTimeOffset? scheduledFor)
{
    private readonly Lock _lock = new();
    private double? _progress;
    private string? _note;

    public JsonElement Parameters { get; } = parameters;

    public DateTimeOffset? ScheduledFor { get; } = scheduledFor;

    /// <summary>Tells how far it is; written down now and then, so it costs nothing to tell it often.</summary>
    /// <param name="progress">0 to 1.</param>
    /// <param name="note">What it is doing.</param>
    public void Report(double progress, string? note = null)
    {
        lock (_lock)
        {
            (_progress, _note) = (double.IsFinite(progress) ? progress : null, note);
        }
    }

    internal (double? Progress, string? Note) Reported
    {
        get
        {
            lock (_lock)
            {
                return (_progress, _note);
            }
        }
    }
}
