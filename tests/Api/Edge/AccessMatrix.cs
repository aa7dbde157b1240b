using CryptoAI.Api.Edge;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Everyone there can be.</summary>
internal enum Identity
{
    Anonymous,
    Owner,
    OtherUser,
    Admin,

    /// <summary>The owner's account while sign-in is paused after failures: who is signed in stays so.</summary>
    Locked,
    Suspended,
    Deleted,
    Expired,
    Revoked,
}

/// <summary>What everyone was answered everywhere, against what is stated.</summary>
internal static class AccessMatrix
{
    /// <summary>The answers that are not as stated.</summary>
    /// <param name="stated">The lines.</param>
    /// <param name="answers">HTTP status by the line's name and who asked. A hub method that is not open counts as 403.</param>
    public static IReadOnlyList<(string Line, Identity Identity, int Status)> Wrong(
        IEnumerable<AccessLine> stated, IReadOnlyDictionary<(string Line, Identity Identity), int> answers) =>
    [
        .. from line in stated
           from identity in Enum.GetValues<Identity>()
           let status = answers[(line.ToString(), identity)]
           where !IsAsStated(line, identity, status)
           select (line.ToString(), identity, status),
    ];

    /// <summary>What is refused for other reasons than who asks (400, 404, 409) is open.</summary>
    private static bool IsAsStated(AccessLine line, Identity identity, int status)
    {
        var isKnown = identity is Identity.Owner or Identity.OtherUser or Identity.Admin or Identity.Locked;
        var isOwner = identity is Identity.Owner or Identity.Locked || (identity == Identity.Admin && line.IsOpenToAdmins);
        var isOpen = status is not (401 or 403 or 405 or 429 or >= 500);
        var isHub = line.Method == "HUB";
        return line.Allowed switch
        {
            Access.Public => isOpen || (status == 401 && line.TakesCredentials),
            Access.Operator => status == 403,
            _ when !isKnown => status == (isHub ? 403 : 401),
            Access.Admin => identity == Identity.Admin ? isOpen : status == 403,
            _ when line.Own is null => isOpen,
            _ => isOwner ? status is >= 200 and < 300 : status == 404,
        };
    }
}
