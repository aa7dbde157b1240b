using System.Text.RegularExpressions;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;

namespace CryptoAI.Grains.Users;

/// <summary>What people may write about themselves. Each rule refuses with the field and the reason.</summary>
public static partial class AccountRules
{
    public const int MinPassword = 10;
    public const int MaxPassword = 128;
    private const int MaxEmail = 254;
    private const int MaxName = 100;
    private const int MaxText = 2_000;
    private const int MaxUrl = 2_048;
    private const decimal MostBalance = 1_000_000_000;
    private const int MaxPreferences = 16 * 1024;

    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "1234567890", "12345678910", "0123456789", "0987654321", "1q2w3e4r5t", "password12", "password123", "password1234", "passwordpassword",
        "qwertyuiop", "qwerty12345", "qwerty123456", "iloveyou123", "letmeinplease", "administrator", "changeme123", "welcome123", "1qaz2wsx3edc",
    };

    /// <summary>An address as it is stored: trimmed, in lower case.</summary>
    public static string Email(string? text, string field = "email")
    {
        var email = text?.Trim().ToLowerInvariant() ?? "";
        return email.Length <= MaxEmail && EmailForm().IsMatch(email)
            ? email
            : throw RefusedException.Invalid(field, $"Must be an e-mail address of at most {MaxEmail} characters.");
    }

    public static string Password(string? password, string email, string field = "password")
    {
        var reason = password switch
        {
            null or { Length: < MinPassword or > MaxPassword } => $"Must have {MinPassword} to {MaxPassword} characters.",
            _ when password.Distinct().Count() < 4 => "Must have more different characters.",
            _ when Common.Contains(password) => "Is among the passwords that everybody tries first.",
            _ when string.Equals(password, email, StringComparison.OrdinalIgnoreCase) => "Must not be the e-mail address.",
            _ => null,
        };
        return reason is null ? password! : throw RefusedException.Invalid(field, reason);
    }

    public static Registration Check(Registration registration)
    {
        var email = Email(registration.Email);
        return registration with
        {
            Email = email,
            Password = Password(registration.Password, email),
            FirstName = EmptyIsNull(FieldRules.Line(registration.FirstName, "firstName", MaxName)),
            LastName = EmptyIsNull(FieldRules.Line(registration.LastName, "lastName", MaxName)),
            Language = Language(registration.Language),
            Timezone = Timezone(registration.Timezone),
            ReferralCode = EmptyIsNull(FieldRules.Line(registration.ReferralCode, "referralCode", 20))?.ToUpperInvariant(),
        };
    }

    public static ProfileChange Check(ProfileChange change) => change with
    {
        FirstName = FieldRules.Line(change.FirstName, "firstName", MaxName),
        LastName = FieldRules.Line(change.LastName, "lastName", MaxName),
        Bio = FieldRules.Text(change.Bio, "bio", MaxText),
        ProfilePictureUrl = Url(change.ProfilePictureUrl, "profilePictureUrl"),
        Timezone = Timezone(change.Timezone),
        Language = Language(change.Language),
    };

    public static AccountChange Check(AccountChange change, DateTimeOffset now)
    {
        if (change is { SubscriptionExpiresAt: not null, Plan: null })
        {
            throw RefusedException.Invalid("plan", "Must be given with subscriptionExpiresAt.");
        }

        if (change.SubscriptionExpiresAt <= now)
        {
            throw RefusedException.Invalid("subscriptionExpiresAt", "Must be in the future.");
        }

        FieldRules.Require(
            change.AccountBalance is null || (Math.Abs(change.AccountBalance.Value) < MostBalance && decimal.Round(change.AccountBalance.Value, 2) == change.AccountBalance),
            "accountBalance", "Must lie between -1,000,000,000 and 1,000,000,000 USD, in whole cents.");
        return change with { Notes = FieldRules.Text(change.Notes, "notes", MaxText) };
    }

    public static string Preferences(string json) => FieldRules.JsonObject(json, "preferences", MaxPreferences, deepest: 8);

    private static string? Timezone(string? text) => text is null || (TimezoneForm().IsMatch(text) && TimeZoneInfo.TryFindSystemTimeZoneById(text, out _))
        ? text
        : throw RefusedException.Invalid("timezone", "Must be an IANA time zone such as Asia/Tehran.");

    private static string? Language(string? text) => text is null || LanguageForm().IsMatch(text)
        ? text
        : throw RefusedException.Invalid("language", "Must be a language tag such as en or fa.");

    private static string? Url(string? text, string field) =>
        text is null or "" || (text.Length <= MaxUrl && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && !text.Any(char.IsControl))
            ? text
            : throw RefusedException.Invalid(field, $"Must be an http or https address of at most {MaxUrl} characters.");

    private static string? EmptyIsNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    [GeneratedRegex(@"\A[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\z")]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_+/-]{1,64}\z")]
    private static partial Regex TimezoneForm();

    [GeneratedRegex(@"\A[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\z")]
    private static partial Regex LanguageForm();
}
