namespace CryptoAI.Api.Sectors;

/// <summary>Sectors over REST, and what they did over the hub.</summary>
public static class SectorsApi
{
    public static IServiceCollection AddSectorsApi(this IServiceCollection services)
    {
        services.AddHostedService<SectorRelay>();
        return services;
    }

    public static void MapSectorsApi(this WebApplication app)
    {
        app.MapGroup("/api/v1/sectors").AllowPublic().WithTags("Sectors").MapSectors();
        app.MapGroup("/api/v1/sectors").RequireAdmin().WithTags("Administration").MapSectorChanges();
    }
}
