using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Users;

/// <summary>
/// Slow hashes of passwords: PBKDF2-HMAC-SHA512 with a random salt, in the framework's versioned format, which tells the rounds. It keeps
/// a processor busy for a tenth of a second, so only as many run at a time as there are processors, and only so many may wait.
/// </summary>
public sealed class Passwords : IDisposable
{
    private const int MaxWaiting = 200;

    private readonly PasswordHasher<Passwords> _hasher;
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);
    private readonly Lazy<string> _nobody;
    private int _waiting;

    public Passwords(IOptions<AccountOptions> options)
    {
        _hasher = new PasswordHasher<Passwords>(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordIterations }));
        _nobody = new Lazy<string>(() => _hasher.HashPassword(this, Guid.NewGuid().ToString()));
    }

    /// <exception cref="RefusedException">Too many passwords are being looked at.</exception>
    public Task<string> HashAsync(string password) => RunAsync(() => _hasher.HashPassword(this, password));

    /// <summary>Compares a password with a stored hash; with none it works as long and fails.</summary>
    /// <returns>Whether it is right; and a hash by today's rounds, when the stored one is older.</returns>
    /// <exception cref="RefusedException">Too many passwords are being looked at.</exception>
    public Task<(bool IsRight, string? NewHash)> VerifyAsync(string? hash, string password) => RunAsync(() =>
    {
        var result = Verify(hash ?? _nobody.Value, password);
        return (
            hash is not null && result != PasswordVerificationResult.Failed,
            hash is not null && result == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(this, password) : null);
    });

    public void Dispose() => _free.Dispose();

    private PasswordVerificationResult Verify(string hash, string password)
    {
        try
        {
            return _hasher.VerifyHashedPassword(this, hash, password);
        }
        catch (FormatException)
        {
            // The account has no password that anybody could know.
            return PasswordVerificationResult.Failed;
        }
    }

    private async Task<T> RunAsync<T>(Func<T> work)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new RefusedException(Refusal.TooMany, "Too many people sign in at the moment; try again in a few seconds.");
        }

        try
        {
            await _free.WaitAsync();
            try
            {
                // Off the grain's scheduler, which must not be kept busy.
                return await Task.Run(work);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
