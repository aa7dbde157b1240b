using CryptoAI.Api.Alerts;
using CryptoAI.Api.Assets;
using CryptoAI.Api.Macro;
using CryptoAI.Api.Market;
using CryptoAI.Api.Notifications;
using CryptoAI.Api.Operations;
using CryptoAI.Api.Portfolios;
using CryptoAI.Api.Sectors;
using CryptoAI.Api.Users;

namespace CryptoAI.Api;

/// <summary>Composes the web side of the product.</summary>
public static class ApiHost
{
    public const string StandardUrl = "http://127.0.0.1:5080";

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The page and the settings lie beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (!HasAddress(builder.Configuration))
        {
            builder.WebHost.UseUrls(StandardUrl);
        }

        // With the database's own four seconds, Ctrl-C ends within ten.
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return builder;
    }

    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        builder.AddEdge();
        builder.Services.AddMarketApi();
        builder.Services.AddMacroApi();
        builder.Services.AddSectorsApi();
        builder.Services.AddNotificationsApi();
        builder.Services.AddPortfolioApi();
        builder.Services.AddUsersApi();
        builder.Services.AddOperationsApi();
        return builder;
    }

    public static WebApplication UseApi(this WebApplication app)
    {
        app.UseEdge();
        app.MapMarketApi();
        app.MapMacroApi();
        app.MapSectorsApi();
        app.MapAlertsApi();
        app.MapAssetsApi();
        app.MapNotificationsApi();
        app.MapPortfolioApi();
        app.MapUsersApi();
        app.MapOperationsApi();
        return app;
    }

    private static bool HasAddress(IConfiguration configuration) =>
        configuration["urls"] is not null
        || configuration["http_ports"] is not null
        || configuration["https_ports"] is not null
        || configuration.GetSection("Kestrel:Endpoints").Exists();
}
