using System.ComponentModel;
using System.Globalization;
using CryptoAI.Api.Market;
using CryptoAI.Api.Operations;
using CryptoAI.Grains.Interfaces.Macro;
using CryptoAI.Storage.Macro;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CryptoAI.Api.Macro;

/// <summary>Regime, mood and shares: the newest and what came before.</summary>
internal static class MacroEndpoints
{
    private const int MaxName = 100;
    private const string HistoryText = "Newest first. What was told of a day is not told otherwise afterwards.";

    public static void MapMacro(this RouteGroupBuilder group)
    {
        group.MapGet("/regime", GetRegimeAsync)
            .WithName("GetRegime")
            .WithSummary("Whether the market is bull, bear or sideways")
            .WithDescription("Filtered probabilities of a hidden Markov model on the days up to the last whole one; its parameters come from earlier days alone.")
            .WithAnswerExample(
                """
                {"current":{"at":"2025-06-30T00:00:00Z","regime":"sideways","confidence":0.91,"bear":0.01,"sideways":0.91,"bull":0.08,
                "since":"2025-06-02T00:00:00Z","meanReturn":0.0004,"volatility":0.31,"estimatedAt":"2025-04-01T00:00:00Z"},"unknown":null}
                """);
        group.MapGet("/regime/history", static (string? limit, string? after, [FromServices] MacroStore store, CancellationToken cancellation) =>
                PageAsync(limit, after, store.ListRegimesAsync, static reading => reading.At, cancellation))
            .WithName("ListRegimes")
            .WithSummary("The regimes of earlier days")
            .WithDescription(HistoryText)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/sentiment", GetSentimentAsync)
            .WithName("GetSentiment")
            .WithSummary("The mood of the market, 0 (fear) to 100 (greed)")
            .WithDescription("Our own index with its parts; a part without a score lacks its input, and its weight went to the others. Indexes of others stand beside it.")
            .WithAnswerExample(
                """
                {"current":{"at":"2025-06-30T00:00:00Z","index":62.4,"parts":[{"name":"volatility","weight":0.25,"score":81.2},
                {"name":"stablecoins","weight":0.1,"score":null}],"external":[{"name":"fear_greed","value":66,"at":"2025-06-29T00:00:00Z"}]},"unknown":null}
                """);
        group.MapGet("/sentiment/history", static (string? limit, string? after, [FromServices] MacroStore store, CancellationToken cancellation) =>
                PageAsync(limit, after, store.ListSentimentsAsync, static reading => reading.At, cancellation))
            .WithName("ListSentiments")
            .WithSummary("The mood of earlier days")
            .WithDescription("Newest first. The last days follow figures that come late.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/dominance", GetDominanceAsync)
            .WithName("GetDominance")
            .WithSummary("Shares of bitcoin, ether and all others of the market's capitalisation")
            .WithDescription("Percent of the sum over all assets that have a capitalisation, and where bitcoin's share goes.")
            .WithAnswerExample(
                """
                {"current":{"at":"2025-06-30T00:00:00Z","btc":64.2,"eth":9.1,"alts":26.7,"totalCap":3310000000000,"assets":200,"change7d":0.3,"change30d":1.4,"trend":"rising"},"unknown":null}
                """);
        group.MapGet("/dominance/history", static (string? limit, string? after, [FromServices] MacroStore store, CancellationToken cancellation) =>
                PageAsync(limit, after, store.ListDominancesAsync, static reading => reading.At, cancellation))
            .WithName("ListDominances")
            .WithSummary("The shares of earlier days")
            .WithDescription("Newest first. The last days follow figures that come late.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    public static void MapMacroIndicators(this RouteGroupBuilder group)
    {
        group.MapGet("/macro-indicators", static async ([FromServices] IGrainFactory grains, [FromServices] SeriesStore store, CancellationToken cancellation) =>
                TypedResults.Ok(MacroIndicatorView.From(await store.ListNewestAsync(cancellation), await AskAsync(grains, cancellation))))
            .WithName("ListMacroIndicators")
            .WithSummary("The newest value of every macro series, and what is wrong with it");
        group.MapGet("/macro-indicators/{name}", ListIndicatorAsync)
            .WithName("ListMacroIndicator")
            .WithSummary("Values of one macro series, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    /// <summary>Asks the grain, which may have to compute it first.</summary>
    internal static Task<MacroState> AskAsync(IGrainFactory grains, CancellationToken cancellation) =>
        grains.GetGrain<IMacroGrain>(MacroChannels.Key).GetAsync().WaitAsync(cancellation);

    private static async Task<Ok<Newest<RegimeReading>>> GetRegimeAsync([FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        var state = await AskAsync(grains, cancellation);
        return TypedResults.Ok(Newest<RegimeReading>.From(state.Regime, state.RegimeUnknown));
    }

    private static async Task<Ok<Newest<SentimentReading>>> GetSentimentAsync([FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        var state = await AskAsync(grains, cancellation);
        return TypedResults.Ok(Newest<SentimentReading>.From(state.Sentiment, state.SentimentUnknown));
    }

    private static async Task<Ok<Newest<DominanceReading>>> GetDominanceAsync([FromServices] IGrainFactory grains, CancellationToken cancellation)
    {
        var state = await AskAsync(grains, cancellation);
        return TypedResults.Ok(Newest<DominanceReading>.From(state.Dominance, state.DominanceUnknown));
    }

    private static async Task<Results<Ok<Page<MacroIndicatorView>>, ProblemHttpResult>> ListIndicatorAsync(
        [Description("The series: vix.")] string name,
        [Description("How far apart its values are; 1d if absent.")] string? timeframe,
        [Description("How many at most, 1 to 1000; 100 if absent.")] string? limit,
        [Description("The next of the page before.")] string? after,
        [FromServices] SeriesStore store,
        CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var frame = QueryText.Frame(string.IsNullOrEmpty(timeframe) ? "1d" : timeframe, errors);
        if (name.Length > MaxName || name.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add("name", $"Must be the name of a series, at most {MaxName} characters.");
        }

        return errors.Any
            ? errors.ToProblem()
            : await PageAsync(
                limit, after, async (before, count, stop) => (await store.ListAsync(name, frame, before, count, stop)).Select(MacroIndicatorView.From).ToList(),
                static value => value.Time, cancellation);
    }

    private static async Task<Results<Ok<Page<T>>, ProblemHttpResult>> PageAsync<T>(
        string? limit, string? after, Func<DateTimeOffset?, int, CancellationToken, Task<List<T>>> list, Func<T, DateTimeOffset> at, CancellationToken cancellation)
    {
        var errors = new InputErrors();
        var count = QueryText.Limit(limit, 100, 1_000, errors);
        var place = QueryText.Place(after, static text => TryTime(text, out _), errors);
        if (errors.Any)
        {
            return errors.ToProblem();
        }

        DateTimeOffset? before = place is not null && TryTime(place, out var time) ? time : null;
        var found = await list(before, count + 1, cancellation);
        var hasMore = found.Count > count;
        T[] items = [.. found.Take(count)];
        return TypedResults.Ok(new Page<T>(items, hasMore ? QueryText.Cursor(at(items[^1]).ToString("O", CultureInfo.InvariantCulture)) : null));
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
