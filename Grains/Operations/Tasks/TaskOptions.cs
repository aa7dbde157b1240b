using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>Section <c>Tasks</c>: the product's jobs.</summary>
public sealed class TaskOptions : IValidatableObject
{
    public const string Section = "Tasks";

    /// <summary>Whether jobs run by schedule in this process.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often each job is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>When the process of a run dies, another takes it over after this long. A run renews it four times as often.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a run is begun whose process dies during it.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Days that background_tasks keeps.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 90;

    /// <summary>Name of a job to when it runs: <c>every 01:00:00</c>, <c>daily 03:30</c> (UTC) or <c>on request</c>.</summary>
    public Dictionary<string, string> Schedules { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, schedule) in Schedules.Where(static entry => JobSchedule.TryParse(entry.Value) is null))
        {
            yield return new($"Tasks:Schedules:{name} is 'every 01:00:00', 'daily 03:30' or 'on request', not '{schedule}'.", [nameof(Schedules)]);
        }
    }
}
