using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Storage.Assets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Assets;

/// <summary>The ranking of assets, as it is and as it was.</summary>
internal static class RankingEndpoints
{
    public static void MapRanking(this RouteGroupBuilder group)
    {
        group.MapGet("/", GetAsync)
            .WithName("GetAssetRanking")
            .WithSummary("The newest ranking of assets, with what decided and what it is worth")
            .WithDescription(
                "Each asset with its features and what each contributed to its score; the skill measured on the stored history, walked forward; why something may be "
                + "recommended by it or not; every asset's series with what was found in it. 404 before the first whole day was ranked.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/history", ListAsync)
            .WithName("ListAssetRankings")
            .WithSummary("Rankings in short, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<Results<Ok<AssetRanking>, ProblemHttpResult>> GetAsync([FromServices] RankingStore store, CancellationToken cancellation) =>
        await store.GetAsync(cancellation) is { } found ? TypedResults.Ok(found.Ranking) : Problems.NotFound("Nothing was ranked yet.");

    private static async Task<Results<Ok<Page<RankingDayView>>, ProblemHttpResult>> ListAsync(
        [Description("How many at most, 1 to 100; 30 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] RankingStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 30, 100, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListAsync(place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, static day => From(day.Id, day.Ranking), static day => day.Id));
    }

    private static RankingDayView From(long id, AssetRanking ranking)
    {
        var all = ranking.Skill.Count > 0 ? ranking.Skill[0] : null;
        return new RankingDayView(
            id, ranking.Day, ranking.Verdict, ranking.MayRecommend, ranking.Reason, ranking.Regime, all?.MeanIc, all?.IcLower, all?.IcUpper, ranking.Assets.Count);
    }
}
