using CryptoAI.Grains.Operations.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Grains.Macro;

public static class MacroServices
{
    /// <summary>Options of layer 1 and the job that refreshes it.</summary>
    public static IServiceCollection AddMacro(this IServiceCollection services)
    {
        services.AddOptions<MacroOptions>().BindConfiguration(MacroOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddJob<MacroJob>();
        return services;
    }
}
