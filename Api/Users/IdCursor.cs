using System.Globalization;

namespace CryptoAI.Api.Users;

/// <summary>A place in a list by falling id.</summary>
internal static class IdCursor
{
    public static string Write(long id) => id.ToString(CultureInfo.InvariantCulture);

    public static long? Read(string? after, InputErrors errors)
    {
        if (string.IsNullOrEmpty(after))
        {
            return null;
        }

        if (long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        errors.Add("after", "Must be the next of a page.");
        return null;
    }
}
