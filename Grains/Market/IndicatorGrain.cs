using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Market;
using Orleans.Concurrency;

namespace CryptoAI.Grains.Market;

/// <summary>
/// Reads as many candles before the ones asked about as the indicators need to settle, and runs them over both. A few at once on
/// each silo, so that what is computed for callers cannot starve what follows the market.
/// </summary>
[StatelessWorker(2)]
public sealed class IndicatorGrain(CandleStore candles, CryptocurrencyStore cryptocurrencies) : Grain, IIndicatorGrain
{
    /// <summary>Indicators in one question.</summary>
    public const int MaxIndicators = 10;

    private const string Field = "indicators";

    public async Task<ComputedIndicator[]> ComputeAsync(IndicatorQuestion question)
    {
        var asked = Read(question.Indicators);
        if (question.Candles.Length == 0)
        {
            return [.. asked.Select(spec => new ComputedIndicator(spec.Text, [.. spec.Entry.Outputs], []))];
        }

        var first = question.Candles[0].OpenTime;
        var before = asked.Max(spec => CandlesBefore(spec, question.Timeframe, first));
        var history = before == 0
            ? []
            : await candles.ReadAsync(
                question.CryptoId, question.Symbol, question.Timeframe, from: null, first, before, newestFirst: true, CancellationToken.None);
        var series = new List<CandleInput>(history.Length + question.Candles.Length);
        series.AddRange(history.Select(CandleInputs.ToInput));
        series.AddRange(question.Candles.Select(CandleInputs.ToInput));

        var benchmarks = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var symbol in asked.Select(spec => spec.Benchmark).OfType<string>().Distinct())
        {
            benchmarks.Add(symbol, await ReadBenchmarkAsync(symbol, question.Timeframe, series));
        }

        return [.. asked.Select(spec => Compute(
            spec, series, spec.Benchmark is { } symbol ? benchmarks[symbol] : null,
            series.Count - question.Candles.Length, CandlesBefore(spec, question.Timeframe, first)))];
    }

    public Task<CatalogueIndicator[]> GetCatalogueAsync() => Task.FromResult<CatalogueIndicator[]>([.. IndicatorCatalogue.Entries.Select(Describe)]);

    private static List<IndicatorSpec> Read(string[] texts)
    {
        var specs = new List<IndicatorSpec>();
        foreach (var text in texts)
        {
            if (!IndicatorCatalogue.TryParse(text, out var spec, out var reason))
            {
                throw RefusedException.Invalid(Field, $"'{(text.Length > 40 ? text[..40] + "…" : text)}': {reason}");
            }

            if (!specs.Exists(known => known.Text == spec!.Text))
            {
                specs.Add(spec!);
            }
        }

        return specs.Count is > 0 and <= MaxIndicators
            ? specs
            : throw RefusedException.Invalid(Field, $"At most {MaxIndicators} can be computed at once.");
    }

    private static int CandlesBefore(IndicatorSpec spec, Timeframe timeframe, DateTimeOffset first)
    {
        var before = spec.CandlesBefore(first.ToUnixTimeMilliseconds(), timeframe.Milliseconds());
        return before <= IndicatorCatalogue.MaxSettle
            ? (int)before
            : throw RefusedException.Invalid(
                Field, $"'{spec.Text}' needs {before} candles of {timeframe.Code()} before the first; at most {IndicatorCatalogue.MaxSettle} are read.");
    }

    /// <summary>
    /// Closes of another asset at the times of a series; NaN where it has no stored candle, as at the open one.
    /// </summary>
    private async Task<double[]> ReadBenchmarkAsync(string symbol, Timeframe timeframe, List<CandleInput> series)
    {
        var row = await cryptocurrencies.GetAsync(symbol)
            ?? throw RefusedException.Invalid(Field, $"'{symbol}' is not a followed asset.");
        var found = await candles.ReadAsync(
            row.Id, symbol, timeframe, DateTimeOffset.FromUnixTimeMilliseconds(series[0].OpenTime),
            DateTimeOffset.FromUnixTimeMilliseconds(series[^1].OpenTime + 1), series.Count, newestFirst: true, CancellationToken.None);
        var closes = found.ToDictionary(candle => candle.OpenTime.ToUnixTimeMilliseconds(), candle => (double)candle.Close);
        return [.. series.Select(candle => closes.GetValueOrDefault(candle.OpenTime, double.NaN))];
    }

    /// <summary>An indicator sees just the history it needs, so that it does not depend on what else was asked for.</summary>
    private static ComputedIndicator Compute(IndicatorSpec spec, List<CandleInput> series, double[]? benchmark, int first, int before)
    {
        var running = spec.Start();
        var outputs = spec.Entry.Outputs.Count;
        var values = new double[(series.Count - first) * outputs];
        for (var i = Math.Max(0, first - before); i < series.Count; i++)
        {
            running.Add(series[i], benchmark?[i] ?? double.NaN);
            if (i >= first)
            {
                running.Values.CopyTo(values.AsSpan((i - first) * outputs));
            }
        }

        return new ComputedIndicator(spec.Text, [.. spec.Entry.Outputs], values);
    }

    private static CatalogueIndicator Describe(IndicatorEntry entry) => new(
        entry.Name,
        entry.Title,
        entry.Source,
        [.. entry.Parameters.Select(Describe)],
        [.. entry.Outputs],
        IndicatorCatalogue.TryParse(entry.Name, out var standard, out _) ? standard!.WarmUp : null);

    private static CatalogueParameter Describe(IndicatorParameter parameter)
    {
        var isNumber = parameter.Kind is ParameterKind.Whole or ParameterKind.Number;
        return new CatalogueParameter(
            parameter.Name, parameter.Kind.ToString().ToLowerInvariant(), parameter.Standard,
            isNumber ? parameter.Min : null, isNumber ? parameter.Max : null, [.. parameter.Choices ?? []]);
    }
}
