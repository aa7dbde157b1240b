namespace CryptoAI.Api.Assets;

/// <summary>Watchlists over REST.</summary>
public static class AssetsApi
{
    public static void MapAssetsApi(this WebApplication app)
    {
        app.MapGroup("/api/v1/watchlists").AllowPublic().WithTags("Watchlists").MapOpenWatchlists();
        app.MapGroup("/api/v1/watchlists/default").RequireAdmin().WithTags("Administration").MapDefaultWatchlists();
        var own = app.MapGroup("/api/v1/watchlists").RequireSignedIn().WithTags("Watchlists");
        own.MapWatchlists();
        own.MapWatchlistAssets();
    }
}
