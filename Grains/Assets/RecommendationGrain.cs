using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Assets;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Assets;

/// <summary>The recommendations for one target: rules over stored facts, and the steps of their lives, one at a time.</summary>
public sealed class RecommendationGrain(
    RecommendationStore store, RecommendationFacts facts, RankingStore rankings, IOptions<RecommendationOptions> options, TimeProvider time) : Grain, IRecommendationGrain
{
    private RecommendationTarget Target => RecommendationTarget.Parse(this.GetPrimaryKeyString());

    public async Task<RecommendationRefresh> RefreshAsync()
    {
        var now = time.GetUtcNow();
        var found = await rankings.GetAsync(CancellationToken.None);
        var rules = new RecommendationRules(options.Value, found?.Ranking, now);
        var (owner, drafts) = await DraftAsync(rules, found?.ModelId);
        var (made, ended) = await store.MakeAsync(Target, owner, drafts, now, CancellationToken.None);
        return new RecommendationRefresh(made.Length, ended, await MeasureAsync(now), rules.RankingReason);
    }

    public async Task<RecommendationRefresh> LookAsync(Actor actor) => await facts.MayAskAsync(actor.UserId, Target, CancellationToken.None)
        ? await RefreshAsync()
        : throw RefusedException.NotFound(RecommendationCodes.Code(Target.Kind));

    public Task<Recommendation> ReviewAsync(Actor actor, long id, bool approve, string? note) =>
        StepAsync(actor, id, (known, isAdmin) => RecommendationLife.Review(known, isAdmin, actor, approve, note, time.GetUtcNow()));

    public Task<Recommendation> DecideAsync(Actor actor, long id, RecommendationStatus decision) =>
        StepAsync(actor, id, (known, isAdmin) => RecommendationLife.Decide(known, isAdmin, actor, decision, time.GetUtcNow()));

    public Task<Recommendation> UndoAsync(Actor actor, long id) =>
        StepAsync(actor, id, (known, isAdmin) => RecommendationLife.Undo(known, isAdmin, actor, time.GetUtcNow()));

    public Task<Recommendation> RateAsync(Actor actor, long id, int rating, string? feedback)
    {
        if (rating is < 1 or > 5)
        {
            throw RefusedException.Invalid("rating", "Must be from 1 to 5.");
        }

        FieldRules.Text(feedback, "feedback", RecommendationLife.MostText);
        return store.RateAsync(actor, id, rating, feedback, CancellationToken.None);
    }

    private async Task<(long? Owner, IReadOnlyList<NewRecommendation> Drafts)> DraftAsync(RecommendationRules rules, long? modelId)
    {
        var id = Target.TargetId;
        switch (Target.Kind)
        {
            case RecommendationTargetKind.Watchlist:
                var list = await facts.WatchlistAsync(id, CancellationToken.None);
                return (list?.OwnerId, list is null ? [] : rules.ForWatchlist(list.Value.Assets));
            case RecommendationTargetKind.Portfolio:
                var owner = await facts.PositionOwnerAsync(id, CancellationToken.None);
                return (owner, owner is null ? [] : rules.ForPosition(id, await facts.PositionsAsync(owner.Value, CancellationToken.None)));
            case RecommendationTargetKind.User:
                var (hasLimits, emotions) = await facts.HabitsAsync(id, CancellationToken.None);
                return (id, rules.ForUser(await facts.PositionsAsync(id, CancellationToken.None), hasLimits, emotions));
            case RecommendationTargetKind.Asset:
                return (null, rules.ForAsset(id));
            default:
                return (null, rules.ForStrategy(isCurrent: modelId == id));
        }
    }

    private async Task<int> MeasureAsync(DateTimeOffset now)
    {
        var measured = 0;
        foreach (var due in await store.DueAsync(Target, now, CancellationToken.None))
        {
            var closes = await store.ClosesAsync(RecommendationOutcome.AssetsOf(due.Payload), due.DueAt, CancellationToken.None);
            measured += await store.SetOutcomeAsync(due.Id, RecommendationOutcome.Measure(due.Payload, closes, now), CancellationToken.None) ? 1 : 0;
        }

        return measured;
    }

    private Task<Recommendation> StepAsync(Actor actor, long id, Func<Recommendation, bool, RecommendationStep> step) => store.StepAsync(
        actor,
        id,
        (known, isAdmin) => known.Target == Target ? step(known, isAdmin) : throw RefusedException.NotFound("recommendation"),
        time.GetUtcNow(),
        CancellationToken.None);
}
