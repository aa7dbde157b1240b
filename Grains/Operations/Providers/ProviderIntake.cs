using System.Text.Json.Nodes;
using CryptoAI.Exchange.Providers;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Operations.Providers;

/// <summary>Stores what a provider or a file states. The same again changes nothing.</summary>
public sealed class ProviderIntake(SeriesStore series, MarketCapStore caps)
{
    /// <summary>Capitalisations within this time of the newest are shown and ranked together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromDays(2);

    /// <summary>Stores an answer.</summary>
    /// <param name="source">Who states it.</param>
    /// <param name="answer">What it states.</param>
    /// <param name="mapping">Of assets; only needed when there are any.</param>
    /// <param name="revise">Whether values may replace others of the same source.</param>
    /// <param name="cancellation">Ends it between batches.</param>
    /// <returns>By series (or "caps"): how many values were new, equal, revised, differing (not stored), and holes or unknown assets.</returns>
    public async Task<JsonObject> StoreAsync(
        string source, ProviderAnswer answer, CapMapping? mapping, bool revise, CancellationToken cancellation)
    {
        var result = new JsonObject();
        foreach (var reading in answer.Series)
        {
            var counts = await series.WriteAsync(
                reading.Name,
                reading.Timeframe,
                source,
                reading.Unit,
                [.. reading.Values.Select(static value => new SeriesPoint(value.Time, value.Value))],
                revise,
                cancellation);
            result[reading.Name] = Tell(counts, ("holes", reading.Holes));
        }

        if (answer.Caps.Count > 0 && mapping is not null)
        {
            var known = await ResolveAsync(answer.Caps, mapping, cancellation);
            var counts = await caps.WriteAsync(source, known, revise, cancellation);
            result["caps"] = Tell(
                counts, ("unknown", answer.Caps.Count - known.Count), ("shown", await caps.ShowNewestAsync(Together, cancellation)));
        }

        return result;
    }

    /// <summary>The figures of known assets. An asset that comes for many times is looked up once.</summary>
    private async Task<List<MarketCap>> ResolveAsync(IReadOnlyList<CapReading> readings, CapMapping mapping, CancellationToken cancellation)
    {
        var places = new Dictionary<(string? Symbol, string? Id), int>();
        var assets = new List<(string? Symbol, string? Id, decimal? Cap)>();
        foreach (var reading in readings)
        {
            var key = (reading.Symbol?.ToUpperInvariant(), reading.Id);
            if (places.TryAdd(key, assets.Count))
            {
                assets.Add((key.Item1, key.Id, reading.MarketCap));
            }
        }

        var ids = await caps.ResolveAsync(mapping.IdService, assets, mapping.Create, cancellation);
        var known = new List<MarketCap>(readings.Count);
        foreach (var reading in readings)
        {
            if (ids[places[(reading.Symbol?.ToUpperInvariant(), reading.Id)]] is { } id)
            {
                known.Add(new MarketCap(
                    id, reading.Time, Stated(reading.MarketCap), Stated(reading.Price), Stated(reading.CirculatingSupply), Stated(reading.Volume24h)));
            }
        }

        return known;
    }

    /// <summary>Some sources say -1 for what they do not know.</summary>
    private static decimal? Stated(decimal? figure) => figure >= 0 ? figure : null;

    private static JsonObject Tell(SeriesCounts counts, params ReadOnlySpan<(string Name, int Count)> more)
    {
        var told = new JsonObject
        {
            ["new"] = counts.New, ["equal"] = counts.Equal, ["revised"] = counts.Revised, ["differing"] = counts.Differing,
        };
        foreach (var (name, count) in more)
        {
            told[name] = count;
        }

        return told;
    }
}
