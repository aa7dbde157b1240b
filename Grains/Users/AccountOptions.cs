using System.ComponentModel.DataAnnotations;
using CryptoAI.Storage.Users;

namespace CryptoAI.Grains.Users;

/// <summary>How people sign in. Section <c>Accounts</c>.</summary>
public sealed class AccountOptions
{
    public const string Section = "Accounts";

    /// <summary>How long a session token is good; then the refresh token gets the next one.</summary>
    [Range(1, 1440)]
    public int SessionTokenMinutes { get; set; } = 60;

    /// <summary>How long a session stands after its last refresh.</summary>
    [Range(1, 365)]
    public int SessionDays { get; set; } = 30;

    /// <summary>
    /// How long a refresh token that was just exchanged is taken again from the same address, because the answer was lost; 0 for not
    /// at all.
    /// </summary>
    [Range(0, 120)]
    public int RefreshGraceSeconds { get; set; } = 30;

    /// <summary>How long the code that confirms an address is good.</summary>
    [Range(1, 168)]
    public int VerificationHours { get; set; } = 24;

    /// <summary>How long the code that sets a new password is good.</summary>
    [Range(5, 1440)]
    public int ResetMinutes { get; set; } = 60;

    /// <summary>Rounds of PBKDF2-HMAC-SHA512. A stored hash of fewer is made anew at the next sign-in.</summary>
    [Range(100_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 210_000;

    /// <summary>Failures in a row, from addresses unknown to the account, after which such addresses must wait.</summary>
    [Range(3, 100)]
    public int FailuresBeforePause { get; set; } = 5;

    /// <summary>The first pause; each further failure doubles it.</summary>
    [Range(1, 3600)]
    public int PauseSeconds { get; set; } = 30;

    [Range(1, 1440)]
    public int LongestPauseMinutes { get; set; } = 15;

    internal SessionLifetime Lifetime =>
        new(TimeSpan.FromMinutes(SessionTokenMinutes), TimeSpan.FromDays(SessionDays), TimeSpan.FromSeconds(RefreshGraceSeconds));
}
