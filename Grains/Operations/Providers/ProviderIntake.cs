using System.Globalization;
using System.Text.Json.Nodes;
using CryptoAI.Analysis.Series;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Macro;
using CryptoAI.Storage.Macro;

namespace CryptoAI.Grains.Operations.Providers;

/// <summary>
/// Stores what a provider or a file states, and says what is wrong with it. The same again changes nothing. What is stated is stored, also where it is not
/// believed: those who calculate look it over by the same rules (<see cref="ValueCheck"/>). Only of what contradicts itself nothing is stored.
/// </summary>
public sealed class ProviderIntake(SeriesStore series, MarketCapStore caps)
{
    /// <summary>Capitalisations within this time of the newest are shown and ranked together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromDays(2);

    /// <summary>What is told of a value hangs on those before it.</summary>
    private static readonly TimeSpan LooksBack = TimeSpan.FromDays(100);

    /// <summary>Stores an answer.</summary>
    /// <param name="source">Who states it.</param>
    /// <param name="answer">What it states.</param>
    /// <param name="mapping">Of assets; only needed when there are any.</param>
    /// <param name="revise">Whether values may replace others of the same source.</param>
    /// <param name="cancellation">Ends it between batches.</param>
    /// <returns>
    /// By series (or "caps"): how many values were new, equal, revised, differing (not stored), and holes or unknown assets; and, where something is wrong,
    /// findings with names and days.
    /// </returns>
    public async Task<JsonObject> StoreAsync(
        string source, ProviderAnswer answer, CapMapping? mapping, bool revise, CancellationToken cancellation)
    {
        var result = new JsonObject();
        foreach (var reading in answer.Series)
        {
            var findings = new ProviderFindings();
            var points = findings.Distinct(reading.Values.Select(static value => new SeriesPoint(value.Time, value.Value)), static point => point.Time, static point => Text(point.Time));
            var counts = await series.WriteAsync(reading.Name, reading.Timeframe, source, reading.Unit, points, revise, cancellation);
            await LookAsync(reading, findings, cancellation);
            result[reading.Name] = findings.AddTo(Tell(counts, ("holes", reading.Holes)));
        }

        if (answer.Caps.Count > 0 && mapping is not null)
        {
            var findings = new ProviderFindings();
            var (known, names) = await ResolveAsync(answer.Caps, mapping, findings, cancellation);
            var distinct = findings.Distinct(known, static cap => (cap.CryptoId, cap.Time), cap => $"{names[cap.CryptoId]}: {Text(cap.Time)}");
            var counts = await caps.WriteAsync(source, distinct, revise, cancellation);
            var (doubted, doubtedSupplies) = await LookAsync(known, names, findings, cancellation);
            var shown = await caps.ShowNewestAsync(Together, doubted, doubtedSupplies, cancellation);
            result["caps"] = findings.AddTo(Tell(counts, ("unknown", answer.Caps.Count - known.Count), ("shown", shown)));
        }

        return result;
    }

    private async Task LookAsync(SeriesReading reading, ProviderFindings findings, CancellationToken cancellation)
    {
        if (reading.Values.Count > 0)
        {
            var (from, to) = (reading.Values.Min(static value => value.Time), reading.Values.Max(static value => value.Time));
            var points = await series.ReadAsync(reading.Name, reading.Timeframe, from - LooksBack, to.AddTicks(10), cancellation);
            findings.Add(null, CheckedSeries.Of(reading.Name, points).Values.Report, from);
        }
    }

    /// <returns>The assets whose newest capitalisation, or newest supply, is not believed.</returns>
    private async Task<(long[] Caps, long[] Supplies)> LookAsync(
        IReadOnlyList<MarketCap> given, Dictionary<long, string> names, ProviderFindings findings, CancellationToken cancellation)
    {
        if (given.Count == 0)
        {
            return ([], []);
        }

        var (from, to) = (given.Min(static cap => cap.Time), given.Max(static cap => cap.Time));
        var stored = await caps.ReadAsync(from - LooksBack, to.AddTicks(10), cryptoId: null, cancellation);
        var (doubted, supplies) = (new List<long>(), new List<long>());
        foreach (var asset in stored.Where(cap => names.ContainsKey(cap.CryptoId)).GroupBy(static cap => cap.CryptoId).OrderBy(asset => names[asset.Key], StringComparer.Ordinal))
        {
            var name = names[asset.Key];
            MarketCap[] days = [.. asset.GroupBy(Day).Select(static day => day.Last())];
            var values = ValueCheck.CheckCaps(
                name, [.. days.Where(static day => day.Value is not null).Select(static day => new DailyPoint(Day(day), (double?)day.Price ?? double.NaN, MarketCap: (double)day.Value!))]);
            var supply = ValueCheck.Check(
                $"{name} supply", [.. days.Where(static day => day.CirculatingSupply is not null).Select(static day => new DailyValue(Day(day), (double)day.CirculatingSupply!))]);
            if (Look(values, name))
            {
                doubted.Add(asset.Key);
            }

            if (Look(supply, $"{name} supply"))
            {
                supplies.Add(asset.Key);
            }
        }

        return ([.. doubted], [.. supplies]);

        bool Look(CheckedValues values, string name)
        {
            if (values.Stated.Count == 0)
            {
                return false;
            }

            findings.Add(name, values.Report, from);
            return !values.Believed.ContainsKey(values.Stated.Keys.Max());
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private static DateOnly Day(MarketCap cap) => DateOnly.FromDateTime(cap.Time.UtcDateTime);

    /// <summary>The figures of known assets, and what the source calls those. An asset that comes for many times is looked up once.</summary>
    private async Task<(List<MarketCap> Known, Dictionary<long, string> Names)> ResolveAsync(
        IReadOnlyList<CapReading> readings, CapMapping mapping, ProviderFindings findings, CancellationToken cancellation)
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
        var names = new Dictionary<long, string>();
        foreach (var reading in readings)
        {
            var symbol = reading.Symbol?.ToUpperInvariant();
            if (ids[places[(symbol, reading.Id)]] is { } id)
            {
                names.TryAdd(id, symbol ?? reading.Id ?? string.Create(CultureInfo.InvariantCulture, $"asset {id}"));
                known.Add(new MarketCap(
                    id,
                    reading.Time,
                    Stated("capitalisation", reading.MarketCap, MarketCap.MaxUsd),
                    Stated("price", reading.Price, MarketCap.MaxPrice),
                    Stated("supply", reading.CirculatingSupply, MarketCap.MaxSupply),
                    Stated("volume", reading.Volume24h, MarketCap.MaxUsd)));

                // Some sources say -1 for what they do not know.
                decimal? Stated(string what, decimal? figure, decimal most)
                {
                    if (figure < most)
                    {
                        return figure >= 0 ? figure : null;
                    }

                    if (figure is not null)
                    {
                        findings.Add(string.Create(CultureInfo.InvariantCulture, $"{names[id]}: the {what} {figure} of {reading.Time.UtcDateTime:yyyy-MM-dd} cannot be and is left out"));
                    }

                    return null;
                }
            }
        }

        return (known, names);
    }

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
