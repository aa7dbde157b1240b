namespace CryptoAI.Grains.Interfaces.Users;

/// <summary>users.role.</summary>
public enum Role : byte
{
    Public,
    Admin,
}

/// <param name="Plan">The plan that counts now: free once <paramref name="SubscriptionExpiresAt"/> is over.</param>
/// <param name="SubscriptionPlan">The plan that was subscribed to.</param>
/// <param name="Preferences">A JSON object.</param>
/// <param name="AccountBalance">USD.</param>
/// <param name="ReferralCount">People who confirmed an account made with <paramref name="ReferralCode"/>.</param>
/// <param name="Administration">Null where the reader is no administrator.</param>
[GenerateSerializer, Immutable, Alias("account")]
public sealed record Account(
    [property: Id(0)] long Id,
    [property: Id(1)] string Email,
    [property: Id(2)] Role Role,
    [property: Id(3)] string? FirstName,
    [property: Id(4)] string? LastName,
    [property: Id(5)] string? Bio,
    [property: Id(6)] string? ProfilePictureUrl,
    [property: Id(7)] string Timezone,
    [property: Id(8)] string Language,
    [property: Id(9)] string Preferences,
    [property: Id(10)] Plan Plan,
    [property: Id(11)] Plan SubscriptionPlan,
    [property: Id(12)] DateTimeOffset? SubscriptionExpiresAt,
    [property: Id(13)] decimal AccountBalance,
    [property: Id(14)] string? ReferralCode,
    [property: Id(15)] int ReferralCount,
    [property: Id(16)] int LoginCount,
    [property: Id(17)] DateTimeOffset? LastLogin,
    [property: Id(18)] DateTimeOffset CreatedAt,
    [property: Id(19)] AccountAdministration? Administration);

/// <summary>What only administrators see of an account.</summary>
[GenerateSerializer, Immutable, Alias("account-administration")]
public sealed record AccountAdministration(
    [property: Id(0)] bool IsActive,
    [property: Id(1)] bool IsVerified,
    [property: Id(2)] int FailedLoginAttempts,
    [property: Id(3)] DateTimeOffset? LockoutExpires,
    [property: Id(4)] long? ReferredBy,
    [property: Id(5)] string? Notes,
    [property: Id(6)] DateTimeOffset? DeletedAt,
    [property: Id(7)] long? DeletedBy);

/// <summary>What changes; null leaves a field as it is, an empty text clears it.</summary>
/// <param name="Timezone">An IANA name such as Asia/Tehran.</param>
/// <param name="Language">A language tag such as en or fa.</param>
[GenerateSerializer, Immutable, Alias("profile-change")]
public sealed record ProfileChange(
    [property: Id(0)] string? FirstName,
    [property: Id(1)] string? LastName,
    [property: Id(2)] string? Bio,
    [property: Id(3)] string? ProfilePictureUrl,
    [property: Id(4)] string? Timezone,
    [property: Id(5)] string? Language);

/// <summary>What an administrator changes; null leaves a field as it is.</summary>
/// <param name="IsActive">False suspends the account and ends its sessions.</param>
/// <param name="SubscriptionExpiresAt">End of the plan; counts only together with <paramref name="Plan"/>, where null is without end.</param>
/// <param name="Notes">For administrators; an empty text clears them.</param>
/// <param name="AccountBalance">USD that the person has to the good; negative is owed.</param>
[GenerateSerializer, Immutable, Alias("account-change")]
public sealed record AccountChange(
    [property: Id(0)] Role? Role,
    [property: Id(1)] bool? IsActive,
    [property: Id(2)] Plan? Plan,
    [property: Id(3)] DateTimeOffset? SubscriptionExpiresAt,
    [property: Id(4)] string? Notes,
    [property: Id(5)] decimal? AccountBalance = null);

/// <param name="Device">What the client called itself.</param>
/// <param name="LastUsedAt">To the minute.</param>
[GenerateSerializer, Immutable, Alias("session")]
public sealed record Session(
    [property: Id(0)] long Id,
    [property: Id(1)] string? Device,
    [property: Id(2)] string? Address,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] DateTimeOffset LastUsedAt,
    [property: Id(5)] DateTimeOffset EndsAt);

/// <summary>An entry of user_activities, in that table's words.</summary>
/// <param name="Details">A JSON object.</param>
[GenerateSerializer, Immutable, Alias("activity-entry")]
public sealed record ActivityEntry(
    [property: Id(0)] long Id,
    [property: Id(1)] string Type,
    [property: Id(2)] string? EntityType,
    [property: Id(3)] string? Action,
    [property: Id(4)] long? EntityId,
    [property: Id(5)] string Details,
    [property: Id(6)] long? SessionId,
    [property: Id(7)] string? Address,
    [property: Id(8)] string? UserAgent,
    [property: Id(9)] DateTimeOffset At);
