namespace CryptoAI.Api.Assets;

/// <summary>Watchlists, the ranking of assets and recommendations over REST.</summary>
public static class AssetsApi
{
    public static void MapAssetsApi(this WebApplication app)
    {
        app.MapGroup("/api/v1/watchlists").AllowPublic().WithTags("Watchlists").MapOpenWatchlists();
        app.MapGroup("/api/v1/watchlists/default").RequireAdmin().WithTags("Administration").MapDefaultWatchlists();
        var own = app.MapGroup("/api/v1/watchlists").RequireSignedIn().WithTags("Watchlists");
        own.MapWatchlists();
        own.MapWatchlistAssets();
        app.MapGroup("/api/v1/assets/ranking").AllowPublic().WithTags("Assets").MapRanking();
        app.MapGroup("/api/v1/recommendations").RequireSignedIn().WithTags("Recommendations").MapRecommendations();
        app.MapGroup("/api/v1/admin/recommendations").RequireAdmin().WithTags("Administration").MapAllRecommendations();
    }
}
