using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Grains.Notifications;

public static class NotificationServices
{
    /// <summary>The channels and the pump that drains the outbox into them. Needs an <c>Action&lt;ApiCall&gt;</c> for outgoing calls.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddOptions<NotificationOptions>().BindConfiguration(NotificationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<VapidKey>();
        services.AddSingleton<DeliveryChannel, HubChannel>();
        services.AddSingleton<DeliveryChannel, EmailChannel>();
        services.AddSingleton<DeliveryChannel, PushChannel>();
        services.AddSingleton<DeliveryChannel, SmsChannel>();
        services.AddHostedService<OutboxPump>();
        return services;
    }
}
