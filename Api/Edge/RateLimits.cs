using System.Globalization;
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
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
            RateLimitPartition.GetTokenBucketLimiter(AddressOf(context), _ => Bucket(api.RequestsPerMinute, api.RequestBurst)));
        limiter.AddPolicy(HubPolicy, context => RateLimitPartition.GetConcurrencyLimiter(
            AddressOf(context),
            _ => new ConcurrencyLimiterOptions { PermitLimit = api.HubConnectionsPerAddress }));
        limiter.AddPolicy(CredentialsPolicy, context =>
            RateLimitPartition.GetTokenBucketLimiter(AddressOf(context), _ => Bucket(api.CredentialsPerMinute, api.CredentialsPerMinute)));
        limiter.OnRejected = static (context, _) =>
            new ValueTask(RefuseAsync(context.HttpContext, context.Lease, "Too many requests from this address."));
    }

    /// <summary>So many tokens a minute over the long run, which come back every second or as soon as there is a whole one.</summary>
    internal static TokenBucketRateLimiterOptions Bucket(int perMinute, int burst)
    {
        var tokens = (perMinute + 59) / 60;
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(60.0 * tokens / perMinute),
            AutoReplenishment = true,
        };
    }

    /// <summary>429, with the seconds to wait.</summary>
    internal static Task RefuseAsync(HttpContext context, RateLimitLease lease, string detail)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : TimeSpan.Zero;
        context.Response.Headers.RetryAfter = Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture);
        return Problems.Denied(StatusCodes.Status429TooManyRequests, detail).ExecuteAsync(context);
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
