using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>The key pair by which push services and browsers know this installation (RFC 8292): made at first use, kept in the database.</summary>
internal sealed class VapidKey(PushStore store) : IDisposable
{
    /// <summary>RFC 8292 allows a day at most.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly SemaphoreSlim _once = new(1);
    private ECDsa? _key;

    /// <summary>What browsers subscribe with: the uncompressed point, base64url.</summary>
    public async Task<string> PublicKeyAsync(CancellationToken cancellation) =>
        Base64Url.EncodeToString(PushMessage.Point(await KeyAsync(cancellation)));

    /// <summary>The Authorization header of a message to this push service.</summary>
    public async Task<string> AuthorizationAsync(Uri endpoint, string subject, DateTimeOffset now, CancellationToken cancellation)
    {
        var key = await KeyAsync(cancellation);
        return $"vapid t={Token(key, endpoint, subject, now)}, k={Base64Url.EncodeToString(PushMessage.Point(key))}";
    }

    public void Dispose()
    {
        _key?.Dispose();
        _once.Dispose();
    }

    /// <summary>A JSON web token signed with ES256 (RFC 7515, RFC 7518).</summary>
    internal static string Token(ECDsa key, Uri endpoint, string subject, DateTimeOffset now)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["aud"] = endpoint.GetLeftPart(UriPartial.Authority),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["sub"] = subject,
        });
        var unsigned = $"{Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8)}.{Base64Url.EncodeToString(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{unsigned}.{Base64Url.EncodeToString(signature)}";
    }

    private async Task<ECDsa> KeyAsync(CancellationToken cancellation)
    {
        await _once.WaitAsync(cancellation);
        try
        {
            if (_key is null)
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                var key = ECDsa.Create();
                key.ImportPkcs8PrivateKey(await store.KeyAsync(made.ExportPkcs8PrivateKey(), cancellation), out _);
                _key = key;
            }

            return _key;
        }
        finally
        {
            _once.Release();
        }
    }
}
