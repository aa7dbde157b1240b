using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Alerts;

/// <summary>Alerts on indicators: they are looked at when a candle of their timeframe closes.</summary>
public sealed partial class AlertGrain
{
    private const int CandlePage = 5_000;

    /// <summary>How long after its close a candle waits for the one of another asset that it is compared with.</summary>
    private static readonly TimeSpan BenchmarkPatience = TimeSpan.FromMinutes(2);

    private void TakeClosed(Candle candle)
    {
        if (!_watched.TakeClosed(candle, _reached))
        {
            // Read soon rather than at the end of the minute.
            _mustLookForNew = true;
        }

        TriggerReached();
    }

    /// <summary>Reads candles that indicators lack. Alerts that repeat are told once of what was missed.</summary>
    private async Task ReadForIndicatorsAsync()
    {
        foreach (var series in _watched.Indicators.Behind(time.GetUtcNow()))
        {
            var from = series.ReadFrom();
            Candle[] page;
            do
            {
                page = await candles.ReadAsync(_cryptoId, Symbol, series.Timeframe, from, null, CandlePage, newestFirst: false, _stop.Token);
                if (series.ReadFrom() < from)
                {
                    // Another alert began it anew meanwhile.
                    break;
                }

                var now = time.GetUtcNow();
                var benchmarks = await ReadBenchmarkAsync(series, page);
                if (series.ReadFrom() < from)
                {
                    break;
                }

                foreach (var candle in page)
                {
                    var end = candle.OpenTime + candle.Timeframe.Length();
                    if (!benchmarks.TryGetValue(candle.OpenTime, out var benchmark))
                    {
                        benchmark = double.NaN;
                        if (series.Spec.Benchmark is not null && end + BenchmarkPatience > now)
                        {
                            page = [];
                            break;
                        }
                    }

                    from = end;
                    _watched.TakeStored(series, candle, benchmark, _reached);
                    TriggerReached(notBefore: now.ToUnixTimeMilliseconds());
                }
            }
            while (page.Length == CandlePage);
        }

        _mustLookForNew |= _watched.Indicators.LackHeard;
    }

    /// <summary>Closes of the asset that an indicator compares with, at the times of candles; none if it compares with none.</summary>
    private async Task<Dictionary<DateTimeOffset, double>> ReadBenchmarkAsync(IndicatorAlerts.Series series, Candle[] page)
    {
        if (series.Spec.Benchmark is not { } symbol || page.Length == 0 || await cryptocurrencies.GetAsync(symbol, _stop.Token) is not { } row)
        {
            return [];
        }

        var found = await candles.ReadAsync(
            row.Id, symbol, series.Timeframe, page[0].OpenTime, page[^1].OpenTime.AddTicks(1), CandlePage, newestFirst: false, _stop.Token);
        return found.ToDictionary(static candle => candle.OpenTime, static candle => (double)candle.Close);
    }

    private async Task CheckIndicatorAsync(AlertRequest request)
    {
        if (request.Indicator is not { } indicator)
        {
            return;
        }

        if (IndicatorCatalogue.TryParse(indicator.Text, out var spec, out _) && spec!.Benchmark is { } benchmark
            && await cryptocurrencies.GetAsync(benchmark, _stop.Token) is null)
        {
            throw RefusedException.Invalid("indicator", $"'{benchmark}' is not a followed asset.");
        }

        if (!_watched.Indicators.HasRoomFor(indicator))
        {
            throw new RefusedException(Refusal.Limit, $"{IndicatorAlerts.MaxIndicators:N0} different indicators are watched on {Symbol} already.");
        }
    }
}
