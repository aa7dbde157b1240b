using System.ComponentModel;
using System.Globalization;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Storage.Portfolios;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Portfolios;

/// <summary>The caller's own positions and journal. A position of somebody else's does not exist here.</summary>
internal static class PortfolioEndpoints
{
    public static void MapPositions(this RouteGroupBuilder group)
    {
        group.MapGet("/", GetAsync)
            .WithName("GetPortfolio")
            .WithSummary("Open positions with their worth, totals and drift")
            .WithDescription("Prices are at most a second old where the market answers; priceAt says how old.");
        group.MapGet("/positions", ListPositionsAsync)
            .WithName("ListPositions")
            .WithSummary("Positions, newest first, without prices")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/positions", OpenAsync)
            .WithName("OpenPosition")
            .WithSummary("Opens a position by its first entry")
            .WithExample("""
                {
                  "asset": "BTC", "assetType": "long_position", "leverage": 2,
                  "plan": { "thesis": "Trend above the 200-day average", "investmentTimeframe": "medium_term", "allocationTargetPercent": 30 },
                  "entry": {
                    "type": "entry", "price": 64250.5, "quantity": 0.25, "fee": 6.43, "stopLoss": 61000, "takeProfit": 72000,
                    "timeframe": "4h", "setup": "pullback", "emotion": "calm", "confidence": 7, "stress": 3
                  }
                }
                """)
            .Changes()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapPut("/positions/{id:long}/plan", PlanAsync)
            .WithName("PlanPosition")
            .WithSummary("Replaces thesis, horizon, category and allocation of a position")
            .WithExample("""{ "thesis": "Halving cycle", "investmentTimeframe": "long_term", "riskCategory": "moderate", "allocationTargetPercent": 40, "maxAllocationPercent": 50 }""")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/positions/{id:long}/actions", ActAsync)
            .WithName("RecordAction")
            .WithSummary("Records an action of an open position: further entries, exits, stop and target")
            .WithExample("""{ "type": "partial_exit", "price": 70100, "quantity": 0.1, "fee": 2.8, "emotion": "confident", "reason": "hit_tp" }""")
            .Changes()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapPost("/positions/{id:long}/actions/{actionId:long}/reverse", ReverseAsync)
            .WithName("ReverseAction")
            .WithSummary("Takes an action back by a row of its own; nothing is edited or deleted")
            .WithExample("""{ "reason": "wrong quantity" }""")
            .Changes()
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/actions", ListActionsAsync)
            .WithName("ListActions")
            .WithSummary("The journal, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    /// <summary>What every POST that records has in common.</summary>
    internal static RouteHandlerBuilder Changes(this RouteHandlerBuilder builder) => builder
        .WithIdempotencyKey()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status409Conflict);

    internal static IPortfolioGrain Portfolio(this IGrainFactory grains, HttpContext context) => grains.GetGrain<IPortfolioGrain>(context.User.UserId());

    private static async Task<Ok<PortfolioView>> GetAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(PortfolioView.From(await grains.Portfolio(context).GetAsync().Within(context)));

    private static async Task<Results<Ok<Page<PositionView>>, ProblemHttpResult>> ListPositionsAsync(
        HttpContext context,
        [Description("open or closed; both if absent.")] string? state,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] PortfolioStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var afterId = IdPage.After(after, errors);
        if (state is not (null or "" or "open" or "closed"))
        {
            errors.Add("state", "Must be open or closed.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        bool? closed = state is null or "" ? null : state == "closed";
        var found = await store.ListPositionsAsync(context.User.UserId(), closed, afterId, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, PositionView.From, static position => position.Id));
    }

    private static async Task<Results<Created<RecordedView>, ProblemHttpResult>> OpenAsync(
        HttpContext context, PositionBody body, [FromServices] IGrainFactory grains)
    {
        var recorded = RecordedView.From(await grains.Portfolio(context).OpenAsync(context.Actor(), body.ToRequest()).Within(context));
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/v1/portfolio/actions?positionId={recorded.Position.Id}"), recorded);
    }

    private static async Task<Ok<PositionView>> PlanAsync(HttpContext context, long id, PlanView body, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(PositionView.From(await grains.Portfolio(context).PlanAsync(context.Actor(), id, body.ToPlan()).Within(context)));

    private static async Task<Created<RecordedView>> ActAsync(HttpContext context, long id, ActionBody body, [FromServices] IGrainFactory grains)
    {
        var recorded = RecordedView.From(await grains.Portfolio(context).ActAsync(context.Actor(), id, body.ToRequest()).Within(context));
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/v1/portfolio/actions?positionId={id}"), recorded);
    }

    private static async Task<Created<RecordedView>> ReverseAsync(
        HttpContext context, long id, long actionId, ReversalBody? body, [FromServices] IGrainFactory grains)
    {
        var recorded = RecordedView.From(await grains.Portfolio(context).ReverseAsync(context.Actor(), id, actionId, body?.Reason).Within(context));
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/v1/portfolio/actions?positionId={id}"), recorded);
    }

    private static async Task<Results<Ok<Page<ActionView>>, ProblemHttpResult>> ListActionsAsync(
        HttpContext context,
        [Description("Of this position only.")] string? positionId,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] PortfolioStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var afterId = IdPage.After(after, errors);
        if (!string.IsNullOrEmpty(positionId) && !IdPage.IsId(positionId))
        {
            errors.Add("positionId", "Must be a position's id.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListActionsAsync(
            context.User.UserId(), Id(string.IsNullOrEmpty(positionId) ? null : positionId), afterId, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, ActionView.From, static action => action.Id));
    }

    private static long? Id(string? place) => place is null ? null : long.Parse(place, CultureInfo.InvariantCulture);
}
