using System.ComponentModel;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Storage.Alerts;
using CryptoAI.Storage.Market;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Alerts;

/// <summary>The alerts of whoever is signed in.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync)
            .WithName("ListAlerts")
            .WithSummary("Your alerts, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapPost("/", CreateAsync)
            .WithName("CreateAlert")
            .WithExample("""{ "symbol": "BTC", "type": "price_target", "condition": "percentage_change", "value": -5, "windowMinutes": 60, "cooldownSeconds": 3600, "channels": ["push", "email"] }""")
            .WithSummary("Makes an alert")
            .WithDescription(
                "It is watched from now on. Your plan limits how many may be active at a time. On an indicator: "
                + """{ "symbol": "BTC", "type": "indicator", "indicator": "rsi(14)", "timeframe": "1h", "condition": "crosses_below", "value": 30 }.""")
            .WithIdempotencyKey()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/{id:long}", GetAsync)
            .WithName("GetAlert")
            .WithSummary("One of your alerts")
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPut("/{id:long}", ChangeAsync)
            .WithName("ChangeAlert")
            .WithExample("""{ "condition": "above", "value": 120000, "message": "Time to sell?", "channels": ["email"], "expiresAt": "2030-01-01T00:00:00Z" }""")
            .WithSummary("Replaces what an active alert asks for")
            .WithDescription(
                "Asset and type stay as they are. It is watched anew from now on: what the market crossed before counts for nothing.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/{id:long}", CancelAsync)
            .WithName("CancelAlert")
            .WithSummary("Ends an alert")
            .WithDescription("Once this is answered with 204 it never fires. 409 when it had fired for the last time, or expired, before.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<Page<AlertView>>, ProblemHttpResult>> ListAsync(
        [Description("Of this asset only.")] string? symbol,
        [Description("active, triggered, expired or cancelled; all of them if absent.")] string? state,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        HttpContext context,
        [FromServices] AlertStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        var name = string.IsNullOrEmpty(symbol) ? null : QueryText.Symbol(symbol);
        if (!string.IsNullOrEmpty(symbol) && name is null)
        {
            errors.Add("symbol", "Is not an asset's name.");
        }

        AlertStatus? status = null;
        if (!string.IsNullOrEmpty(state))
        {
            status = Enum.GetValues<AlertStatus>().Cast<AlertStatus?>().FirstOrDefault(value => value.ToString()!.Equals(state, StringComparison.OrdinalIgnoreCase));
            if (status is null)
            {
                errors.Add("state", "Must be one of active, triggered, expired, cancelled.");
            }
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var found = await store.ListAsync(context.User.UserId(), name, status, place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, AlertView.From, static alert => alert.Id));
    }

    private static async Task<Results<Ok<AlertView>, ProblemHttpResult>> GetAsync(
        long id, HttpContext context, [FromServices] AlertStore store, CancellationToken cancellation) =>
        await store.GetAsync(context.User.UserId(), id, cancellation) is { } alert ? TypedResults.Ok(AlertView.From(alert)) : Unknown();

    private static async Task<Results<Created<AlertView>, ProblemHttpResult>> CreateAsync(
        [FromBody] AlertBody body,
        HttpContext context,
        [FromServices] CryptocurrencyStore assets,
        [FromServices] IGrainFactory grains,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var request = body.ToRequest(errors);
        var symbol = QueryText.Symbol(body.Symbol ?? "") is { } name && await assets.GetAsync(name, cancellation) is { IsActive: true, IsSupported: true }
            ? name
            : null;
        if (symbol is null)
        {
            errors.Add("symbol", body.Symbol is null ? "Required: an asset such as BTC." : $"'{Shown.Cut(body.Symbol)}' is not a followed asset.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var alert = await grains.GetGrain<IAlertGrain>(symbol!).CreateAsync(context.Actor(), request!).Within(context);
        return TypedResults.Created($"/api/v1/alerts/{alert.Id}", AlertView.From(alert));
    }

    private static async Task<Results<Ok<AlertView>, ProblemHttpResult>> ChangeAsync(
        long id,
        [FromBody] AlertBody body,
        HttpContext context,
        [FromServices] AlertStore store,
        [FromServices] IGrainFactory grains,
        CancellationToken cancellation)
    {
        if (await store.GetAsync(context.User.UserId(), id, cancellation) is not { } alert)
        {
            return Unknown();
        }

        var errors = new InputErrors();
        var request = (body with { Type = body.Type ?? alert.Request.Type }).ToRequest(errors);
        if (body.Symbol is { } symbol && QueryText.Symbol(symbol) != alert.Symbol)
        {
            errors.Add("symbol", "The asset of an alert cannot be changed.");
        }

        if (errors.Any)
        {
            return errors.ToProblem();
        }

        return TypedResults.Ok(AlertView.From(await grains.GetGrain<IAlertGrain>(alert.Symbol).ChangeAsync(context.Actor(), id, request!).Within(context)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> CancelAsync(
        long id, HttpContext context, [FromServices] AlertStore store, [FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        var userId = context.User.UserId();
        if (await store.GetAsync(userId, id, cancellation) is not { } alert)
        {
            return Unknown();
        }

        if (await grains.GetGrain<IAlertGrain>(alert.Symbol).CancelAsync(context.Actor(), id).Within(context)
            || await store.GetAsync(userId, id, cancellation) is not { Status: AlertStatus.Triggered or AlertStatus.Expired })
        {
            return TypedResults.NoContent();
        }

        return TypedResults.Problem("The alert has fired or expired already.", statusCode: StatusCodes.Status409Conflict);
    }

    private static ProblemHttpResult Unknown() => Problems.NotFound("There is no such alert.");
}
