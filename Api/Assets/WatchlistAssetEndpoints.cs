using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Assets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Assets;

/// <summary>What is in a watchlist.</summary>
internal static class WatchlistAssetEndpoints
{
    private const string SideText = "long, if left out, or short.";

    public static void MapWatchlistAssets(this RouteGroupBuilder group)
    {
        group.MapPost("/{id:long}/assets", AddAsync)
            .WithName("AddWatchlistAsset")
            .WithExample("""{ "symbol": "BTC", "side": "long", "weight": 0.4, "targetAllocation": 35, "notes": "Core position" }""")
            .WithSummary("Adds an asset at the end of a watchlist")
            .WithDescription("Additions, removals and moves of several editors add up; with If-Match they are refused (412) when the list was changed since.")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapPut("/{id:long}/assets/{symbol}", ChangeAsync)
            .WithName("ChangeWatchlistAsset")
            .WithExample("""{ "weight": 0.3, "targetAllocation": 30, "notes": "Trimmed" }""")
            .WithSummary("Replaces weight, target and notes of an asset")
            .WithDescription("If-Match is required, because this overwrites; 412 when the list was changed since.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
        group.MapDelete("/{id:long}/assets/{symbol}", RemoveAsync)
            .WithName("RemoveWatchlistAsset")
            .WithSummary("Takes an asset out of a watchlist")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapPost("/{id:long}/assets/{symbol}/move", MoveAsync)
            .WithName("MoveWatchlistAsset")
            .WithExample("""{ "position": 0 }""")
            .WithSummary("Moves an asset within a watchlist")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<Results<Created<WatchlistView>, ProblemHttpResult>> AddAsync(
        long id, [FromBody] WatchlistAssetBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var errors = new InputErrors();
        var symbol = QueryText.Symbol(body.Symbol ?? "");
        if (symbol is null)
        {
            errors.Add("symbol", "Required: an asset such as BTC.");
            return errors.ToProblem();
        }

        if (!ListVersion.TryRead(context.Request, "the watchlist", required: false, out var version, out var problem))
        {
            return problem!;
        }

        var entry = new WatchlistEntry(body.Weight, body.TargetAllocation, body.Notes);
        var list = await grains.GetGrain<IWatchlistGrain>(id).AddAsync(context.Actor(), symbol, body.Side, entry, version).Within(context);
        context.Response.SetETag(list.Version);
        return TypedResults.Created($"/api/v1/watchlists/{id}", WatchlistView.From(list));
    }

    private static async Task<Results<Ok<WatchlistView>, ProblemHttpResult>> ChangeAsync(
        long id,
        [Description("The asset: BTC.")] string symbol,
        [Description(SideText)] string? side,
        [FromBody] WatchlistEntryBody body,
        HttpContext context,
        [FromServices] IGrainFactory grains)
    {
        if (!TryRead(context, symbol, side, required: true, out var name, out var which, out var version, out var problem))
        {
            return problem!;
        }

        var entry = new WatchlistEntry(body.Weight, body.TargetAllocation, body.Notes);
        return WatchlistEndpoints.Shown(
            context, await grains.GetGrain<IWatchlistGrain>(id).ChangeAssetAsync(context.Actor(), name, which, entry, version).Within(context));
    }

    private static async Task<Results<Ok<WatchlistView>, ProblemHttpResult>> RemoveAsync(
        long id,
        [Description("The asset: BTC.")] string symbol,
        [Description(SideText)] string? side,
        HttpContext context,
        [FromServices] IGrainFactory grains) =>
        TryRead(context, symbol, side, required: false, out var name, out var which, out var version, out var problem)
            ? WatchlistEndpoints.Shown(context, await grains.GetGrain<IWatchlistGrain>(id).RemoveAsync(context.Actor(), name, which, version).Within(context))
            : problem!;

    private static async Task<Results<Ok<WatchlistView>, ProblemHttpResult>> MoveAsync(
        long id,
        [Description("The asset: BTC.")] string symbol,
        [Description(SideText)] string? side,
        [FromBody] MoveBody body,
        HttpContext context,
        [FromServices] IGrainFactory grains)
    {
        if (body.Position is not { } position)
        {
            return WatchlistEndpoints.NoPosition();
        }

        return TryRead(context, symbol, side, required: false, out var name, out var which, out var version, out var problem)
            ? WatchlistEndpoints.Shown(
                context, await grains.GetGrain<IWatchlistGrain>(id).MoveAssetAsync(context.Actor(), name, which, position, version).Within(context))
            : problem!;
    }

    /// <summary>Which asset is meant, and of which version of the list.</summary>
    private static bool TryRead(
        HttpContext context, string symbol, string? side, bool required, out string name, out PositionSide which, out long? version,
        out ProblemHttpResult? problem)
    {
        (name, version) = (QueryText.Symbol(symbol) ?? "", null);
        which = side == "short" ? PositionSide.Short : PositionSide.Long;
        if (side is not (null or "" or "long" or "short"))
        {
            var errors = new InputErrors();
            errors.Add("side", "Must be long or short.");
            problem = errors.ToProblem();
            return false;
        }

        return ListVersion.TryRead(context.Request, "the watchlist", required, out version, out problem);
    }
}
