using CryptoAI.Api.Edge;

namespace CryptoAI.Tests.Api.Edge;

/// <summary>Who may call what is there for everyone: the market and the product itself.</summary>
internal static class EdgeAccess
{
    public static readonly AccessLine[] Lines =
    [
        new("GET", "/", Access.Public),
        new("GET", "/health/live", Access.Public),
        new("GET", "/health/ready", Access.Public),
        new("GET", "/metrics", Access.Operator),
        new("GET", "/openapi/{documentName}.json", Access.Public),
        new("GET", "/api/v1/market/feed", Access.Public),
        new("GET", "/api/v1/cryptocurrencies/", Access.Public),
        new("GET", "/api/v1/cryptocurrencies/{symbol}", Access.Public),
        new("GET", "/api/v1/cryptocurrencies/{symbol}/candles", Access.Public),
        new("GET", "/api/v1/indicators", Access.Public),
        new("GET", "/api/v1/cryptocurrencies/{symbol}/signals", Access.Public),
        new("HUB", "Subscribe", Access.Public) { Arguments = [Array.Empty<string>(), Array.Empty<string>()] },
        new("HUB", "Unsubscribe", Access.Public),
    ];
}
