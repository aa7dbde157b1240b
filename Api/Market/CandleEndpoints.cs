using System.ComponentModel;
using System.Globalization;
using CryptoAI.Storage.Market;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Market;

/// <summary>An asset's candles: stored ones, and at the end of a window that reaches the present those only the grain has yet.</summary>
internal static class CandleEndpoints
{
    public const int MaxLimit = 1500;
    public const int StandardLimit = 500;

    public static void MapCandles(this RouteGroupBuilder group) =>
        group.MapGet("/{symbol}/candles", GetAsync)
            .WithName("GetCandles")
            .WithSummary("An asset's candles, oldest first")
            .WithDescription(
                "With from or after: the oldest candles of the window. Without: the newest ones. "
                + "A window that reaches the present ends with the open candle (isClosed: false).")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    public static void MapIndicators(this RouteGroupBuilder group) =>
        group.MapGet("/indicators", GetCatalogueAsync)
            .WithName("GetIndicators")
            .WithSummary("Indicators that can be computed on candles, with their parameters and values")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Ok<CatalogueIndicator[]>> GetCatalogueAsync([FromServices] IGrainFactory grains, CancellationToken cancellation) =>
        TypedResults.Ok(await grains.GetGrain<IIndicatorGrain>(0).GetCatalogueAsync().WaitAsync(cancellation));

    private static async Task<Results<Ok<CandlePage>, ProblemHttpResult>> GetAsync(
        [Description("The asset: BTC. Case does not matter.")] string symbol,
        [Description("Required: 1m, 5m, 15m, 1h, 4h or 1d.")] string? timeframe,
        [Description("First open time, ISO 8601 or Unix milliseconds.")] string? from,
        [Description("End of the window, exclusive, ISO 8601 or Unix milliseconds; now if absent.")] string? to,
        [Description("How many at most, 1 to 1500; 500 if absent.")] string? limit,
        [Description("Only candles that open later than this: the next of the page before, or an open time.")] string? after,
        [Description("true for all that are stored, or a list such as rsi,sma20,supertrend(10,3): see GET /api/v1/indicators.")] string? indicators,
        [FromServices] CryptocurrencyStore cryptocurrencies,
        [FromServices] CandleStore candles,
        [FromServices] AccessCounter accesses,
        [FromServices] IGrainFactory grains,
        [FromServices] TimeProvider time,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var selection = IndicatorSelection.Parse(indicators, errors);
        var window = CandleWindow.Parse(timeframe, from, to, after, limit, errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        if (await CryptocurrencyEndpoints.FindAsync(symbol, cryptocurrencies, cancellation) is not { } row)
        {
            return CryptocurrencyEndpoints.Unknown(symbol);
        }

        accesses.Mark(row.Id, window.Timeframe);
        var found = await candles.ReadAsync(
            row.Id, row.Symbol, window.Timeframe, window.From, window.To, window.Limit + (window.IsNewest ? 0 : 1), window.IsNewest, cancellation);
        var hasMore = !window.IsNewest && found.Length > window.Limit;
        List<Candle> items = [.. hasMore ? found.AsSpan(0, window.Limit) : found];
        if (!hasMore && row is { IsActive: true, IsSupported: true } && (window.To is null || window.To > window.Timeframe.Floor(time.GetUtcNow())))
        {
            var live = await LiveEdgeAsync(grains.GetGrain<ICryptocurrencyGrain>(row.Symbol), window, items).WaitAsync(cancellation);
            hasMore = window.Append(items, live);
        }

        var computed = selection.Computed.Count == 0
            ? []
            : await grains.GetGrain<IIndicatorGrain>(0).ComputeAsync(new IndicatorQuestion(
                row.Id, row.Symbol, window.Timeframe, [.. selection.Computed], [.. items.Select(static candle => candle with { Indicators = null })]))
                .WaitAsync(cancellation);
        return TypedResults.Ok(new CandlePage(
            row.Symbol,
            window.Timeframe,
            [.. items.Select((candle, place) => CandleView.From(candle, selection, computed, place))],
            hasMore ? items[^1].OpenTime.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) : null));
    }

    /// <summary>
    /// What follows the stored candles without a hole: minutes that closed a moment ago, and the open candle. A longer candle that
    /// closed a moment ago is only in its writer's hands, so the open one behind it is left out until it is stored.
    /// </summary>
    private static async Task<List<Candle>> LiveEdgeAsync(ICryptocurrencyGrain grain, CandleWindow window, List<Candle> stored)
    {
        var live = new List<Candle>();
        var open = (await grain.GetOpenCandlesAsync()).FirstOrDefault(candle => candle.Timeframe == window.Timeframe);
        if (open is null || (stored.Count > 0 && open.OpenTime <= stored[^1].OpenTime))
        {
            return live;
        }

        var next = stored.Count > 0 ? stored[^1].OpenTime + window.Timeframe.Length() : window.StartWithin(open.OpenTime);
        if (next < open.OpenTime && window.Timeframe == Timeframe.M1)
        {
            live.AddRange(await grain.GetMinutesFromAsync(next));
            next = live.Count > 0 ? live[^1].OpenTime + window.Timeframe.Length() : next;
        }

        if (open.OpenTime == next)
        {
            live.Add(open);
        }

        return live;
    }
}

/// <summary>Candles of one asset and timeframe, oldest first.</summary>
/// <param name="Next">What to pass as <c>after</c> for the next page; null when the window ends here.</param>
public sealed record CandlePage(string Symbol, Timeframe Timeframe, IReadOnlyList<CandleView> Items, string? Next);
