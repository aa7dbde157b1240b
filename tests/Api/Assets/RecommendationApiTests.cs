using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Grains.Assets;
using CryptoAI.Grains.Operations.Tasks;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Assets;

public sealed class RecommendationApiTests(RecommendationApiTests.Product product) : IClassFixture<RecommendationApiTests.Product>
{
    private const string Recommendations = "/api/v1/recommendations";

    [Fact]
    public async Task A_recommendation_is_told_on_the_hub_read_approved_undone_and_rated()
    {
        using var ada = await product.Rig.SignInAsync();
        await using var client = await product.Rig.ConnectAsync(ada);
        var path = await RecommendationAccess.OwnAsync(ada, "");
        (await client.NextAsync("recommendation")).GetProperty("data").GetProperty("recommendations").GetArrayLength().ShouldBe(1);

        var shown = await ada.Http.GetFromJsonAsync<JsonElement>(path);
        shown.GetProperty("type").GetString().ShouldBe("rebalance");
        shown.GetProperty("status").GetString().ShouldBe("pending");
        shown.GetProperty("isPublic").GetBoolean().ShouldBeFalse();
        shown.GetProperty("payload").GetProperty("reasoning").GetProperty("drift_points").GetDecimal().ShouldBe(30);
        var list = $"/api/v1/watchlists/{shown.GetProperty("targetId").GetInt64()}";

        (await AskAsync(ada, $"{path}/review", new { approve = true, note = "yes" })).GetProperty("status").GetString().ShouldBe("implemented");
        (await WeightAsync(ada, list)).ShouldBe(0.2m);
        (await AskAsync(ada, $"{path}/undo", new { })).GetProperty("status").GetString().ShouldBe("ignored");
        (await WeightAsync(ada, list)).ShouldBe(0.5m);
        using var again = await ada.Http.PostAsJsonAsync($"{path}/undo", new { });
        ((int)again.StatusCode).ShouldBe(409);

        using var rated = await ada.Http.PutAsJsonAsync($"{path}/rating", new { rating = 5, feedback = "just right" });
        (await rated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("rating").GetInt32().ShouldBe(5);
        using var wrong = await ada.Http.PutAsJsonAsync($"{path}/rating", new { rating = 6 });
        ((int)wrong.StatusCode).ShouldBe(400);
        using var refused = await ada.Http.GetAsync($"{Recommendations}?status=nothing&own=perhaps&limit=0");
        (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(static field => field.Name).Order()
            .ShouldBe(["limit", "own", "status"]);
    }

    [Fact]
    public async Task The_ranking_is_made_by_its_job_and_says_why_nothing_is_recommended()
    {
        using var ada = await product.Rig.SignInAsync();
        await Midnight.TodayAsync();

        // By itself it would run at the start, before there is any history.
        await product.Rig.App.Services.GetServices<IJob>().OfType<RankingJob>().Single().RunAsync(new JobRun(default, null), CancellationToken.None);
        var ranking = await product.Rig.GetAsync("/api/v1/assets/ranking");
        ranking.GetProperty("mayRecommend").GetBoolean().ShouldBeFalse();
        ranking.GetProperty("reason").GetString()!.ShouldStartWith("nothing is ranked on");
        ranking.GetProperty("series")[0].GetProperty("symbol").GetString().ShouldNotBeNullOrEmpty();
        var history = await product.Rig.GetAsync("/api/v1/assets/ranking/history");
        history.GetProperty("items").GetArrayLength().ShouldBe(1);

        using var look = await ada.Http.PostAsJsonAsync($"{Recommendations}/look", new { target = "user" });
        var said = await look.Content.ReadFromJsonAsync<JsonElement>();
        said.GetProperty("made").GetInt32().ShouldBe(0);
        said.GetProperty("rankingReason").GetString()!.ShouldStartWith("nothing is ranked on");
        (await ada.Http.GetFromJsonAsync<JsonElement>($"{Recommendations}?own=true")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private static async Task<JsonElement> AskAsync(Person ada, string path, object body)
    {
        using var answer = await ada.Http.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<decimal> WeightAsync(Person ada, string list) =>
        (await ada.Http.GetFromJsonAsync<JsonElement>(list)).GetProperty("assets")[0].GetProperty("weight").GetDecimal();

    public sealed class Product() : SharedRig("--Api:RequestBurst", "1000000", "--Tasks:Schedules:asset-ranking", "on request")
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Rig.LiveAsync();
        }
    }
}
