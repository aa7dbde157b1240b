namespace CryptoAI.Grains.Interfaces.Operations;

/// <summary>Why a grain did not do what it was asked for.</summary>
public enum Refusal : byte
{
    /// <summary>What was asked for is not possible for anyone: the API answers 400 and names the field.</summary>
    Invalid,

    /// <summary>It does not exist, or belongs to somebody else, which must look the same: 404.</summary>
    NotFound,

    /// <summary>The caller may not do it: 403.</summary>
    Forbidden,

    /// <summary>It no longer fits what is stored, or is done already: 409.</summary>
    Conflict,

    /// <summary>A limit of the caller's plan or of the caller's own rules: 422.</summary>
    Limit,

    /// <summary>Too often: 429.</summary>
    TooMany,

    /// <summary>It was changed since the caller read it: 412.</summary>
    Stale,

    /// <summary>What should prove who the caller is is wrong or over: 401.</summary>
    Credentials,
}

/// <summary>A grain refuses what it was asked for; nothing was stored. The message is for the caller's eyes.</summary>
[GenerateSerializer, Immutable, Alias("refused")]
public sealed class RefusedException(Refusal refusal, string message, string? field = null) : Exception(message)
{
    [Id(0)]
    public Refusal Refusal { get; } = refusal;

    /// <summary>The field at fault, in camelCase as the API names it; null when it is none in particular.</summary>
    [Id(1)]
    public string? Field { get; } = field;

    public static RefusedException NotFound(string what) => new(Refusal.NotFound, $"There is no such {what}.");

    public static RefusedException Invalid(string field, string reason) => new(Refusal.Invalid, reason, field);
}
