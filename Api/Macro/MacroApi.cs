namespace CryptoAI.Api.Macro;

/// <summary>The state of the market as a whole over REST, and changes of the regime over the hub.</summary>
public static class MacroApi
{
    public static IServiceCollection AddMacroApi(this IServiceCollection services)
    {
        services.AddHostedService<RegimeRelay>();
        return services;
    }

    public static void MapMacroApi(this WebApplication app)
    {
        var market = app.MapGroup("/api/v1/market").AllowPublic().WithTags("Market").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        market.MapMacro();
        market.MapMacroIndicators();
        market.MapOverview();
    }
}
