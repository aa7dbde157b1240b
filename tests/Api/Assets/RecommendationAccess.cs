using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Api.Edge;
using CryptoAI.Tests.Api.Edge;
using CryptoAI.Tests.Api.Users;

namespace CryptoAI.Tests.Api.Assets;

internal static class RecommendationAccess
{
    private const string Recommendations = "/api/v1/recommendations";

    public static readonly AccessLine[] Lines =
    [
        new("GET", "/api/v1/assets/ranking/", Access.Public),
        new("GET", "/api/v1/assets/ranking/history", Access.Public),
        new("GET", "/api/v1/admin/recommendations/", Access.Admin),
        new("GET", "/api/v1/recommendations/", Access.SignedIn),
        new("POST", "/api/v1/recommendations/look", Access.SignedIn) { Body = new { target = "user" } },
        new("GET", "/api/v1/recommendations/{id:long}", Access.SignedIn) { Own = owner => OwnAsync(owner, ""), IsOpenToAdmins = true },
        new("POST", "/api/v1/recommendations/{id:long}/review", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/review"), Body = new { approve = true }, IsOpenToAdmins = true,
        },
        new("POST", "/api/v1/recommendations/{id:long}/undo", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/undo", approve: true), IsOpenToAdmins = true,
        },
        new("POST", "/api/v1/recommendations/{id:long}/decision", Access.SignedIn)
        {
            Own = owner => OwnAsync(owner, "/decision"), Body = new { decision = "followed" },
        },
        new("PUT", "/api/v1/recommendations/{id:long}/rating", Access.SignedIn) { Own = owner => OwnAsync(owner, "/rating"), Body = new { rating = 4 } },
    ];

    /// <summary>A list whose one asset has drifted from its target, the recommendation that this makes, and a path below it.</summary>
    public static async Task<string> OwnAsync(Person owner, string below, bool approve = false)
    {
        var list = await owner.CreateAsync("/api/v1/watchlists", new { name = "Mine" });
        await owner.CreateAsync($"/api/v1/watchlists/{list}/assets", new { symbol = "BTC", weight = 0.5, targetAllocation = 20 });
        using var look = await owner.Http.PostAsJsonAsync($"{Recommendations}/look", new { target = "watchlist", targetId = long.Parse(list) });
        look.IsSuccessStatusCode.ShouldBeTrue(await look.Content.ReadAsStringAsync());
        var newest = (await owner.Http.GetFromJsonAsync<JsonElement>($"{Recommendations}?own=true&target=watchlist&limit=1")).GetProperty("items")[0];
        newest.GetProperty("targetId").GetInt64().ShouldBe(long.Parse(list));
        var path = $"{Recommendations}/{newest.GetProperty("id").GetInt64()}";
        if (approve)
        {
            using var reviewed = await owner.Http.PostAsJsonAsync($"{path}/review", new { approve = true });
            reviewed.IsSuccessStatusCode.ShouldBeTrue(await reviewed.Content.ReadAsStringAsync());
        }

        return path + below;
    }
}
