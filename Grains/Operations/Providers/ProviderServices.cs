using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Operations.Tasks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Grains.Operations.Providers;

public static class ProviderServices
{
    /// <summary>A job for each provider that the configuration names; none by default. Needs an <c>Action&lt;ApiCall&gt;</c> for outgoing calls.</summary>
    public static IServiceCollection AddProviders(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProvidersOptions>().BindConfiguration(ProvidersOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(static provider => new ProviderClient(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Action<ApiCall>>()));
        services.AddSingleton<ProviderIntake>();
        var named = configuration.GetSection(ProvidersOptions.Section).Get<ProvidersOptions>() ?? new ProvidersOptions();
        foreach (var (name, options) in named.Sources)
        {
            services.AddSingleton<IJob>(provider => new ProviderPoll(
                name, options, provider.GetRequiredService<ProviderClient>(), provider.GetRequiredService<ProviderIntake>()));
        }

        return services;
    }
}
