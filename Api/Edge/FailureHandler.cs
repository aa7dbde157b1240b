using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CryptoAI.Api.Edge;

/// <summary>
/// Turns what an endpoint could not handle into problem+json: a grain's refusal into its 4xx, 503 when the database or a grain is
/// away, else 500, which the framework logs as an error.
/// </summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException bad)
        {
            await Malformed(bad).ExecuteAsync(httpContext);
            return true;
        }

        if (Refused(exception) is { } refused)
        {
            await Problems.Refused(refused).ExecuteAsync(httpContext);
            return true;
        }

        if (Absence(exception) is not { } absent)
        {
            return false;
        }

        LogUnavailable(httpContext.Request.Path, absent, exception.Message);
        httpContext.Response.Headers.RetryAfter = "1";
        await Problems.Unavailable($"{absent} does not answer at the moment.").ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>A body that is no JSON of the right shape is refused by the name of its field, where there is one.</summary>
    private static ProblemHttpResult Malformed(BadHttpRequestException bad)
    {
        if (bad.InnerException is not JsonException json)
        {
            return TypedResults.Problem(bad.Message, statusCode: bad.StatusCode);
        }

        var errors = new InputErrors();
        errors.Add(json.Path is ['$', '.', .. var field] ? Shown.Cut(field) : "body", "Is not the JSON that is expected here.");
        return errors.ToProblem();
    }

    /// <summary>A grain's own refusal, however it is wrapped; null when something else went wrong.</summary>
    internal static RefusedException? Refused(Exception exception) =>
        exception as RefusedException ?? (exception.InnerException is { } inner ? Refused(inner) : null);

    /// <summary>What is away when this was thrown; null when something else went wrong.</summary>
    internal static string? Absence(Exception exception) => exception switch
    {
        DbException failure => IsAway(failure) ? "The database" : null,
        SocketException => "The database",
        TimeoutException or Orleans.Runtime.OrleansException or MarketAwayException => "The market",
        { InnerException: { } inner } => Absence(inner),
        _ => null,
    };

    /// <summary>
    /// Whether the database did not answer, or not now, rather than refuse a statement for what it says: that is a fault of ours.
    /// Without SQLSTATE the failure is the connection's; classes 08 and 53 are connections and resources, 57P shutting down, 3D a database that
    /// is gone.
    /// </summary>
    private static bool IsAway(DbException failure) =>
        failure.IsTransient || failure.SqlState is null or ['0', '8', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] or ['3', 'D', ..];
}
