using CryptoAI.Api.Sectors;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Macro;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Sectors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Macro;

/// <summary>The market in one call.</summary>
internal static class OverviewEndpoint
{
    private const int Movers = 5;
    private const int MaxAssets = 1_000;

    public static void MapOverview(this RouteGroupBuilder group) => group.MapGet("/overview", GetAsync)
        .WithName("GetOverview")
        .WithSummary("Regime, mood, shares, macro series, sectors and what moves most, in one answer");

    private static async Task<Ok<OverviewView>> GetAsync(
        [FromServices] IGrainFactory grains,
        [FromServices] SeriesStore series,
        [FromServices] CryptocurrencyStore assets,
        [FromServices] SectorStore sectors,
        [FromServices] SectorReadingStore readings,
        CancellationToken cancellation)
    {
        var state = await MacroEndpoints.AskAsync(grains, cancellation);
        var indicators = await series.ListNewestAsync(cancellation);
        var movers = (await assets.ListAsync(after: null, MaxAssets, cancellation))
            .Where(static row => row.PriceChangePercentage24h is not null)
            .OrderByDescending(static row => row.PriceChangePercentage24h)
            .Select(MoverView.From)
            .ToArray();
        var rotation = await grains.GetGrain<ISectorRotationGrain>(0).GetAsync().WaitAsync(cancellation);
        return TypedResults.Ok(new OverviewView(
            Newest<RegimeReading>.From(state.Regime, state.RegimeUnknown),
            Newest<SentimentReading>.From(state.Sentiment, state.SentimentUnknown),
            Newest<DominanceReading>.From(state.Dominance, state.DominanceUnknown),
            MacroIndicatorView.From(indicators, state),
            await SectorEndpoints.ReadAsync(sectors, readings, cancellation),
            RotationView.From(rotation),
            [.. movers.Where(static mover => mover.Change24h > 0).Take(Movers)],
            [.. movers.Reverse().Where(static mover => mover.Change24h < 0).Take(Movers)]));
    }
}
