using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CryptoAI.Api.Edge;

/// <summary>Answers that refuse, all as problem+json (RFC 9457).</summary>
public static class Problems
{
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    /// <summary>Something the answer needs is away for now; nothing was done.</summary>
    public static ProblemHttpResult Unavailable(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);

    public static ProblemHttpResult Refused(RefusedException refused)
    {
        if (refused is { Refusal: Refusal.Invalid, Field: { } field })
        {
            var errors = new InputErrors();
            errors.Add(field, refused.Message);
            return errors.ToProblem();
        }

        return TypedResults.Problem(refused.Message, statusCode: refused.Refusal switch
        {
            Refusal.Invalid => StatusCodes.Status400BadRequest,
            Refusal.NotFound => StatusCodes.Status404NotFound,
            Refusal.Forbidden => StatusCodes.Status403Forbidden,
            Refusal.Conflict => StatusCodes.Status409Conflict,
            Refusal.Limit => StatusCodes.Status422UnprocessableEntity,
            Refusal.Stale => StatusCodes.Status412PreconditionFailed,
            Refusal.Credentials => StatusCodes.Status401Unauthorized,
            _ => StatusCodes.Status429TooManyRequests,
        });
    }

    internal static ProblemHttpResult Denied(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>Collects what is wrong with a request, field by field, so that one answer names everything.</summary>
public sealed class InputErrors
{
    private readonly Dictionary<string, string[]> _reasons = new(StringComparer.Ordinal);

    public bool Any => _reasons.Count > 0;

    public void Add(string field, string reason) =>
        _reasons[field] = _reasons.TryGetValue(field, out var known) ? [.. known, reason] : [reason];

    /// <summary>400 with <c>errors</c>: field → reasons.</summary>
    public ProblemHttpResult ToProblem() => TypedResults.Problem(new HttpValidationProblemDetails(_reasons)
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "The request has invalid fields.",
        Detail = string.Join(" ", _reasons.Select(entry => $"{entry.Key}: {string.Join(" ", entry.Value)}")),
    });
}
