using System.Security.Cryptography;
using System.Text;
using CryptoAI.Grains.Notifications;

namespace CryptoAI.Tests.Grains.Notifications;

/// <summary>The receiving end of web push: RFC 8291 read from the browser's side.</summary>
internal sealed class Browser : IDisposable
{
    private readonly ECDiffieHellman _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);

    public byte[] PublicKey => PushMessage.Point(_key);

    public byte[] Auth { get; } = RandomNumberGenerator.GetBytes(16);

    public void Dispose() => _key.Dispose();

    public string Decrypt(byte[] message)
    {
        var salt = message[..16];
        var sender = message[21..86];
        using var other = ECDiffieHellman.Create(PushMessage.Point(sender));
        var prk = HKDF.Extract(HashAlgorithmName.SHA256, _key.DeriveRawSecretAgreement(other.PublicKey), Auth);
        var input = HKDF.Expand(HashAlgorithmName.SHA256, prk, 32, [.. "WebPush: info\0"u8, .. PublicKey, .. sender]);
        var content = HKDF.Extract(HashAlgorithmName.SHA256, input, salt);
        using var cipher = new AesGcm(HKDF.Expand(HashAlgorithmName.SHA256, content, 16, "Content-Encoding: aes128gcm\0"u8.ToArray()), 16);
        var plain = new byte[message.Length - 86 - 16];
        cipher.Decrypt(HKDF.Expand(HashAlgorithmName.SHA256, content, 12, "Content-Encoding: nonce\0"u8.ToArray()), message[86..^16], message[^16..], plain);
        plain[^1].ShouldBe((byte)2);
        return Encoding.UTF8.GetString(plain[..^1]);
    }
}
