using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Alerts;

internal static class AlertAccess
{
    private const string Alerts = "/api/v1/alerts";

    private static readonly object Far = new { symbol = "BTC", type = "price_target", condition = "above", value = 900_000_000 };

    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/alerts/", Access.SignedIn),
        new("POST", "/api/v1/alerts/", Access.SignedIn) { Body = Far },
        new("GET", "/api/v1/alerts/{id:long}", Access.SignedIn) { Own = OwnAsync },
        new("PUT", "/api/v1/alerts/{id:long}", Access.SignedIn) { Own = OwnAsync, Body = Far },
        new("DELETE", "/api/v1/alerts/{id:long}", Access.SignedIn) { Own = OwnAsync },
    ];

    private static async Task<string> OwnAsync(Person owner) => $"{Alerts}/{await owner.CreateAsync(Alerts, Far)}";
}
