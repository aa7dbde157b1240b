using System.ComponentModel;
using CryptoAI.Storage.Market;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using CryptoAI.Api.Market;

namespace CryptoAI.Api.Operations;

/// <summary>Whether the process lives, and whether it can do its work.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static void MapHealth(this WebApplication app)
    {
        var group = app.MapGroup("/health").AllowPublic().DisableRateLimiting().WithTags("Operations");
        group.MapGet("/live", static () => TypedResults.Ok(new Liveness("live")))
            .WithName("GetLiveness")
            .WithSummary("The process answers");
        group.MapGet("/ready", GetReadyAsync)
            .WithName("GetReadiness")
            .WithSummary("The database answers and prices arrive, or why not");
    }

    private static async Task<Results<Ok<Readiness>, JsonHttpResult<Readiness>>> GetReadyAsync(
        [FromServices] CryptocurrencyStore store,
        [FromServices] FeedReporter reporter,
        CancellationToken cancellation)
    {
        var checks = await Task.WhenAll(
            CheckAsync("database", async stop =>
            {
                await store.ListAsync(after: null, limit: 1, stop);
                return null;
            }, cancellation),
            CheckAsync("feed", async stop => Judge(await reporter.GetAsync(stop)), cancellation));
        return checks.All(static check => check.IsOk)
            ? TypedResults.Ok(new Readiness("ready", checks))
            : TypedResults.Json(new Readiness("not_ready", checks), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static string? Judge(FeedReport report) =>
        report.IsSimulated || report.Shards.Any(static shard => shard.Connected) ? null : "No connection to the exchange.";

    private static async Task<ReadinessCheck> CheckAsync(string name, Func<CancellationToken, Task<string?>> check, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var reason = await check(patience.Token).WaitAsync(patience.Token);
            return new ReadinessCheck(name, reason is null, reason);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            var reason = exception is OperationCanceledException
                ? $"No answer within {Patience.TotalSeconds:0} s."
                : $"{FailureHandler.Absence(exception) ?? "The check"} does not answer ({exception.GetType().Name}).";
            return new ReadinessCheck(name, IsOk: false, reason);
        }
    }
}

/// <param name="Status">Always "live": a dead process does not answer.</param>
public sealed record Liveness(string Status);

/// <param name="Status">"ready" or "not_ready".</param>
public sealed record Readiness(string Status, IReadOnlyList<ReadinessCheck> Checks);

/// <param name="Name">database or feed.</param>
/// <param name="Reason">Why it is not ready; null when it is.</param>
public sealed record ReadinessCheck(string Name, bool IsOk, [property: Description("Why it is not ready.")] string? Reason);
