using System.Diagnostics.Metrics;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Operations;

/// <summary>Counts of the market path in this process, on the meter "CryptoAI.Market".</summary>
public sealed class MarketMetrics : IDisposable
{
    public const string MeterName = "CryptoAI.Market";
    public const string AlertDelay = "cryptoai.alerts.delay";

    private readonly Meter _meter;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _trades;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _failedPublishes;
    private readonly Counter<long> _candles;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _signals;
    private readonly Histogram<double> _alertDelay;

    public MarketMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _frames = _meter.CreateCounter<long>("cryptoai.feed.frames", "{frame}", "Frames read from the exchange's stream.");
        _trades = _meter.CreateCounter<long>("cryptoai.feed.trades", "{trade}", "Aggregate trades decoded.");
        _malformed = _meter.CreateCounter<long>("cryptoai.feed.malformed", "{frame}", "Frames that could not be read.");
        _failedPublishes = _meter.CreateCounter<long>("cryptoai.feed.publish_failures", "{attempt}", "Price batches that a subscriber failed on.");
        _candles = _meter.CreateCounter<long>("cryptoai.candles.closed", "{candle}", "Candles closed, by timeframe and provenance.");
        _alerts = _meter.CreateCounter<long>("cryptoai.alerts.fired", "{alert}", "Alerts fired and committed.");
        _signals = _meter.CreateCounter<long>("cryptoai.signals.issued", "{signal}", "Trading signals issued.");
        _alertDelay = _meter.CreateHistogram<double>(AlertDelay, "s", "From reading the frame that crosses an alert to its firing.");
    }

    public void Chunk(long frames, long trades, long malformed)
    {
        _frames.Add(frames);
        _trades.Add(trades);
        if (malformed > 0)
        {
            _malformed.Add(malformed);
        }
    }

    public void PublishFailed() => _failedPublishes.Add(1);

    public void Closed(Candle candle) => _candles.Add(
        1,
        new KeyValuePair<string, object?>("timeframe", candle.Timeframe.Code()),
        new KeyValuePair<string, object?>("provenance", Names[(int)candle.Provenance]));

    public void AlertsFired(int count) => _alerts.Add(count);

    public void SignalIssued() => _signals.Add(1);

    public void AlertCrossed(double seconds) => _alertDelay.Record(seconds);

    public void Dispose() => _meter.Dispose();

    private static readonly string[] Names = ["streamed", "backfilled", "repaired"];
}
