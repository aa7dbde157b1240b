using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Grains.Alerts;

/// <summary>Alerts on indicators: they are looked at when a candle of their timeframe closes.</summary>
public sealed partial class AlertGrain
{
    private const int CandlePage = 5_000;

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

                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                foreach (var candle in page)
                {
                    from = candle.OpenTime + candle.Timeframe.Length();
                    _watched.TakeStored(series, candle, _reached);
                    TriggerReached(notBefore: now);
                }
            }
            while (page.Length == CandlePage);
        }

        _mustLookForNew |= _watched.Indicators.LackHeard;
    }

    private void CheckRoom(AlertRequest request)
    {
        if (request.Indicator is { } indicator && !_watched.Indicators.HasRoomFor(indicator))
        {
            throw new RefusedException(Refusal.Limit, $"{IndicatorAlerts.MaxIndicators:N0} different indicators are watched on {Symbol} already.");
        }
    }
}
