using System.ComponentModel;
using System.Globalization;
using CryptoAI.Api.Assets;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Sectors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Sectors;

/// <summary>Sectors, their performance and rotation between them; and changing what they are.</summary>
internal static class SectorEndpoints
{
    private const string NoSector = "There is no such sector.";
    private const string NoAsset = "There is no such asset.";

    public static void MapSectors(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync).WithName("ListSectors").WithSummary("The sectors of the market with their performance");
        group.MapGet("/{id:long}", GetAsync)
            .WithName("GetSector")
            .WithSummary("A sector with its assets, their weights, and who is left out")
            .WithDescription("Its ETag goes into the If-Match of changes.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id:long}/history", ListHistoryAsync)
            .WithName("ListSectorHistory")
            .WithSummary("A sector's performance, hour by hour, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/rotation", GetRotationAsync)
            .WithName("GetSectorRotation")
            .WithSummary("Where capital goes between sectors")
            .WithDescription("From sectors below the market to those above it, by strength, momentum and capital flow over 5, 10 and 20 days.")
            .WithAnswerExample(
                """
                {"at":"2025-06-30T14:00:00Z","rotations":[{"fromId":10,"from":"Memes","toId":4,"to":"DeFi","strength":0.72,"confidence":0.95}],
                "sectors":[{"id":4,"name":"DeFi","standing":{"score":0.7,"phase":"leading","coverage":1,"horizons":[{"days":5,"strength":2.1,"momentum":0.8,"flow":null,"score":0.6}]},"unknown":null}],"unknown":null}
                """);
        group.MapGet("/mapping/{symbol}", GetMappingAsync)
            .WithName("GetSectorMapping")
            .WithSummary("The sectors of an asset")
            .WithDescription("Its ETag goes into the If-Match of changes.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static void MapSectorChanges(this RouteGroupBuilder group)
    {
        group.MapPost("/", CreateAsync)
            .WithName("CreateSector")
            .WithSummary("Makes a sector without assets")
            .WithExample("""{ "name": "Science", "description": "Funding of research on chains" }""")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPut("/{id:long}", ChangeAsync)
            .WithName("ChangeSector")
            .WithSummary("Replaces name, description and whether a sector is told of")
            .WithExample("""{ "name": "DeFi", "description": "Finance run by programs", "isActive": true }""")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
        group.MapDelete("/{id:long}", DeleteAsync)
            .WithName("DeleteSector")
            .WithSummary("Ends a sector; its history stays, and changing it may bring it back")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
        group.MapPut("/mapping/{symbol}", MapAsync)
            .WithName("ChangeSectorMapping")
            .WithSummary("Replaces the sectors of an asset")
            .WithExample("""{ "sectors": [{ "sectorId": 2, "allocationPercentage": 70, "isPrimary": true }, { "sectorId": 11, "allocationPercentage": 30 }] }""")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status428PreconditionRequired);
    }

    /// <summary>All sectors with their newest figures.</summary>
    internal static async Task<SectorView[]> ReadAsync(SectorStore store, SectorReadingStore readings, CancellationToken cancellation)
    {
        var newest = (await readings.ListNewestAsync(cancellation)).ToDictionary(static reading => reading.SectorId);
        return [.. (await store.ListAsync(cancellation)).Select(sector => SectorView.From(sector, newest.GetValueOrDefault(sector.Id)))];
    }

    private static async Task<Ok<SectorView[]>> ListAsync(
        [FromServices] SectorStore store, [FromServices] SectorReadingStore readings, CancellationToken cancellation) =>
        TypedResults.Ok(await ReadAsync(store, readings, cancellation));

    private static async Task<Results<Ok<SectorDetailView>, ProblemHttpResult>> GetAsync(
        long id, HttpContext context, [FromServices] SectorStore store, [FromServices] SectorReadingStore readings, CancellationToken cancellation)
    {
        if (await store.GetAsync(id, cancellation) is not { } sector)
        {
            return Problems.NotFound(NoSector);
        }

        var newest = (await readings.ListAsync(id, before: null, limit: 1, cancellation)).FirstOrDefault();
        var members = await store.ListMembersAsync(id, cancellation);
        context.Response.SetETag(sector.Version);
        return TypedResults.Ok(new SectorDetailView(
            SectorView.From(sector, newest), [.. members.Select(SectorAssetView.From)], newest?.Metrics.Windows ?? [], newest?.Metrics.Standing));
    }

