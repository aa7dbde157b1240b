using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Users;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CryptoAI.Grains.Users;

/// <summary>
/// The door. Everything that is refused takes the same work and the same words, whether or not there is an account: the password is
/// hashed in any case, and answers leave in steps of a tenth of a second, so that a statement more or less does not show.
/// </summary>
[Reentrant]
[StatelessWorker(4)]
public sealed class AccountsGrain(
    SignInStore signIns,
    AccountStore accounts,
    SetupStore setup,
    Passwords passwords,
    IOptions<AccountOptions> options,
    TimeProvider time) : Grain, IAccountsGrain
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly AccountOptions _options = options.Value;

    public async Task RegisterAsync(Registration registration, Visitor visitor)
    {
        var since = time.GetTimestamp();
        registration = AccountRules.Check(registration);
        var hash = await passwords.HashAsync(registration.Password);
        var isKnownCode = await accounts.RegisterAsync(
            registration, hash, visitor, TimeSpan.FromHours(_options.VerificationHours), CancellationToken.None);
        if (!isKnownCode)
        {
            throw RefusedException.Invalid("referralCode", "Nobody has this code.");
        }

        await PaceAsync(since);
    }

    public async Task<SessionTokens> VerifyEmailAsync(string token, string password, Visitor visitor)
    {
        var since = time.GetTimestamp();
        token = FieldRules.Code(token);
        var found = Tokens.IsWellFormed(token) ? await accounts.FindVerificationAsync(token, CancellationToken.None) : null;
        var (isRight, _) = await passwords.VerifyAsync(found?.PasswordHash, password);
        var tokens = isRight && found is { } account
            ? await accounts.VerifyAsync(account.Id, token, account.PasswordHash, visitor, _options.Lifetime, CancellationToken.None)
            : null;
        return tokens ?? await RefuseAsync(since, "The code is wrong or over, or this is not the password of the registration.");
    }

    public async Task<SessionTokens> SignInAsync(string email, string password, Visitor visitor)
    {
        var since = time.GetTimestamp();
        var account = await signIns.FindAsync(AccountRules.Email(email), visitor.Address, CancellationToken.None);
        var mayTry = account is { MaySignIn: true } && (account.IsKnownAddress || await ReserveAttemptAsync(account.Id));
        var (isRight, newHash) = await passwords.VerifyAsync(mayTry ? account!.PasswordHash : null, password);
        var tokens = isRight ? await signIns.SignInAsync(account!, newHash, visitor, _options.Lifetime, CancellationToken.None) : null;
        return tokens ?? await RefuseAsync(
            since,
            "The e-mail address or the password is wrong, the address is not confirmed, or sign-in is paused after failures. "
            + "Wait a while, or reset the password.");
    }

    public async Task<SessionTokens> RefreshAsync(string refreshToken, Visitor visitor) =>
        await signIns.RefreshAsync(refreshToken, visitor, _options.Lifetime, CancellationToken.None)
        ?? throw new RefusedException(Refusal.Credentials, "The refresh token is not valid; sign in again.");

    public async Task ForgotPasswordAsync(string email, Visitor visitor)
    {
        var since = time.GetTimestamp();
        await accounts.ForgotPasswordAsync(AccountRules.Email(email), visitor, TimeSpan.FromMinutes(_options.ResetMinutes), CancellationToken.None);
        await PaceAsync(since);
    }

    public async Task<SessionTokens> ResetPasswordAsync(string token, string newPassword, Visitor visitor)
    {
        var since = time.GetTimestamp();
        token = FieldRules.Code(token);
        var hash = await passwords.HashAsync(AccountRules.Password(newPassword, "", "newPassword"));
        var tokens = Tokens.IsWellFormed(token)
            ? await accounts.ResetPasswordAsync(token, hash, visitor, _options.Lifetime, CancellationToken.None)
            : null;
        return tokens ?? await RefuseAsync(since, "The code is wrong or over; ask for another one.");
    }

    public async Task<SessionTokens> SetUpAsync(string secret, string email, string password, Visitor visitor)
    {
        var since = time.GetTimestamp();
        secret = FieldRules.Code(secret);
        email = AccountRules.Email(email);
        var hash = await passwords.HashAsync(AccountRules.Password(password, email));
        var tokens = Tokens.IsWellFormed(secret)
            ? await setup.SetUpAsync(secret, email, hash, visitor, _options.Lifetime, CancellationToken.None)
            : null;
        return tokens ?? await RefuseAsync(since, "The secret is wrong or over, or there is an administrator already.");
    }

    public Task<string?> CreateSetupSecretAsync() => setup.CreateSecretAsync(CancellationToken.None);

    private Task<bool> ReserveAttemptAsync(long userId) => signIns.ReserveAttemptAsync(
        userId,
        _options.FailuresBeforePause,
        TimeSpan.FromSeconds(_options.PauseSeconds),
        TimeSpan.FromMinutes(_options.LongestPauseMinutes),
        CancellationToken.None);

    private async Task<SessionTokens> RefuseAsync(long since, string reason)
    {
        await PaceAsync(since);
        throw new RefusedException(Refusal.Credentials, reason);
    }

    private Task PaceAsync(long since)
    {
        var passed = time.GetElapsedTime(since);
        return Task.Delay(Step - TimeSpan.FromTicks(passed.Ticks % Step.Ticks), time);
    }
}
