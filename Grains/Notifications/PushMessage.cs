using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CryptoAI.Grains.Notifications;

/// <summary>Encrypts web push messages for a browser: RFC 8291 over the aes128gcm coding of RFC 8188, in a single record.</summary>
internal static class PushMessage
{
    public const int SaltLength = 16;

    /// <summary>Push services must take 4096 bytes (RFC 8030); header, padding delimiter and tag take 103 of them.</summary>
    public const int MaxPlaintext = RecordSize - HeaderLength - 1 - TagLength;

    private const int RecordSize = 4096;
    private const int PublicKeyLength = 65;
    private const int TagLength = 16;
    private const int HeaderLength = SaltLength + 4 + 1 + PublicKeyLength;

    /// <param name="plaintext">At most <see cref="MaxPlaintext"/> bytes.</param>
    /// <param name="browserKey">The subscription's p256dh: an uncompressed P-256 point.</param>
    /// <param name="auth">The subscription's authentication secret, 16 bytes.</param>
    /// <exception cref="CryptographicException"><paramref name="browserKey"/> is not on the curve.</exception>
    public static byte[] Encrypt(ReadOnlySpan<byte> plaintext, byte[] browserKey, byte[] auth)
    {
        using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(plaintext, browserKey, auth, sender, RandomNumberGenerator.GetBytes(SaltLength));
    }

    /// <summary>With a given sender's key and salt, as the RFC's example has them; both must be new for each message.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> plaintext, byte[] browserKey, byte[] auth, ECDiffieHellman sender, byte[] salt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.Length, MaxPlaintext);
        using var browser = ECDiffieHellman.Create(Point(browserKey));
        var senderKey = Point(sender);
        var secret = sender.DeriveRawSecretAgreement(browser.PublicKey);
        byte[] info = [.. "WebPush: info\0"u8, .. browserKey, .. senderKey];
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, auth, info);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());

        var message = new byte[HeaderLength + plaintext.Length + 1 + TagLength];
        salt.CopyTo(message, 0);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(SaltLength), RecordSize);
        message[SaltLength + 4] = PublicKeyLength;
        senderKey.CopyTo(message, SaltLength + 5);

        // The delimiter 2 says that this is the last record.
        byte[] padded = [.. plaintext, 2];
        var body = message.AsSpan(HeaderLength);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, padded, body[..padded.Length], body[padded.Length..]);
        return message;
    }

    /// <summary>The public key as an uncompressed point: 4, x, y.</summary>
    public static byte[] Point(ECAlgorithm key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }

    /// <exception cref="CryptographicException">It is not an uncompressed point of P-256.</exception>
    public static ECParameters Point(byte[] point)
    {
        if (point.Length != PublicKeyLength || point[0] != 4)
        {
            throw new CryptographicException("The key is not an uncompressed point of P-256.");
        }

        var key = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } };
        key.Validate();
        return key;
    }
}
