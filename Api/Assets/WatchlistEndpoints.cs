using System.ComponentModel;
using System.Globalization;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Storage.Assets;
using CryptoAI.Storage.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Assets;

/// <summary>Whole watchlists: everyone's, those shared by link, and one's own.</summary>
internal static class WatchlistEndpoints
{
    public static void MapOpenWatchlists(this RouteGroupBuilder group)
    {
        group.MapGet("/default", ListDefaultAsync)
            .WithName("ListDefaultWatchlists")
            .WithSummary("The lists that administrators keep for everyone")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/shared/{token}", GetSharedAsync)
            .WithName("GetSharedWatchlist")
            .WithSummary("The list that a link leads to")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static void MapDefaultWatchlists(this RouteGroupBuilder group)
    {
        group.MapPost("/", CreateDefaultAsync)
            .WithName("CreateDefaultWatchlist")
            .WithExample("""{ "name": "Majors", "description": "The largest ones", "maxAssets": 50 }""")
            .WithSummary("Makes a list for everyone")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/{id:long}/move", MoveDefaultAsync)
            .WithName("MoveDefaultWatchlist")
            .WithExample("""{ "position": 0 }""")
            .WithSummary("Moves a list among the default ones")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static void MapWatchlists(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync)
            .WithName("ListWatchlists")
            .WithSummary("Your watchlists, in your order")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/", CreateAsync)
            .WithName("CreateWatchlist")
            .WithExample("""{ "name": "Majors", "description": "What I look at every day" }""")
            .WithSummary("Makes an empty watchlist")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/{id:long}", GetAsync)
            .WithName("GetWatchlist")
            .WithSummary("One of your watchlists, or a default one")
            .WithDescription("Its ETag goes into the If-Match of changes.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPut("/{id:long}", ChangeAsync)
            .WithName("ChangeWatchlist")
            .WithExample("""{ "name": "Large caps", "description": "What I look at every day" }""")
            .WithSummary("Replaces name and description")
            .WithDescription("If-Match is required, because this overwrites; 412 when the list was changed since.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
        group.MapDelete("/{id:long}", DeleteAsync)
            .WithName("DeleteWatchlist")
            .WithSummary("Ends a watchlist and its sharing")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapPost("/{id:long}/move", MoveAsync)
            .WithName("MoveWatchlist")
            .WithExample("""{ "position": 0 }""")
            .WithSummary("Moves a watchlist among yours")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPut("/{id:long}/share", ShareAsync)
            .WithName("ShareWatchlist")
            .WithSummary("Makes a link that anyone can read the list with")
            .WithDescription("The token is shown this once. An earlier link stops working.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDelete("/{id:long}/share", UnshareAsync)
            .WithName("UnshareWatchlist")
            .WithSummary("Ends the link")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Results<Ok<Page<WatchlistView>>, ProblemHttpResult>> ListDefaultAsync(
        [Description("How many at most, 1 to 100; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] WatchlistStore store,
        CancellationToken cancellation) => PageAsync(null, limit, after, store, cancellation);

    private static Task<Results<Ok<Page<WatchlistView>>, ProblemHttpResult>> ListAsync(
        [Description("How many at most, 1 to 100; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] WatchlistStore store,
        CancellationToken cancellation) => PageAsync(context.User.UserId(), limit, after, store, cancellation);

    private static async Task<Results<Ok<Page<WatchlistView>>, ProblemHttpResult>> PageAsync(
        long? owner, string? limit, string? after, WatchlistStore store, CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 100, errors);
        var place = QueryText.Place(after, static text => TryPlace(text, out _), errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListAsync(owner, TryPlace(place ?? "", out var last) ? last : null, count + 1, cancellation);
        var next = found.Length > count ? QueryText.Cursor(string.Create(CultureInfo.InvariantCulture, $"{found[count - 1].SortOrder}~{found[count - 1].Id}")) : null;
        return TypedResults.Ok(new Page<WatchlistView>([.. found.Take(count).Select(WatchlistView.From)], next));
    }

    private static async Task<Results<Ok<SharedWatchlistView>, ProblemHttpResult>> GetSharedAsync(
        [Description("The token of the link.")] string token, [FromServices] WatchlistStore store, CancellationToken cancellation) =>
        Tokens.IsWellFormed(token) && await store.GetSharedAsync(Tokens.Hash(token), cancellation) is { } list
            ? TypedResults.Ok(SharedWatchlistView.From(list))
            : Problems.NotFound("This link leads to no list, or not any more.");

    private static async Task<Results<Ok<WatchlistView>, ProblemHttpResult>> GetAsync(
        long id, HttpContext context, [FromServices] WatchlistStore store, CancellationToken cancellation)
    {
        if (await store.GetAsync(context.User.UserId(), id, cancellation) is not { } list)
        {
            return Problems.NotFound("There is no such watchlist.");
        }

        context.Response.SetETag(list.Version);
        return TypedResults.Ok(WatchlistView.From(list));
    }

    private static Task<Created<WatchlistView>> CreateAsync(
        [FromBody] WatchlistBody body, HttpContext context, [FromServices] IGrainFactory grains) => MakeAsync(context.User.UserId(), body, context, grains);

    private static Task<Created<WatchlistView>> CreateDefaultAsync(
        [FromBody] WatchlistBody body, HttpContext context, [FromServices] IGrainFactory grains) => MakeAsync(0, body, context, grains);

    private static async Task<Created<WatchlistView>> MakeAsync(long shelf, WatchlistBody body, HttpContext context, IGrainFactory grains)
    {
        var list = await grains.GetGrain<IWatchlistShelfGrain>(shelf).CreateAsync(context.Actor(), body.ToText()).Within(context);
        context.Response.SetETag(list.Version);
        return TypedResults.Created($"/api/v1/watchlists/{list.Id}", WatchlistView.From(list));
    }

    private static async Task<Results<Ok<WatchlistView>, ProblemHttpResult>> ChangeAsync(
        long id, [FromBody] WatchlistBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        if (!ListVersion.TryRead(context.Request, "the watchlist", required: true, out var version, out var problem))
        {
            return problem!;
        }

        return Shown(context, await grains.GetGrain<IWatchlistGrain>(id).ChangeAsync(context.Actor(), body.ToText(), version).Within(context));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        if (!ListVersion.TryRead(context.Request, "the watchlist", required: false, out var version, out var problem))
        {
            return problem!;
        }

        await grains.GetGrain<IWatchlistGrain>(id).DeleteAsync(context.Actor(), version).Within(context);
        return TypedResults.NoContent();
    }

    private static Task<Results<NoContent, ProblemHttpResult>> MoveAsync(
        long id, [FromBody] MoveBody body, HttpContext context, [FromServices] IGrainFactory grains) =>
        PlaceAsync(context.User.UserId(), id, body, context, grains);

    private static Task<Results<NoContent, ProblemHttpResult>> MoveDefaultAsync(
        long id, [FromBody] MoveBody body, HttpContext context, [FromServices] IGrainFactory grains) => PlaceAsync(0, id, body, context, grains);

    private static async Task<Results<NoContent, ProblemHttpResult>> PlaceAsync(
        long shelf, long id, MoveBody body, HttpContext context, IGrainFactory grains)
    {
        if (body.Position is not { } position)
        {
            return NoPosition();
        }

        await grains.GetGrain<IWatchlistShelfGrain>(shelf).MoveAsync(context.Actor(), id, position).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<SharedLinkView>> ShareAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var token = await grains.GetGrain<IWatchlistGrain>(id).ShareAsync(context.Actor()).Within(context);
        return TypedResults.Ok(new SharedLinkView(token, $"/api/v1/watchlists/shared/{token}"));
    }

    private static async Task<NoContent> UnshareAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        await grains.GetGrain<IWatchlistGrain>(id).UnshareAsync(context.Actor()).Within(context);
        return TypedResults.NoContent();
    }

    internal static Ok<WatchlistView> Shown(HttpContext context, Watchlist list)
    {
        context.Response.SetETag(list.Version);
        return TypedResults.Ok(WatchlistView.From(list));
    }

    internal static ProblemHttpResult NoPosition()
    {
        var errors = new InputErrors();
        errors.Add("position", "Required: a whole number from 0.");
        return errors.ToProblem();
    }

    /// <summary>order~id, as the store reads it.</summary>
    private static bool TryPlace(string text, out (int Order, long Id)? place)
    {
        place = text.Split('~') is [var order, var id]
            && int.TryParse(order, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
                ? (first, second)
                : null;
        return place is not null;
    }
}
