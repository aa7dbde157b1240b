namespace CryptoAI.Api.Notifications;

/// <summary>Notifications over REST and over the hub.</summary>
public static class NotificationsApi
{
    public static IServiceCollection AddNotificationsApi(this IServiceCollection services)
    {
        services.AddSingleton<NotificationRelay>();
        services.AddHostedService(static provider => provider.GetRequiredService<NotificationRelay>());
        return services;
    }

    public static void MapNotificationsApi(this WebApplication app)
    {
        var own = app.MapGroup("/api/v1/notifications").RequireSignedIn().WithTags("Notifications");
        own.MapNotifications();
        own.MapPreferences();
        app.MapGroup("/api/v1/admin/notifications").RequireAdmin().WithTags("Administration").MapOutbox();
    }
}
