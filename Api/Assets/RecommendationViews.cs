using System.ComponentModel;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Assets;

namespace CryptoAI.Api.Assets;

/// <summary>What to look at.</summary>
public sealed record LookBody
{
    [Description("watchlist, portfolio (a position), user; for administrators also asset and strategy.")]
    public RecommendationTargetKind? Target { get; init; }

    [Description("Its id; yours if the target is user.")]
    public long? TargetId { get; init; }
}

/// <summary>A review.</summary>
public sealed record ReviewBody
{
    [Description("Required: true approves, and applies what changes a watchlist; false rejects.")]
    public bool? Approve { get; init; }

    [Description("At most 2,000 characters.")]
    public string? Note { get; init; }
}

/// <summary>What was done with a recommendation.</summary>
public sealed record DecisionBody
{
    [Description("followed, implemented or ignored.")]
    public RecommendationStatus? Decision { get; init; }
}

/// <summary>What its owner thinks of a recommendation.</summary>
public sealed record RatingBody
{
    [Description("1 (poor) to 5 (excellent).")]
    public int? Rating { get; init; }

    [Description("At most 2,000 characters.")]
    public string? Feedback { get; init; }
}

/// <summary>What a look at a target did.</summary>
/// <param name="Made">How many recommendations are new.</param>
/// <param name="Ended">How many are over.</param>
/// <param name="Measured">Of how many the outcome was measured.</param>
/// <param name="RankingReason">Why the ranking recommends nothing, or what allows it to: no edge: mean IC 0.01 [-0.02, 0.04] over 30 months.</param>
public sealed record LookView(int Made, int Ended, int Measured, string RankingReason);

/// <summary>A recommendation.</summary>
public sealed record RecommendationView
{
    public required long Id { get; init; }

    public required RecommendationTargetKind Target { get; init; }

    public required long TargetId { get; init; }

    [Description("Whether it is for everyone rather than for one person.")]
    public required bool IsPublic { get; init; }

    public string? Symbol { get; init; }

    public required RecommendationType Type { get; init; }

    public required string Title { get; init; }

    public string? Summary { get; init; }

    [Description("What to do, and under reasoning the numbers that decided.")]
    public required JsonElement Payload { get; init; }

    public required RecommendationStatus Status { get; init; }

    public required RecommendationPriority Priority { get; init; }

    public int? Rating { get; init; }

    public string? Feedback { get; init; }

    [Description("What came of it at its horizon: the asset's return, beside the watchlist's and beside doing nothing.")]
    public required JsonElement Outcome { get; init; }

    public DateTimeOffset? ReviewedAt { get; init; }

    public DateTimeOffset? ImplementedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static RecommendationView From(Recommendation found) => new()
    {
        Id = found.Id,
        Target = found.Target.Kind,
        TargetId = found.Target.TargetId,
        IsPublic = found.OwnerId is null,
        Symbol = found.Symbol,
        Type = found.Type,
        Title = found.Title,
        Summary = found.Summary,
        Payload = JsonElement.Parse(found.Payload),
        Status = found.Status,
        Priority = found.Priority,
        Rating = found.Rating,
        Feedback = found.Feedback,
        Outcome = JsonElement.Parse(found.Outcome),
        ReviewedAt = found.ReviewedAt,
        ImplementedAt = found.ImplementedAt,
        ExpiresAt = found.ExpiresAt,
        CreatedAt = found.CreatedAt,
        UpdatedAt = found.UpdatedAt,
    };
}

/// <summary>A day's ranking in short.</summary>
/// <param name="Id">The place of the next page.</param>
/// <param name="MeanIc">Mean rank correlation by month between score and what came; null when it is not known.</param>
public sealed record RankingDayView(
    long Id, DateOnly Day, string Verdict, bool MayRecommend, string Reason, string? Regime, double? MeanIc, double? IcLower, double? IcUpper, int Ranked);
