using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

/// <summary>How much one address may ask for: requests by a token bucket, hub connections by their number at a time.</summary>
internal static class RateLimits
{
    public const string HubPolicy = "hub-connections";

    /// <summary>For endpoints that look at a password or a code, or send a mail.</summary>
    public const string CredentialsPolicy = "credentials";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter();
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<ApiOptions>>(static (limiter, api) => Configure(limiter, api.Value));
        return services;
    }

    private static void Configure(RateLimiterOptions limiter, ApiOptions api)
    {
        // Tokens come back every second, so that the rate holds within the minute too.
        var period = TimeSpan.FromSeconds(Math.Max(1, 60.0 / api.RequestsPerMinute));
        var perPeriod = Math.Max(1, (int)Math.Round(api.RequestsPerMinute * period.TotalSeconds / 60));
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context => RateLimitPartition.GetTokenBucketLimiter(
            AddressOf(context),
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = api.RequestBurst,
                TokensPerPeriod = perPeriod,
                ReplenishmentPeriod = period,
                AutoReplenishment = true,
            }));
        limiter.AddPolicy(HubPolicy, context => RateLimitPartition.GetConcurrencyLimiter(
            AddressOf(context),
            _ => new ConcurrencyLimiterOptions { PermitLimit = api.HubConnectionsPerAddress }));
        limiter.AddPolicy(CredentialsPolicy, context => RateLimitPartition.GetTokenBucketLimiter(
            AddressOf(context),
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = api.CredentialsPerMinute,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1.0 / api.CredentialsPerMinute),
                AutoReplenishment = true,
            }));
        limiter.OnRejected = static async (context, _) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.FromSeconds(1);
            context.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString("0");
            await Problems.Denied(StatusCodes.Status429TooManyRequests, "Too many requests from this address.").ExecuteAsync(context.HttpContext);
        };
    }

    /// <summary>An IPv6 caller owns a whole /64, so that is what is counted.</summary>
    internal static IPAddress AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
