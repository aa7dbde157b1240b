using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CryptoAI.Api.Market;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Edge;

/// <summary>The outer wall: limits, access, headers, refusals. The same for every area.</summary>
public static class EdgeExtensions
{
    /// <summary>Bodies are small orders, never uploads.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    public static WebApplicationBuilder AddEdge(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ApiOptions>().BindConfiguration(ApiOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddAccess();
        services.AddRateLimits();
        services.AddProblemDetails();
        services.AddExceptionHandler<FailureHandler>();
        // A body that cannot be read is a refusal like any other: the handler of failures names the field and the reason.
        services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
        services.AddCors();
        services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<ApiOptions>>(static (cors, api) =>
            cors.AddDefaultPolicy(policy => policy.WithOrigins(api.Value.CorsOrigins).AllowAnyHeader().AllowAnyMethod().AllowCredentials()));
        services.AddRequestTimeouts();
        services.AddOptions<Microsoft.AspNetCore.Http.Timeouts.RequestTimeoutOptions>().Configure<IOptions<ApiOptions>>(static (timeouts, api) =>
            timeouts.DefaultPolicy = new()
            {
                Timeout = TimeSpan.FromSeconds(api.Value.RequestTimeoutSeconds),
                WriteTimeoutResponse = static context =>
                    Problems.Unavailable("The answer took too long.").ExecuteAsync(context),
            });
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ApiOptions>>(static (forwarded, api) => Configure(forwarded, api.Value));
        services.AddResponseCompression(static compression =>
        {
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["application/json", "application/problem+json", "text/html", "text/css", "text/javascript"];
        });
        services.ConfigureHttpJsonOptions(static json => Configure(json.SerializerOptions));
        services.Configure<KestrelServerOptions>(static kestrel => Configure(kestrel));
        return builder;
    }

    public static WebApplication UseEdge(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<BrowserGuard>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseResponseCompression();
        app.UseStaticFiles();
        app.UseRouting();
        app.UseCors();
        app.UseRateLimiter();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseMiddleware<PlanRateLimit>();
        app.UseAuthorization();
        app.UseMiddleware<JsonBodyGuard>();
        app.UseMiddleware<IdempotencyKey>();
        return app;
    }

    /// <summary>How the API and the hub write JSON.</summary>
    internal static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.Converters.Add(new PlainDecimalConverter());
        json.Converters.Add(new UtcTimeConverter());
        json.Converters.Add(new TimeframeConverter());
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(LeaveOutUnknownIndicators);
    }

    /// <summary>Of twenty-one indicators a caller mostly asks for a few.</summary>
    private static void LeaveOutUnknownIndicators(JsonTypeInfo type)
    {
        if (type.Type == typeof(Indicators))
        {
            foreach (var property in type.Properties)
            {
                property.ShouldSerialize = static (_, value) => value is not null;
            }
        }
    }

    private static void Configure(ForwardedHeadersOptions forwarded, ApiOptions api)
    {
        forwarded.ForwardedHeaders = api.TrustedProxies.Length > 0
            ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
            : ForwardedHeaders.None;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in api.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(ApiOptions.ParseNetwork(proxy));
        }
    }

    private static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxConcurrentConnections = 20_000;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 10_000;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
    }
}
