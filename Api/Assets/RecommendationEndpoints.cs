using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Assets;

/// <summary>Recommendations: to read, to review, to follow, to rate, to take back.</summary>
internal static class RecommendationEndpoints
{
    private const string StatusText = "pending, approved, followed, implemented, ignored, expired or rejected; all of them if absent.";

    public static void MapRecommendations(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync)
            .WithName("ListRecommendations")
            .WithSummary("Your recommendations and everyone's, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/look", LookAsync)
            .WithName("LookForRecommendations")
            .WithExample("""{ "target": "watchlist", "targetId": 12 }""")
            .WithSummary("Looks at one of your watchlists, positions or at your portfolio now, instead of at the next daily look")
            .WithDescription("Says how many recommendations are new and why the ranking recommends nothing, if so. Asked again it makes none twice.")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id:long}", GetAsync)
            .WithName("GetRecommendation")
            .WithSummary("One recommendation with the numbers that decided and what came of it")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/{id:long}/review", ReviewAsync)
            .WithName("ReviewRecommendation")
            .WithExample("""{ "approve": true, "note": "Fits the plan" }""")
            .WithSummary("Approves or rejects; approving applies what changes a watchlist, in one step")
            .WithDescription("By its owner or an administrator; what is everyone's by administrators.")
            .WithIdempotencyKey()
            .Steps();
        group.MapPost("/{id:long}/undo", UndoAsync)
            .WithName("UndoRecommendation")
            .WithSummary("Takes back what was applied to a watchlist: its assets, weights and order are as before")
            .WithDescription("409 when the assets were changed since.")
            .WithIdempotencyKey()
            .Steps();
        group.MapPost("/{id:long}/decision", DecideAsync)
            .WithName("DecideRecommendation")
            .WithExample("""{ "decision": "followed" }""")
            .WithSummary("Says what you did with it; following one that changes a watchlist applies it")
            .WithIdempotencyKey()
            .Steps();
        group.MapPut("/{id:long}/rating", RateAsync)
            .WithName("RateRecommendation")
            .WithExample("""{ "rating": 4, "feedback": "Right, but late" }""")
            .WithSummary("Rates it, again if need be")
            .Steps();
    }

    public static void MapAllRecommendations(this RouteGroupBuilder group) =>
        group.MapGet("/", ListAllAsync)
            .WithName("ListAllRecommendations")
            .WithSummary("Everybody's recommendations, newest first, to be reviewed")
            .ProducesProblem(StatusCodes.Status400BadRequest);

    private static void Steps(this RouteHandlerBuilder builder) => builder
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Ok<Page<RecommendationView>>, ProblemHttpResult>> ListAsync(
        [Description(StatusText)] string? status,
        [Description("portfolio, watchlist, asset, user or strategy; all of them if absent.")] string? target,
        [Description("true: only yours; false: only everyone's; both if absent.")] string? own,
        [Description("How many at most, 1 to 100; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] RecommendationStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var wanted = One<RecommendationStatus>(status, "status", errors);
        var kind = One<RecommendationTargetKind>(target, "target", errors);
        var mine = bool.TryParse(own, out var known) ? known : (bool?)null;
        if (!string.IsNullOrEmpty(own) && mine is null)
        {
            errors.Add("own", "Must be true or false.");
        }

        var count = QueryText.Limit(limit, 50, 100, errors);
        var place = IdPage.After(after, errors);
        return errors.Any
            ? errors.ToProblem()
            : Page(await store.ListAsync(context.User.UserId(), mine, wanted, kind, place, count + 1, cancellation), count);
    }

    private static async Task<Results<Ok<Page<RecommendationView>>, ProblemHttpResult>> ListAllAsync(
        [Description(StatusText)] string? status,
        [Description("How many at most, 1 to 100; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] RecommendationStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var wanted = One<RecommendationStatus>(status, "status", errors);
        var count = QueryText.Limit(limit, 50, 100, errors);
        var place = IdPage.After(after, errors);
        return errors.Any ? errors.ToProblem() : Page(await store.ListAllAsync(wanted, place, count + 1, cancellation), count);
    }

    private static async Task<Results<Ok<LookView>, ProblemHttpResult>> LookAsync([FromBody] LookBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var errors = new InputErrors();
        if (body.Target is not { } kind)
        {
            errors.Add("target", "Required: watchlist, portfolio, user, asset or strategy.");
            return errors.ToProblem();
        }

        if (body.TargetId is null && kind != RecommendationTargetKind.User)
        {
            errors.Add("targetId", "Required: the id of the target.");
            return errors.ToProblem();
        }

        var target = new RecommendationTarget(kind, body.TargetId ?? context.User.UserId());
        var look = await grains.GetGrain<IRecommendationGrain>(target.Key).LookAsync(context.Actor()).Within(context);
        return TypedResults.Ok(new LookView(look.Made, look.Ended, look.Measured, look.Reason));
    }

    private static async Task<Results<Ok<RecommendationView>, ProblemHttpResult>> GetAsync(
        long id, HttpContext context, [FromServices] RecommendationStore store, CancellationToken cancellation) =>
        await FindAsync(id, context, store, openToAdmins: true, cancellation) is { } found ? TypedResults.Ok(RecommendationView.From(found)) : None();

    private static async Task<Results<Ok<RecommendationView>, ProblemHttpResult>> ReviewAsync(
        long id, [FromBody] ReviewBody body, HttpContext context, [FromServices] RecommendationStore store, [FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        if (body.Approve is not { } approve)
        {
            return Required("approve", "Required: true or false.");
        }

        return await FindAsync(id, context, store, openToAdmins: true, cancellation) is { } found
            ? TypedResults.Ok(RecommendationView.From(await Grain(grains, found).ReviewAsync(context.Actor(), id, approve, body.Note).Within(context)))
            : None();
    }

    private static async Task<Results<Ok<RecommendationView>, ProblemHttpResult>> UndoAsync(
        long id, HttpContext context, [FromServices] RecommendationStore store, [FromServices] IGrainFactory grains, CancellationToken cancellation) =>
        await FindAsync(id, context, store, openToAdmins: true, cancellation) is { } found
            ? TypedResults.Ok(RecommendationView.From(await Grain(grains, found).UndoAsync(context.Actor(), id).Within(context)))
            : None();

    private static async Task<Results<Ok<RecommendationView>, ProblemHttpResult>> DecideAsync(
        long id, [FromBody] DecisionBody body, HttpContext context, [FromServices] RecommendationStore store, [FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        if (body.Decision is not { } decision)
        {
            return Required("decision", "Required: followed, implemented or ignored.");
        }

        return await FindAsync(id, context, store, openToAdmins: false, cancellation) is { } found
            ? TypedResults.Ok(RecommendationView.From(await Grain(grains, found).DecideAsync(context.Actor(), id, decision).Within(context)))
            : None();
    }

    private static async Task<Results<Ok<RecommendationView>, ProblemHttpResult>> RateAsync(
        long id, [FromBody] RatingBody body, HttpContext context, [FromServices] RecommendationStore store, [FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        if (body.Rating is not { } rating)
        {
            return Required("rating", "Required: 1 to 5.");
        }

        return await FindAsync(id, context, store, openToAdmins: false, cancellation) is { } found
            ? TypedResults.Ok(RecommendationView.From(await Grain(grains, found).RateAsync(context.Actor(), id, rating, body.Feedback).Within(context)))
            : None();
    }

    private static Task<Recommendation?> FindAsync(long id, HttpContext context, RecommendationStore store, bool openToAdmins, CancellationToken cancellation) =>
        openToAdmins && context.User.IsAdmin() ? store.FindAsync(id, cancellation) : store.GetAsync(context.User.UserId(), id, cancellation);

    private static IRecommendationGrain Grain(IGrainFactory grains, Recommendation found) => grains.GetGrain<IRecommendationGrain>(found.Target.Key);

    private static Ok<Page<RecommendationView>> Page(Recommendation[] found, int count) =>
        TypedResults.Ok(IdPage.Of(found, count, RecommendationView.From, static one => one.Id));

    private static ProblemHttpResult None() => Problems.NotFound("There is no such recommendation.");

    private static ProblemHttpResult Required(string field, string reason)
    {
        var errors = new InputErrors();
        errors.Add(field, reason);
        return errors.ToProblem();
    }

    private static T? One<T>(string? text, string field, InputErrors errors)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (Array.Exists(Enum.GetNames<T>(), name => name.Equals(text, StringComparison.OrdinalIgnoreCase)))
        {
            return Enum.Parse<T>(text, ignoreCase: true);
        }

        errors.Add(field, $"Must be one of {string.Join(", ", Enum.GetNames<T>().Select(static name => name.ToLowerInvariant()))}.");
        return null;
    }
}
