namespace CryptoAI.Api.Alerts;

/// <summary>People's alerts over REST.</summary>
public static class AlertsApi
{
    public static void MapAlertsApi(this WebApplication app) =>
        app.MapGroup("/api/v1/alerts").RequireSignedIn().WithTags("Alerts").MapAlerts();
}
