using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
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
    /// <summary>Counts rounds: refusing takes as many whether or not there is an account.</summary>
    public const string RoundsCounter = "passwords.rounds";

    private const int MaxWaiting = 200;

    private static readonly byte[] AnySalt = RandomNumberGenerator.GetBytes(16);

    private readonly PasswordHasher<Passwords> _hasher;
    private readonly int _today;
    private readonly Counter<long> _rounds;
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);
    private int _waiting;

    public Passwords(IOptions<AccountOptions> options, IMeterFactory meters)
    {
        _today = options.Value.PasswordIterations;
        _hasher = new PasswordHasher<Passwords>(Options.Create(new PasswordHasherOptions { IterationCount = _today }));
        _rounds = meters.Create("CryptoAI.Users").CreateCounter<long>(RoundsCounter, "{round}", "Rounds of PBKDF2 spent on passwords.");
    }

    /// <exception cref="RefusedException">Too many passwords are being looked at.</exception>
    public Task<string> HashAsync(string password) => RunAsync(() => Hash(password));

    /// <summary>
    /// Compares a password with a stored hash. A refusal takes today's rounds, also when there is no hash, it is none that any password
    /// has, or it is of fewer rounds.
    /// </summary>
    /// <returns>Whether it is right; and a hash by today's rounds, when the stored one is older.</returns>
    /// <exception cref="RefusedException">Too many passwords are being looked at.</exception>
    public Task<(bool IsRight, string? NewHash)> VerifyAsync(string? hash, string password) => RunAsync<(bool, string?)>(() =>
    {
        var rounds = RoundsOf(hash);
        _rounds.Add(rounds);
        switch (rounds == 0 ? PasswordVerificationResult.Failed : _hasher.VerifyHashedPassword(this, hash!, password))
        {
            case PasswordVerificationResult.Failed:
                Spend(_today - rounds, password);
                return (false, null);
            case PasswordVerificationResult.SuccessRehashNeeded:
                return (true, Hash(password));
            default:
                return (true, null);
        }
    });

    public void Dispose() => _free.Dispose();

    private string Hash(string password)
    {
        _rounds.Add(_today);
        return _hasher.HashPassword(this, password);
    }

    private void Spend(int rounds, string password)
    {
        if (rounds > 0)
        {
            _rounds.Add(rounds);
            Rfc2898DeriveBytes.Pbkdf2(password, AnySalt, rounds, HashAlgorithmName.SHA512, 32);
        }
    }

    /// <summary>The rounds that the framework's format (version 3: a byte 1, then PRF and rounds, big endian) states; 0 for what is none.</summary>
    private static int RoundsOf(string? hash)
    {
        Span<byte> bytes = stackalloc byte[128];
        return hash is not null && Convert.TryFromBase64String(hash, bytes, out var length) && length > 13 && bytes[0] == 1
            ? Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes[5..]))
            : 0;
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
