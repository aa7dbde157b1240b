using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Portfolios;
using CryptoAI.Storage.Portfolios;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Portfolios;

/// <summary>What the caller's record says, and the caller's own limits.</summary>
internal static class RiskEndpoints
{
    public static void MapRisk(this RouteGroupBuilder group)
    {
        group.MapGet("/performance", GetPerformanceAsync)
            .WithName("GetPerformance")
            .WithSummary("Returns, drawdown and what the journal says, by asset, setup, timeframe, emotion, confidence and stress")
            .WithDescription(
                "Statistics rest on closed positions, grouped by what was noted at the first entry. An expectancy within two of its standard "
                + "errors of 0 says nothing.");
        group.MapGet("/risk", GetRiskAsync)
            .WithName("GetRisk")
            .WithSummary("Limits, exposure, value at risk, expected shortfall, drawdown and beta to BTC");
        group.MapPut("/risk", SetRiskAsync)
            .WithName("SetRisk")
            .WithSummary("Replaces the limits; each warns of an entry that breaks it, or refuses it")
            .WithExample("""
                {
                  "capital": 25000,
                  "limits": [
                    { "kind": "position_size", "value": 5000, "action": "refuse" },
                    { "kind": "trade_risk", "value": 1, "action": "warn" },
                    { "kind": "leverage", "value": 3, "action": "refuse" }
                  ]
                }
                """)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/risk/position-size", SizeAsync)
            .WithName("SizePosition")
            .WithSummary("How large a position may be so that its stop costs no more than was meant")
            .WithExample("""{ "asset": "BTC", "capital": 25000, "riskPercent": 1, "entryPrice": 64250, "stopPrice": 61000, "targetPrice": 72000, "feePercent": 0.1 }""")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    public static void MapFollowed(this RouteGroupBuilder group)
    {
        group.MapGet("/executions", ListExecutionsAsync)
            .WithName("ListExecutions")
            .WithSummary("The signals you followed, newest first")
            .WithDescription("A trade that named its signal stands here by itself; one that was taken back is cancelled.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPut("/executions/{id:long}", SettleAsync)
            .WithName("SettleExecution")
            .WithSummary("Says what became of an execution that was pending or partly filled")
            .WithExample("""{ "status": "filled", "price": 64000, "positionSize": 0.5 }""")
            .WithDescription("What is left out stays.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    public static void MapExecutions(this RouteGroupBuilder group) =>
        group.MapPost("/{id:long}/executions", ExecuteAsync)
            .WithName("ExecuteSignal")
            .WithSummary("Notes that a signal was followed, by an action of the journal or without one")
            .WithExample("""{ "actionId": 42 }""")
            .Changes()
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Ok<Performance>> GetPerformanceAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(await grains.Portfolio(context).GetPerformanceAsync().Within(context));

    private static async Task<Ok<RiskReport>> GetRiskAsync(HttpContext context, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(await grains.Portfolio(context).GetRiskAsync().Within(context));

    private static async Task<Ok<RiskBody>> SetRiskAsync(HttpContext context, RiskBody body, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(RiskBody.From(await grains.Portfolio(context).SetRiskAsync(context.Actor(), body.ToSettings()).Within(context)));

    private static async Task<Ok<SizeAnswer>> SizeAsync(HttpContext context, SizeBody body, [FromServices] IGrainFactory grains) =>
        TypedResults.Ok(await grains.Portfolio(context).SizePositionAsync(body.ToRequest()).Within(context));

    private static async Task<Created<ExecutionView>> ExecuteAsync(
        HttpContext context, long id, ExecutionBody body, [FromServices] IGrainFactory grains) => TypedResults.Created(
        (string?)null, ExecutionView.From(await grains.Portfolio(context).ExecuteSignalAsync(context.Actor(), id, body.ToRequest()).Within(context)));

    private static async Task<Ok<ExecutionView>> SettleAsync(
        HttpContext context, long id, ExecutionBody body, [FromServices] IGrainFactory grains) => TypedResults.Ok(
        ExecutionView.From(await grains.Portfolio(context).SettleExecutionAsync(context.Actor(), id, body.ToRequest()).Within(context)));

    private static async Task<Results<Ok<Page<ExecutionView>>, ProblemHttpResult>> ListExecutionsAsync(
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] RiskStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListExecutionsAsync(context.User.UserId(), null, place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, ExecutionView.From, static execution => execution.Id));
    }
}
