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
            return RateLimitPartition.GetTokenBucketLimiter((userId, plan), _ => RateLimits.Bucket(perMinute, burst: perMinute));
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

        await RateLimits.RefuseAsync(context, lease, "Too many requests for your plan.");
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
