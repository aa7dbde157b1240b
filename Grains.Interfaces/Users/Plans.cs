using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Grains.Interfaces.Users;

/// <summary>users.subscription_plan.</summary>
public enum Plan : byte
{
    Free,
    Basic,
    Pro,
    Enterprise,
}

/// <summary>What a person may have on a plan.</summary>
public sealed class PlanLimits
{
    /// <summary>Personal watchlists.</summary>
    [Range(0, 10_000)]
    public int MaxWatchlists { get; set; }

    /// <summary>Assets in one watchlist.</summary>
    [Range(1, 10_000)]
    public int MaxAssetsPerWatchlist { get; set; }

    /// <summary>Alerts watched at a time.</summary>
    [Range(0, 100_000)]
    public int MaxAlerts { get; set; }

    /// <summary>Open positions.</summary>
    [Range(0, 100_000)]
    public int MaxPositions { get; set; }

    /// <summary>Requests a minute over the long run, from all addresses together.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; }
}

/// <summary>The limits of each plan. Section <c>Plans</c>; a value that is not configured keeps its default.</summary>
public sealed class PlansOptions : IValidatableObject
{
    public const string Section = "Plans";

    public PlanLimits Free { get; set; } = new()
    {
        MaxWatchlists = 3, MaxAssetsPerWatchlist = 20, MaxAlerts = 20, MaxPositions = 50, RequestsPerMinute = 120,
    };

    public PlanLimits Basic { get; set; } = new()
    {
        MaxWatchlists = 10, MaxAssetsPerWatchlist = 50, MaxAlerts = 100, MaxPositions = 200, RequestsPerMinute = 300,
    };

    public PlanLimits Pro { get; set; } = new()
    {
        MaxWatchlists = 50, MaxAssetsPerWatchlist = 200, MaxAlerts = 1_000, MaxPositions = 2_000, RequestsPerMinute = 600,
    };

    public PlanLimits Enterprise { get; set; } = new()
    {
        MaxWatchlists = 500, MaxAssetsPerWatchlist = 500, MaxAlerts = 10_000, MaxPositions = 20_000, RequestsPerMinute = 3_000,
    };

    public PlanLimits For(Plan plan) => plan switch
    {
        Plan.Basic => Basic,
        Plan.Pro => Pro,
        Plan.Enterprise => Enterprise,
        _ => Free,
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var wrong = new List<ValidationResult>();
        foreach (var plan in Enum.GetValues<Plan>())
        {
            var limits = For(plan);
            Validator.TryValidateObject(limits, new ValidationContext(limits) { DisplayName = $"Plans:{plan}" }, wrong, validateAllProperties: true);
        }

        return wrong;
    }
}
