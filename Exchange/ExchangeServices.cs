using CryptoAI.Exchange.Market;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Exchange;

/// <summary>Registers market feeds.</summary>
public static class ExchangeServices
{
    private const string SimulationSection = "Simulation";

    /// <summary>
    /// Adds <see cref="MarketFeedSelector"/> with the options of the sections Feed and Simulation. Outgoing calls are reported to a
    /// registered <see cref="Action{ApiCall}"/>, if there is one.
    /// </summary>
    public static IServiceCollection AddExchange(this IServiceCollection services)
    {
        services.AddOptions<FeedOptions>().BindConfiguration(FeedOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SimulationOptions>().BindConfiguration(SimulationSection).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new MarketFeedSelector(
            provider.GetRequiredService<IOptions<FeedOptions>>(),
            provider.GetRequiredService<IOptions<SimulationOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<Action<ApiCall>>() ?? (static _ => { }),
            provider.GetRequiredService<ILoggerFactory>()));
        return services;
    }
}
