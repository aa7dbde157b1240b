using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Market;

/// <summary>The market over REST and over the hub.</summary>
public static class MarketApi
{
    public const string HubPath = "/hubs/market";

    /// <summary>The largest message a client may send: 200 symbols and six timeframes need a tenth of it.</summary>
    private const int MaxMessageBytes = 32 * 1024;

    public static IServiceCollection AddMarketApi(this IServiceCollection services)
    {
        services.AddOptions<MarketHubOptions>().BindConfiguration(MarketHubOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<MarketDirectory>();
        services.AddSingleton<FeedReporter>();
        services.AddSingleton<MarketBroadcast>();
        services.AddHostedService(static provider => provider.GetRequiredService<MarketBroadcast>());
        services.AddSingleton<MarketRelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<MarketRelay>());
        services.AddSingleton<MarketConnections>();
        services.AddSingleton<HubLifetimeManager<MarketHub>>(static provider => provider.GetRequiredService<MarketConnections>());
        services
            .AddSignalR(static hub =>
            {
                hub.MaximumReceiveMessageSize = MaxMessageBytes;
                hub.MaximumParallelInvocationsPerClient = 1;
                hub.StreamBufferCapacity = 1;
                hub.KeepAliveInterval = TimeSpan.FromSeconds(15);
                hub.ClientTimeoutInterval = TimeSpan.FromSeconds(45);
                hub.HandshakeTimeout = TimeSpan.FromSeconds(10);
            })
            .AddJsonProtocol(static json => EdgeExtensions.Configure(json.PayloadSerializerOptions));
        return services;
    }

    public static void MapMarketApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").AllowPublic().WithTags("Market");
        var cryptocurrencies = api.MapGroup("/cryptocurrencies");
        cryptocurrencies.MapCryptocurrencies();
        cryptocurrencies.MapCandles();
        api.MapIndicators();
        api.MapGet("/market/feed", GetFeedAsync)
            .WithName("GetFeed")
            .WithSummary("Where prices come from, and how whole they are")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        app.MapHub<MarketHub>(HubPath, static hub =>
            {
                // The other transports have no back-pressure worth the name, and every client of today has WebSockets.
                hub.Transports = HttpTransportType.WebSockets;
                hub.ApplicationMaxBufferSize = MaxMessageBytes * 2;
                hub.TransportMaxBufferSize = 256 * 1024;
                hub.WebSockets.CloseTimeout = TimeSpan.FromSeconds(2);
            })
            .RequireRateLimiting(RateLimits.HubPolicy)
            .DisableRequestTimeout()
            .AllowPublic();
    }

    private static async Task<Ok<FeedReport>> GetFeedAsync([FromServices] FeedReporter reporter, CancellationToken cancellation) =>
        TypedResults.Ok(await reporter.GetAsync(cancellation));
}
