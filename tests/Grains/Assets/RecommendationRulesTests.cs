using CryptoAI.Grains.Assets;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Tests.Grains.Assets;

public sealed class RecommendationRulesTests
{
    private static readonly DateOnly Day = new(2025, 6, 1);

    [Fact]
    public void What_the_ranking_claims_ends_and_is_measured_its_horizon_after_the_closes_it_rests_on()
    {
        var draft = Rules(new DateTimeOffset(2025, 6, 3, 0, 40, 0, TimeSpan.Zero)).ForAsset(1).ShouldHaveSingleItem();
        draft.Type.ShouldBe(RecommendationType.Entry);
        var end = new DateTimeOffset(2025, 6, 9, 0, 0, 0, TimeSpan.Zero);
        (draft.OutcomeDueAt, draft.ExpiresAt).ShouldBe((end, end), "seven days after the end of June 1st");
    }

    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(4, 23, true)]
    [InlineData(5, 0, false)]
    public void A_ranking_is_acted_on_for_three_days(int day, int hour, bool isActedOn)
    {
        var rules = Rules(new DateTimeOffset(2025, 6, day, hour, 59, 59, TimeSpan.Zero));
        rules.ForAsset(1).Count.ShouldBe(isActedOn ? 1 : 0);
        rules.RankingReason.ShouldBe(isActedOn ? "edge" : "the newest ranking is of 2025-06-01, too old to act on");
    }

    private static RecommendationRules Rules(DateTimeOffset now) => new(
        new RecommendationOptions(),
        new AssetRanking(
            Day, now, "edge", MayRecommend: true, "edge", "bull", HorizonDays: 7, null, [],
            [new RankedAssetFigures("BTC", 1, 0.1, []), new RankedAssetFigures("ETH", 2, 0, [])],
            [new SeriesFigures(1, "BTC", "clean", "nothing found", 100, 5e7, 0.03), new SeriesFigures(2, "ETH", "clean", "nothing found", 100, 5e7, 0.03)]),
        now);
}
