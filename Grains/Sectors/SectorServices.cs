using CryptoAI.Grains.Operations.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace CryptoAI.Grains.Sectors;

public static class SectorServices
{
    /// <summary>Options of layer 2 and the job that refreshes it.</summary>
    public static IServiceCollection AddSectors(this IServiceCollection services)
    {
        services.AddOptions<SectorOptions>().BindConfiguration(SectorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddJob<SectorJob>();
        return services;
    }
}
