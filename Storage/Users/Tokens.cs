using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CryptoAI.Storage.Users;

/// <summary>Opaque tokens: 256 random bits in base64url (43 characters). The database holds only their SHA-256.</summary>
public static class Tokens
{
    /// <summary>Characters of a token.</summary>
    public const int Length = 43;

    private const int Bytes = 32;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>SHA-256 in lower-case hexadecimal. A token is random enough to need neither salt nor a slow hash.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether a text could be a token at all, so that nonsense never reaches the database.</summary>
    public static bool IsWellFormed(string? text) => text is { Length: Length } && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
