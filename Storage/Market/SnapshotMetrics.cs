using System.Diagnostics.Metrics;

namespace CryptoAI.Storage.Market;

/// <summary>Meters of the snapshot writer, under <c>CryptoAI.Storage</c>.</summary>
internal sealed class SnapshotMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _writtenCounter;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _failureCounter;
    private readonly Counter<long> _rejectedCounter;
    private readonly Counter<long> _refused;
    private long _written;
    private long _failures;
    private long _rejected;
    private long _failingSince;

    public SnapshotMetrics(IMeterFactory meters, TimeProvider clock, Func<int> buffered)
    {
        _clock = clock;
        _meter = meters.Create("CryptoAI.Storage");
        _writtenCounter = _meter.CreateCounter<long>("storage.snapshot.written", "{candle}", "Candles committed.");
        _batches = _meter.CreateCounter<long>("storage.snapshot.batches", "{batch}", "Transactions that wrote candles.");
        _failureCounter = _meter.CreateCounter<long>("storage.snapshot.failures", "{attempt}", "Attempts to write that failed and are repeated.");
        _rejectedCounter = _meter.CreateCounter<long>("storage.snapshot.rejected", "{candle}", "Candles that the database refuses as rows.");
        _refused = _meter.CreateCounter<long>("storage.snapshot.refused", "{candle}", "Candles not taken because the buffer was full.");
        _meter.CreateObservableGauge("storage.snapshot.buffered", buffered, "{candle}", "Candles not yet confirmed by the database.");
        _meter.CreateObservableGauge(
            "storage.snapshot.retry_age", () => RetryAge.TotalSeconds, "s", "How long the present batch has been failing; 0 when it is not.");
    }

    public long Written => Volatile.Read(ref _written);

    public long Failures => Volatile.Read(ref _failures);

    public long Rejected => Volatile.Read(ref _rejected);

    public TimeSpan RetryAge => Volatile.Read(ref _failingSince) is not 0 and var since ? _clock.GetElapsedTime(since) : TimeSpan.Zero;

    public void CountBatch(int rows)
    {
        Interlocked.Add(ref _written, rows);
        _writtenCounter.Add(rows);
        _batches.Add(1);
    }

    public void CountFailure()
    {
        Interlocked.Increment(ref _failures);
        _failureCounter.Add(1);
    }

    /// <summary>An attempt to write candles failed: the age of the trouble counts from the first such call.</summary>
    public void Failing() => Interlocked.CompareExchange(ref _failingSince, Math.Max(1, _clock.GetTimestamp()), 0);

    public void Recovered() => Volatile.Write(ref _failingSince, 0);

    public void CountRejected(int rows)
    {
        Interlocked.Add(ref _rejected, rows);
        _rejectedCounter.Add(rows);
    }

    public void CountRefused(int rows) => _refused.Add(rows);

    public void Dispose() => _meter.Dispose();
}
