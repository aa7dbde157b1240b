namespace CryptoAI.Grains.Interfaces.Users;

/// <summary>
/// Who asks for a change: the first argument of every grain call that changes something for a person. A grain checks that what it
/// changes belongs to <paramref name="UserId"/>, and the store writes the actor into user_activities with the change.
/// </summary>
/// <param name="UserId">users.id of the caller.</param>
/// <param name="SessionId">user_sessions.id; null where the system itself acts for the person.</param>
/// <param name="Address">The caller's IP address.</param>
/// <param name="UserAgent">What the caller's program calls itself, cut short.</param>
/// <param name="RequestKey">The request's Idempotency-Key, if it has one.</param>
[GenerateSerializer, Immutable, Alias("actor")]
public sealed record Actor(
    [property: Id(0)] long UserId,
    [property: Id(1)] long? SessionId,
    [property: Id(2)] string? Address,
    [property: Id(3)] string? UserAgent,
    [property: Id(4)] string? RequestKey = null);
