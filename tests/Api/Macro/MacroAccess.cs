using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;

namespace CryptoAI.Tests.Api.Macro;

/// <summary>Who may call the endpoints of the market as a whole.</summary>
internal static class MacroAccess
{
    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/market/regime", Access.Public),
        new("GET", "/api/v1/market/regime/history", Access.Public),
        new("GET", "/api/v1/market/sentiment", Access.Public),
        new("GET", "/api/v1/market/sentiment/history", Access.Public),
        new("GET", "/api/v1/market/dominance", Access.Public),
        new("GET", "/api/v1/market/dominance/history", Access.Public),
        new("GET", "/api/v1/market/macro-indicators", Access.Public),
        new("GET", "/api/v1/market/macro-indicators/{name}", Access.Public),
        new("GET", "/api/v1/market/overview", Access.Public),
    ];
}
