namespace CryptoAI.Grains.Interfaces.Users;

/// <summary>
/// The door: what people ask who are not signed in. Key: 0. Nothing it answers, and no time it takes, tells whether an e-mail address
/// has an account. Credentials that are wrong are refused with <see cref="Operations.Refusal.Credentials"/>.
/// </summary>
[Alias("IAccountsGrain")]
public interface IAccountsGrain : IGrainWithIntegerKey
{
    /// <summary>Mails a code to the address; with it <see cref="VerifyEmailAsync"/> opens the account. Where there is one already, its owner is told.</summary>
    [Alias("Register")]
    Task RegisterAsync(Registration registration, Visitor visitor);

    /// <summary>Opens the account and signs in. The password must be that of the registration, so that nobody confirms an account for somebody else.</summary>
    [Alias("VerifyEmail")]
    Task<SessionTokens> VerifyEmailAsync(string token, string password, Visitor visitor);

    [Alias("SignIn")]
    Task<SessionTokens> SignInAsync(string email, string password, Visitor visitor);

    /// <summary>
    /// New tokens for a session; the old ones end. A refresh token that was used before ends the session, and its owner is told; within a
    /// moment and from the same address it gets another pair, because the answer may have been lost.
    /// </summary>
    [Alias("Refresh")]
    Task<SessionTokens> RefreshAsync(string refreshToken, Visitor visitor);

    /// <summary>Mails a code with which <see cref="ResetPasswordAsync"/> sets a new password, if there is such an account.</summary>
    [Alias("ForgotPassword")]
    Task ForgotPasswordAsync(string email, Visitor visitor);

    /// <summary>Sets a new password, ends all sessions and signs in.</summary>
    [Alias("ResetPassword")]
    Task<SessionTokens> ResetPasswordAsync(string token, string newPassword, Visitor visitor);

    /// <summary>Makes the first administrator with the secret that was printed at the first start, and signs in.</summary>
    [Alias("SetUp")]
    Task<SessionTokens> SetUpAsync(string secret, string email, string password, Visitor visitor);

    /// <summary>A new secret for <see cref="SetUpAsync"/>, valid for a day; null once there is an administrator.</summary>
    [Alias("CreateSetupSecret")]
    Task<string?> CreateSetupSecretAsync();
}

/// <summary>Where somebody asks from who is not signed in.</summary>
[GenerateSerializer, Immutable, Alias("visitor")]
public sealed record Visitor([property: Id(0)] string? Address, [property: Id(1)] string? UserAgent);

/// <param name="ReferralCode">The code of who recommended the product, if anybody did.</param>
/// <param name="Language">en, fa and so on; mails are written in it.</param>
[GenerateSerializer, Immutable, Alias("registration")]
public sealed record Registration(
    [property: Id(0)] string Email,
    [property: Id(1)] string Password,
    [property: Id(2)] string? FirstName,
    [property: Id(3)] string? LastName,
    [property: Id(4)] string? Language,
    [property: Id(5)] string? Timezone,
    [property: Id(6)] string? ReferralCode);

/// <summary>What a client keeps of a session. Only hashes of the tokens are stored.</summary>
/// <param name="SessionToken">Goes with every request, until <paramref name="ExpiresAt"/>.</param>
/// <param name="RefreshToken">Gets the next pair, once, until <paramref name="SessionEndsAt"/>.</param>
[GenerateSerializer, Immutable, Alias("session-tokens")]
public sealed record SessionTokens(
    [property: Id(0)] long UserId,
    [property: Id(1)] long SessionId,
    [property: Id(2)] string SessionToken,
    [property: Id(3)] DateTimeOffset ExpiresAt,
    [property: Id(4)] string RefreshToken,
    [property: Id(5)] DateTimeOffset SessionEndsAt);
