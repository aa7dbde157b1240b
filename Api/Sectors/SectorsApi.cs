namespace CryptoAI.Api.Sectors;

/// <summary>Sectors over REST.</summary>
public static class SectorsApi
{
    public static void MapSectorsApi(this WebApplication app)
    {
        app.MapGroup("/api/v1/sectors").AllowPublic().WithTags("Sectors").MapSectors();
        app.MapGroup("/api/v1/sectors").RequireAdmin().WithTags("Administration").MapSectorChanges();
    }
}
