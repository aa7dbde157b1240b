using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Grains.Interfaces.Assets;

/// <summary>
/// The one writer of the recommendations for one target. Key: the target's kind and id, <c>watchlist/12</c> (<see cref="RecommendationTarget"/>).
/// Recommendations on watchlists of people, positions and people are their owner's; those on default lists, assets and strategies are everyone's, and
/// administrators'. Refuses with <see cref="Operations.RefusedException"/>; a change is committed when it returns.
/// </summary>
[Alias("IRecommendationGrain")]
public interface IRecommendationGrain : IGrainWithStringKey
{
    /// <summary>
    /// Looks at the target as it is now: makes the recommendations that the facts ask for, ends those whose facts or time are over, measures what came of
    /// those whose horizon has passed. Done twice it does nothing more.
    /// </summary>
    [Alias("Refresh")]
    Task<RecommendationRefresh> RefreshAsync();

    /// <summary>The same for who may: the target's owner, for what is everyone's an administrator.</summary>
    [Alias("Look")]
    Task<RecommendationRefresh> LookAsync(Actor actor);

    /// <summary>
    /// Approves or rejects one that is pending. Approving one that changes a watchlist applies it in the same transaction. By its owner or an administrator.
    /// </summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">ai_recommendations.id.</param>
    /// <param name="approve">False: rejects it.</param>
    /// <param name="note">Kept with it; at most 2,000 characters.</param>
    [Alias("Review")]
    Task<Recommendation> ReviewAsync(Actor actor, long id, bool approve, string? note);

    /// <summary>Its owner says what was done with one that is pending or approved. Following one that changes a watchlist applies it.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">ai_recommendations.id.</param>
    /// <param name="decision">Followed, implemented or ignored.</param>
    [Alias("Decide")]
    Task<Recommendation> DecideAsync(Actor actor, long id, RecommendationStatus decision);

    /// <summary>Its owner rates it, again if need be.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">ai_recommendations.id.</param>
    /// <param name="rating">1 (poor) to 5 (excellent).</param>
    /// <param name="feedback">In words; at most 2,000 characters.</param>
    [Alias("Rate")]
    Task<Recommendation> RateAsync(Actor actor, long id, int rating, string? feedback);

    /// <summary>
    /// Takes back what was applied to a watchlist: its assets are then exactly as before. Refused when they have changed since. By its owner or an administrator.
    /// </summary>
    [Alias("Undo")]
    Task<Recommendation> UndoAsync(Actor actor, long id);
}

/// <summary>ai_recommendations.target_entity_type.</summary>
public enum RecommendationTargetKind : byte
{
    /// <summary>A position, portfolio.id.</summary>
    Portfolio,

    /// <summary>watchlists.id.</summary>
    Watchlist,

    /// <summary>cryptocurrencies.id.</summary>
    Asset,

    /// <summary>users.id.</summary>
    User,

    /// <summary>A version of a model that assets are chosen by, ai_models.id.</summary>
    Strategy,
}

/// <summary>Whom or what a recommendation is for.</summary>
[GenerateSerializer, Immutable, Alias("recommendation-target")]
public sealed record RecommendationTarget([property: Id(0)] RecommendationTargetKind Kind, [property: Id(1)] long TargetId)
{
    /// <summary>The grain's key: watchlist/12.</summary>
    public string Key => $"{Kind.ToString().ToLowerInvariant()}/{TargetId}";

    public static RecommendationTarget Parse(string key) => key.Split('/') is [var kind, var id] && Enum.TryParse<RecommendationTargetKind>(kind, ignoreCase: true, out var known)
        ? new(known, long.Parse(id))
        : throw new FormatException($"'{key}' is no target.");
}

/// <summary>ai_recommendations.recommendation_type.</summary>
public enum RecommendationType : byte
{
    Entry,
    Exit,
    RiskManagement,
    Rebalance,
    Allocation,
    PositionSizing,
    Learning,
}

/// <summary>ai_recommendations.status.</summary>
public enum RecommendationStatus : byte
{
    Pending,
    Approved,
    Followed,
    Implemented,
    Ignored,
    Expired,
    Rejected,
}

/// <summary>ai_recommendations.priority_level.</summary>
public enum RecommendationPriority : byte
{
    Low,
    Medium,
    High,
    Urgent,
}

/// <summary>A row of ai_recommendations.</summary>
/// <param name="OwnerId">users.id of whom it is for; null when it is everyone's.</param>
/// <param name="Symbol">The asset it suggests; null when it is about none.</param>
/// <param name="Payload">A JSON object: what to do, and under <c>reasoning</c> the numbers that decided.</param>
/// <param name="Outcome">A JSON object: what came of it.</param>
/// <param name="ExpiresAt">When it is no longer valid.</param>
[GenerateSerializer, Immutable, Alias("recommendation")]
public sealed record Recommendation(
    [property: Id(0)] long Id,
    [property: Id(1)] RecommendationTarget Target,
    [property: Id(2)] long? OwnerId,
    [property: Id(3)] string? Symbol,
    [property: Id(4)] RecommendationType Type,
    [property: Id(5)] string Title,
    [property: Id(6)] string? Summary,
    [property: Id(7)] string Payload,
    [property: Id(8)] RecommendationStatus Status,
    [property: Id(9)] RecommendationPriority Priority,
    [property: Id(10)] int? Rating,
    [property: Id(11)] string? Feedback,
    [property: Id(12)] string Outcome,
    [property: Id(13)] long? ReviewedBy,
    [property: Id(14)] DateTimeOffset? ReviewedAt,
    [property: Id(15)] DateTimeOffset? ImplementedAt,
    [property: Id(16)] DateTimeOffset? ExpiresAt,
    [property: Id(17)] DateTimeOffset CreatedAt,
    [property: Id(18)] DateTimeOffset UpdatedAt);

/// <param name="Made">How many were new.</param>
/// <param name="Ended">How many expired.</param>
/// <param name="Measured">Of how many the outcome was measured.</param>
/// <param name="Reason">Why nothing was recommended by the ranking, or what allows it.</param>
[GenerateSerializer, Immutable, Alias("recommendation-refresh")]
public sealed record RecommendationRefresh(
    [property: Id(0)] int Made,
    [property: Id(1)] int Ended,
    [property: Id(2)] int Measured,
    [property: Id(3)] string Reason);
