using System.Text.Json;
using System.Text.Json.Serialization;
using CryptoAI.Grains.Interfaces.Users;

namespace CryptoAI.Api.Users;

/// <summary>Tokens of a session: <c>sessionToken</c> goes into <c>Authorization: Bearer</c>, <c>refreshToken</c> gets the next pair, once.</summary>
public sealed record TokensView(
    long UserId, long SessionId, string SessionToken, DateTimeOffset ExpiresAt, string RefreshToken, DateTimeOffset SessionEndsAt)
{
    internal static TokensView From(SessionTokens tokens) => new(
        tokens.UserId, tokens.SessionId, tokens.SessionToken, tokens.ExpiresAt, tokens.RefreshToken, tokens.SessionEndsAt);
}

/// <summary>A person's own account.</summary>
/// <param name="Plan">The plan that counts now; <c>limits</c> are its.</param>
public sealed record ProfileView(
    long Id,
    string Email,
    Role Role,
    string? FirstName,
    string? LastName,
    string? Bio,
    string? ProfilePictureUrl,
    string Timezone,
    string Language,
    JsonElement Preferences,
    Plan Plan,
    DateTimeOffset? SubscriptionExpiresAt,
    PlanLimits Limits,
    decimal AccountBalance,
    string? ReferralCode,
    int ReferralCount,
    int LoginCount,
    DateTimeOffset? LastLogin,
    DateTimeOffset CreatedAt)
{
    internal static ProfileView From(Account account, PlansOptions plans) => new(
        account.Id, account.Email, account.Role, account.FirstName, account.LastName, account.Bio, account.ProfilePictureUrl, account.Timezone,
        account.Language, JsonSerializer.Deserialize<JsonElement>(account.Preferences), account.Plan, account.SubscriptionExpiresAt,
        plans.For(account.Plan), account.AccountBalance, account.ReferralCode, account.ReferralCount, account.LoginCount, account.LastLogin,
        account.CreatedAt);
}

/// <summary>An account as administrators see it.</summary>
public sealed record AccountView(
    long Id,
    string Email,
    Role Role,
    string? FirstName,
    string? LastName,
    Plan Plan,
    Plan SubscriptionPlan,
    DateTimeOffset? SubscriptionExpiresAt,
    decimal AccountBalance,
    bool IsActive,
    bool IsVerified,
    int FailedLoginAttempts,
    DateTimeOffset? LockoutExpires,
    string? ReferralCode,
    int ReferralCount,
    long? ReferredBy,
    int LoginCount,
    DateTimeOffset? LastLogin,
    string? Notes,
    DateTimeOffset? DeletedAt,
    long? DeletedBy,
    DateTimeOffset CreatedAt)
{
    internal static AccountView From(Account account)
    {
        var seen = account.Administration!;
        return new(
            account.Id, account.Email, account.Role, account.FirstName, account.LastName, account.Plan, account.SubscriptionPlan,
            account.SubscriptionExpiresAt, account.AccountBalance, seen.IsActive, seen.IsVerified, seen.FailedLoginAttempts, seen.LockoutExpires,
            account.ReferralCode, account.ReferralCount, seen.ReferredBy, account.LoginCount, account.LastLogin, seen.Notes, seen.DeletedAt,
            seen.DeletedBy, account.CreatedAt);
    }
}

/// <param name="IsCurrent">The session of this very request.</param>
public sealed record SessionView(
    long Id, string? Device, string? Address, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset EndsAt, bool IsCurrent);

public sealed record ActivityView(
    long Id,
    string ActivityType,
    string? EntityType,
    string? Action,
    long? EntityId,
    JsonElement Details,
    long? SessionId,
    string? Address,
    string? UserAgent,
    DateTimeOffset CreatedAt)
{
    internal static ActivityView From(ActivityEntry entry) => new(
        entry.Id, entry.Type, entry.EntityType, entry.Action, entry.EntityId, JsonSerializer.Deserialize<JsonElement>(entry.Details), entry.SessionId,
        entry.Address, entry.UserAgent, entry.At);
}

/// <summary>Opens one hub connection, until <paramref name="ExpiresAt"/>: <c>/hubs/market?ticket=…</c>, without negotiation.</summary>
public sealed record HubTicketView(string Ticket, DateTimeOffset ExpiresAt);

/// <summary>What was done, in a sentence.</summary>
public sealed record DoneView(string Message);

/// <param name="ReferralCode">Of who recommended the product.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RegisterRequest(
    string? Email, string? Password, string? FirstName, string? LastName, string? Language, string? Timezone, string? ReferralCode);

/// <param name="Token">The code of the mail.</param>
/// <param name="Password">That of the registration.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record VerifyEmailRequest(string? Token, string? Password);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInRequest(string? Email, string? Password);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RefreshRequest(string? RefreshToken);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ForgotPasswordRequest(string? Email);

/// <param name="Token">The code of the mail.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ResetPasswordRequest(string? Token, string? NewPassword);

/// <param name="Secret">Printed at the first start.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SetUpRequest(string? Secret, string? Email, string? Password);

/// <summary>What is absent stays; an empty text clears a field.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ProfileRequest(
    string? FirstName, string? LastName, string? Bio, string? ProfilePictureUrl, string? Timezone, string? Language);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ChangePasswordRequest(string? CurrentPassword, string? NewPassword);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeleteAccountRequest(string? Password);

/// <summary>What is absent stays.</summary>
/// <param name="SubscriptionExpiresAt">Counts with <paramref name="Plan"/>; absent there: without end.</param>
/// <param name="AccountBalance">USD that the person has to the good; negative is owed.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AdministerRequest(
    Role? Role, bool? IsActive, Plan? Plan, DateTimeOffset? SubscriptionExpiresAt, string? Notes, decimal? AccountBalance);
