using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Assets;

internal static class WatchlistAccess
{
    private const string Lists = "/api/v1/watchlists";

    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/watchlists/default", Access.Public),
        new("GET", "/api/v1/watchlists/shared/{token}", Access.Public),
        new("POST", "/api/v1/watchlists/default/", Access.Admin) { Body = new { name = "Majors" } },
        new("POST", "/api/v1/watchlists/default/{id:long}/move", Access.Admin) { Body = new { position = 0 } },
        new("GET", "/api/v1/watchlists/", Access.SignedIn),
        new("POST", "/api/v1/watchlists/", Access.SignedIn) { Body = new { name = "Mine" } },
        new("GET", "/api/v1/watchlists/{id:long}", Access.SignedIn) { Own = owner => OwnAsync(owner, "") },
        new("PUT", "/api/v1/watchlists/{id:long}", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, ""), Body = new { name = "Other" }, Headers = { ["If-Match"] = "*" },
        },
        new("DELETE", "/api/v1/watchlists/{id:long}", Access.SignedIn) { Own = owner => OwnAsync(owner, "") },
        new("POST", "/api/v1/watchlists/{id:long}/move", Access.SignedIn) { Own = owner => OwnAsync(owner, "/move"), Body = new { position = 0 } },
        new("PUT", "/api/v1/watchlists/{id:long}/share", Access.SignedIn) { Own = owner => OwnAsync(owner, "/share") },
        new("DELETE", "/api/v1/watchlists/{id:long}/share", Access.SignedIn) { Own = owner => OwnAsync(owner, "/share") },
        new("POST", "/api/v1/watchlists/{id:long}/assets", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/assets"), Body = new { symbol = "BTC", side = "short" },
        },
        new("PUT", "/api/v1/watchlists/{id:long}/assets/{symbol}", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/assets/BTC"), Body = new { weight = 0.5 }, Headers = { ["If-Match"] = "*" },
        },
        new("DELETE", "/api/v1/watchlists/{id:long}/assets/{symbol}", Access.SignedIn) { Own = owner => OwnAsync(owner, "/assets/BTC") },
        new("POST", "/api/v1/watchlists/{id:long}/assets/{symbol}/move", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/assets/BTC/move"), Body = new { position = 0 },
        },
    ];

    /// <summary>A list with one asset, and a path below it.</summary>
    private static async Task<string> OwnAsync(Person owner, string below)
    {
        var id = await owner.CreateAsync(Lists, new { name = "Mine" });
        await owner.CreateAsync($"{Lists}/{id}/assets", new { symbol = "BTC" });
        return $"{Lists}/{id}{below}";
    }
}
