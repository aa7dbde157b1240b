using System.Buffers;

namespace CryptoAI.Grains.Notifications;

/// <summary>What counts as an address for mail.</summary>
internal static class MailAddresses
{
    private const int MaxLength = 254;

    private static readonly SearchValues<char> DomainLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

    private static readonly SearchValues<char> LocalLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+-/=?^_`{|}~");

    /// <summary>
    /// local@domain in plain ASCII without spaces, quotes, brackets or control characters: nothing in it can end a header line or an SMTP
    /// command. Stricter than RFC 5321, which allows quoted local parts that nobody has.
    /// </summary>
    public static bool IsPlain(string? address)
    {
        if (address is null || address.Length > MaxLength || address.IndexOf('@', StringComparison.Ordinal) is not (> 0 and <= 64 and var at))
        {
            return false;
        }

        var domain = address.AsSpan(at + 1);
        return domain.Length > 0 && domain[0] is not ('.' or '-') && domain[^1] is not ('.' or '-')
            && !domain.ContainsAnyExcept(DomainLetters)
            && !address.AsSpan(0, at).ContainsAnyExcept(LocalLetters);
    }
}
