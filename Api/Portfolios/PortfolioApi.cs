using Microsoft.AspNetCore.SignalR;

namespace CryptoAI.Api.Portfolios;

/// <summary>People's portfolios over REST, and their worth over the hub.</summary>
public static class PortfolioApi
{
    public static IServiceCollection AddPortfolioApi(this IServiceCollection services)
    {
        services.AddSingleton<PortfolioRelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<PortfolioRelay>());
        services.Configure<HubOptions>(static hub => hub.AddFilter<PortfolioRelay>());
        return services;
    }

    public static void MapPortfolioApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").RequireSignedIn().WithTags("Portfolio").ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        var portfolio = api.MapGroup("/portfolio");
        portfolio.MapPositions();
        portfolio.MapRisk();
        portfolio.MapJournal();
        portfolio.MapFollowed();
        api.MapGroup("/signals").MapExecutions();
    }
}
