using System.ComponentModel;
using System.Globalization;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Timing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Market;

/// <summary>The followed assets, their live figures and their signals.</summary>
internal static class CryptocurrencyEndpoints
{
    public static void MapCryptocurrencies(this RouteGroupBuilder group)
    {
        group.MapGet("/", ListAsync)
            .WithName("ListCryptocurrencies")
            .WithSummary("The followed assets")
            .WithDescription("By traded value of the last 24 hours, largest first. Figures are at most about a second old.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/{symbol}", GetAsync)
            .WithName("GetCryptocurrency")
            .WithSummary("One asset with its live figures")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/{symbol}/signals", ListSignalsAsync)
            .WithName("ListSignals")
            .WithSummary("An asset's trading signals, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<Page<CryptocurrencyView>>, ProblemHttpResult>> ListAsync(
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] CryptocurrencyStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = QueryText.Place(after, IsPlace, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        var rows = await store.ListAsync(place, count + 1, cancellation);
        var items = rows.Take(count).Select(static row => CryptocurrencyView.From(row, quote: null)).ToArray();
        var next = rows.Count > count ? QueryText.Cursor(rows[count - 1].Cursor) : null;
        return TypedResults.Ok(new Page<CryptocurrencyView>(items, next));
    }

    private static async Task<Results<Ok<CryptocurrencyView>, ProblemHttpResult>> GetAsync(
        [Description("The asset: BTC. Case does not matter.")] string symbol,
        [FromServices] CryptocurrencyStore store,
        [FromServices] AccessCounter accesses,
        [FromServices] IGrainFactory grains,
        CancellationToken cancellation)
    {
        if (await FindAsync(symbol, store, cancellation) is not { } row)
        {
            return Unknown(symbol);
        }

        accesses.Mark(row.Id, timeframe: null);
        var quote = row is { IsActive: true, IsSupported: true }
            ? await grains.GetGrain<ICryptocurrencyGrain>(row.Symbol).GetQuoteAsync().WaitAsync(cancellation)
            : null;
        return TypedResults.Ok(CryptocurrencyView.From(row, quote));
    }

    private static async Task<Results<Ok<Page<SignalView>>, ProblemHttpResult>> ListSignalsAsync(
        [Description("The asset: BTC. Case does not matter.")] string symbol,
        [Description("active, executed, expired or cancelled; all of them if absent.")] string? status,
        [Description("How many at most, 1 to 250; 50 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] CryptocurrencyStore store,
        [FromServices] SignalStore signals,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var wanted = QueryText.Status(status, errors);
        var count = QueryText.Limit(limit, 50, 250, errors);
        var place = IdPage.After(after, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        if (await FindAsync(symbol, store, cancellation) is not { } row)
        {
            return Unknown(symbol);
        }

        var found = await signals.ListAsync(row.Symbol, wanted, place, count + 1, cancellation);
        return TypedResults.Ok(IdPage.Of(found, count, SignalView.From, static signal => signal.Id));
    }

    internal static async Task<CryptocurrencyRow?> FindAsync(string symbol, CryptocurrencyStore store, CancellationToken cancellation) =>
        QueryText.Symbol(symbol) is { } name ? await store.GetAsync(name, cancellation) : null;

    internal static ProblemHttpResult Unknown(string symbol) => Problems.NotFound($"symbol: '{Shown.Cut(symbol)}' is not a followed asset.");

    /// <summary>volume~symbol, as the store's rows name their places.</summary>
    private static bool IsPlace(string place)
    {
        var separator = place.IndexOf('~', StringComparison.Ordinal);
        return separator >= 0
            && (separator == 0 || decimal.TryParse(place.AsSpan(0, separator), NumberStyles.Number, CultureInfo.InvariantCulture, out _))
            && QueryText.Symbol(place[(separator + 1)..]) is not null;
    }
}