    private static async Task<Results<Ok<Page<SectorFiguresView>>, ProblemHttpResult>> ListHistoryAsync(
        long id,
        [Description("How many at most, 1 to 1000; 100 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] SectorReadingStore readings,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 100, 1_000, errors);
        var place = QueryText.Place(after, static text => TryTime(text, out _), errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await readings.ListAsync(id, place is not null && TryTime(place, out var time) ? time : null, count + 1, cancellation);
        return TypedResults.Ok(new Page<SectorFiguresView>(
            [.. found.Take(count).Select(SectorFiguresView.From)],
            found.Length > count ? QueryText.Cursor(found[count - 1].At.ToString("O", CultureInfo.InvariantCulture)) : null));
    }

    private static async Task<Ok<RotationView>> GetRotationAsync([FromServices] IGrainFactory grains, CancellationToken cancellation) =>
        TypedResults.Ok(RotationView.From(await grains.GetGrain<ISectorRotationGrain>(0).GetAsync().WaitAsync(cancellation)));

    private static async Task<Results<Ok<SectorMappingView>, ProblemHttpResult>> GetMappingAsync(
        [Description("The asset: BTC.")] string symbol, HttpContext context, [FromServices] SectorStore store, CancellationToken cancellation)
    {
        if (QueryText.Symbol(symbol) is not { } known || await store.GetMappingAsync(known, cancellation) is not { } mapping)
        {
            return Problems.NotFound(NoAsset);
        }

        return Shown(context, mapping);
    }

    private static async Task<Created<SectorView>> CreateAsync(
        [FromBody] SectorBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        var sector = await grains.GetGrain<ISectorMapGrain>(0).CreateAsync(context.Actor(), body.ToText()).Within(context);
        context.Response.SetETag(sector.Version);
        return TypedResults.Created($"/api/v1/sectors/{sector.Id}", SectorView.From(sector, reading: null));
    }

    private static async Task<Results<Ok<SectorView>, ProblemHttpResult>> ChangeAsync(
        long id, [FromBody] SectorBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        if (!ListVersion.TryRead(context.Request, "the sector", required: true, out var version, out var problem))
        {
            return problem!;
        }

        var sector = await grains.GetGrain<ISectorGrain>(id).ChangeAsync(context.Actor(), body.ToText(), version).Within(context);
        context.Response.SetETag(sector.Version);
        return TypedResults.Ok(SectorView.From(sector, reading: null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(long id, HttpContext context, [FromServices] IGrainFactory grains)
    {
        if (!ListVersion.TryRead(context.Request, "the sector", required: false, out var version, out var problem))
        {
            return problem!;
        }

        await grains.GetGrain<ISectorGrain>(id).DeleteAsync(context.Actor(), version).Within(context);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<SectorMappingView>, ProblemHttpResult>> MapAsync(
        [Description("The asset: BTC.")] string symbol, [FromBody] SectorMappingBody body, HttpContext context, [FromServices] IGrainFactory grains)
    {
        if (!ListVersion.TryRead(context.Request, "the asset's sectors", required: true, out var version, out var problem))
        {
            return problem!;
        }

        if (QueryText.Symbol(symbol) is not { } known)
        {
            return Problems.NotFound(NoAsset);
        }

        if (body.Sectors is not { } sectors || sectors.Contains(null))
        {
            var errors = new InputErrors();
            errors.Add("sectors", "Required: a list, empty to take the asset out of all sectors.");
            return errors.ToProblem();
        }

        SectorShare[] shares = [.. sectors.Select(static share => new SectorShare(share.SectorId, share.AllocationPercentage, share.IsPrimary))];
        return Shown(context, await grains.GetGrain<ISectorMapGrain>(0).MapAsync(context.Actor(), known, shares, version).Within(context));
    }

    private static Ok<SectorMappingView> Shown(HttpContext context, SectorMapping mapping)
    {
        context.Response.SetETag(mapping.Version);
        return TypedResults.Ok(SectorMappingView.From(mapping));
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
