using System.Threading.RateLimiting;
using CryptoAI.Grains.Interfaces.Users;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

/// <summary>
/// How much a signed-in person may ask for, from all addresses together, by plan: a token bucket per person on each node, behind the one per
/// address. The burst is what a minute allows.
/// </summary>
internal sealed class PlanRateLimit : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly RequestDelegate _next;
    private readonly PartitionedRateLimiter<HttpContext> _limiter;

    public PlanRateLimit(RequestDelegate next, IOptions<PlansOptions> plans)
    {
        _next = next;
        _limiter = PartitionedRateLimiter.Create<HttpContext, (long User, Plan Plan)>(context =>
        {
            if (context.User.FindUserId() is not { } userId)
            {
                return RateLimitPartition.GetNoLimiter<(long, Plan)>((0, default));
            }

            var plan = context.User.Plan();
            var perMinute = plans.Value.For(plan).RequestsPerMinute;
            var period = perMinute >= 60 ? Period : TimeSpan.FromMinutes(1.0 / perMinute);
            return RateLimitPartition.GetTokenBucketLimiter((userId, plan), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perMinute,
                TokensPerPeriod = Math.Max(1, perMinute / 60),
                ReplenishmentPeriod = period,
                AutoReplenishment = true,
            });
        });
    }

    public async Task InvokeAsync(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context);
        if (lease.IsAcquired)
        {
            await _next(context);
            return;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : Period;
        context.Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString("0");
        await Problems.Denied(StatusCodes.Status429TooManyRequests, "Too many requests for your plan.").ExecuteAsync(context);
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
