using System.Diagnostics.Metrics;
using System.Threading.Channels;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>
/// The one way of closed candles and live figures into the database; one per silo. Candles wait in a bounded buffer and are
/// written in batches, in the order they came; while the database is away they stay and are tried again with jittered
/// back-off, for ever and visibly (meter <c>CryptoAI.Storage</c>). Thread-safe.
/// </summary>
public sealed partial class SnapshotWriter : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly StorageOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<SnapshotWriter> _log;
    private readonly SnapshotMetrics _metrics;
    private readonly PriceDataTable _table;
    private readonly QuoteBuffer _quotes;
    private readonly Channel<Submission> _queue = Channel.CreateUnbounded<Submission>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _abandon;
    private readonly CancellationTokenSource _stopQuotes = new();
    private CandleRow[] _batch = [];
    private int _batchLength;
    private Submission? _next;
    private int _buffered;
    private int _disposed;
    private Task _candleLoop = Task.CompletedTask;
    private Task _quoteLoop = Task.CompletedTask;

    public SnapshotWriter(
        NpgsqlDataSource dataSource, IOptions<StorageOptions> options, TimeProvider clock, IMeterFactory meters, ILogger<SnapshotWriter> log)
    {
        _options = options.Value;
        _clock = clock;
        _abandon = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _log = log;
        _table = new PriceDataTable(dataSource);
        _quotes = new QuoteBuffer(dataSource, log);
        _metrics = new SnapshotMetrics(meters, clock, () => Volatile.Read(ref _buffered));
    }

    /// <summary>What the meters show, for health reports of this process.</summary>
    public SnapshotStatus Status =>
        new(Volatile.Read(ref _buffered), _metrics.Written, _metrics.Failures, _metrics.Rejected, _metrics.RetryAge);

    /// <summary>
    /// Hands over closed candles of one asset; later calls overwrite earlier ones where time and timeframe are the same. False, and nothing
    /// taken, when the buffer has no room for all of them or the writer is stopping: the caller backfills later.
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id of the asset.</param>
    /// <param name="closed">Closed candles; the list is never changed after this call.</param>
    /// <param name="committed">
    /// Completes after the transaction that holds all of them was committed (a list longer than a batch takes several). Fails
    /// with <see cref="CandleNotWrittenException"/> when the database refuses one of them as a row, the others being written all
    /// the same, or when the process stops without the database. Cancelled when the call returns false.
    /// </param>
    /// <exception cref="ArgumentException">A candle is still open or has an unknown timeframe or provenance.</exception>
    public bool TryWrite(long cryptoId, IReadOnlyList<Candle> closed, out Task committed)
    {
        for (var i = 0; i < closed.Count; i++)
        {
            if (closed[i] is not { IsClosed: true, Timeframe: <= Timeframe.D1, Provenance: <= CandleProvenance.Repaired })
            {
                throw new ArgumentException($"Not a closed candle: {closed[i]}.", nameof(closed));
            }
        }

        if (closed.Count == 0)
        {
            committed = Task.CompletedTask;
            return true;
        }

        if (Interlocked.Add(ref _buffered, closed.Count) <= _options.SnapshotBuffer)
        {
            var submission = new Submission(cryptoId, closed);
            if (_queue.Writer.TryWrite(submission))
            {
                committed = submission.Committed;
                return true;
            }
        }

        Interlocked.Add(ref _buffered, -closed.Count);
        _metrics.CountRefused(closed.Count);
        committed = Task.FromCanceled(new CancellationToken(canceled: true));
        return false;
    }

    /// <summary>
    /// Notes an asset's live figures for its row in cryptocurrencies. The latest wins; changed ones are written about once a
    /// second, and never over figures of a later <see cref="Quote.Time"/>.
    /// </summary>
    public void SetQuote(long cryptoId, Quote quote, SymbolInfo info) => _quotes.Set(cryptoId, quote, info);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _candleLoop = Task.Run(() => WriteCandlesAsync(_abandon.Token), CancellationToken.None);
        _quoteLoop = Task.Run(() => WriteQuotesAsync(_stopQuotes.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more, writes what waits for at most <see cref="StorageOptions.ShutdownFlush"/>, and fails the rest.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await _stopQuotes.CancelAsync();
        _abandon.CancelAfter(_options.ShutdownFlush);
        await using var hurry = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _abandon);
        await _quoteLoop;
        await _candleLoop;
        AbandonWaiting();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await StopAsync(new CancellationToken(canceled: true));
        await _table.DisposeAsync();
        _metrics.Dispose();
        _abandon.Dispose();
        _stopQuotes.Dispose();
    }

    private async Task WriteCandlesAsync(CancellationToken abandon)
    {
        try
        {
            while (_next is not null || await _queue.Reader.WaitToReadAsync(abandon))
            {
                TakeBatch();

                // Only a single submission longer than a batch takes more than one turn.
                for (var start = 0; start < _batchLength; start += _options.SnapshotBatch)
                {
                    await WriteAsync(_batch.AsMemory(start, Math.Min(_options.SnapshotBatch, _batchLength - start)), abandon);
                }

                ClearBatch();
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // Stopping took too long; what waits is failed by the one who stops.
        }
    }

    /// <summary>Fills the batch with whole submissions; the one that does not fit any more opens the next batch.</summary>
    private void TakeBatch()
    {
        for (var next = _next; next is not null || _queue.Reader.TryRead(out next); next = null)
        {
            _next = null;
            var length = _batchLength + next.Candles.Count;
            if (_batchLength > 0 && length > _options.SnapshotBatch)
            {
                _next = next;
                return;
            }

            if (_batch.Length < length)
            {
                Array.Resize(ref _batch, Math.Max(length, Math.Min(_batch.Length * 2, _options.SnapshotBatch)));
            }

            for (var i = 0; i < next.Candles.Count; i++)
            {
                _batch[_batchLength] = new CandleRow(next.CryptoId, next.Candles[i], _batchLength, next);
                _batchLength++;
            }
        }
    }

    private void ClearBatch()
    {
        if (_batch.Length > _options.SnapshotBatch)
        {
            _batch = [];
        }

        Array.Clear(_batch);
        _batchLength = 0;
    }

    /// <summary>Sorts and writes rows until each is committed or refused.</summary>
    private async Task WriteAsync(Memory<CandleRow> rows, CancellationToken abandon)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (rows.Span[i - 1].CompareTo(rows.Span[i]) > 0)
            {
                rows.Span.Sort();
                break;
            }
        }

        await WriteSortedAsync(rows, abandon);
    }

    private async Task WriteSortedAsync(Memory<CandleRow> rows, CancellationToken abandon)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await _table.WriteAsync(rows, abandon);
                _metrics.CountBatch(rows.Length);
                if (failures > 0)
                {
                    LogRecovered(_metrics.RetryAge, rows.Length);
                    _metrics.Recovered();
                }

                // Last: whoever waited for the candles finds them counted.
                Resolve(rows.Span, null);
                return;
            }
            catch (Exception e) when (IsDataError(e))
            {
                _metrics.Recovered();
                var middle = SplitPoint(rows.Span);
                if (middle == 0)
                {
                    Reject(rows.Span, e);
                    return;
                }

                await WriteSortedAsync(rows[..middle], abandon);
                await WriteSortedAsync(rows[middle..], abandon);
                return;
            }
            catch (Exception e) when (!abandon.IsCancellationRequested)
            {
                _metrics.CountFailure();
                _metrics.Failing();
                LogRetry(e, failures + 1, Volatile.Read(ref _buffered));
                await Task.Delay(BackOff(failures), _clock, abandon);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new OperationCanceledException("The database failed while the last candles were written.", e, abandon);
            }
        }
    }

    /// <summary>An error that the rows themselves cause: out of a column's range, an unknown asset, a violated constraint.</summary>
    private static bool IsDataError(Exception e) =>
        e is PostgresException { SqlState: { } state }
            ? state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("23", StringComparison.Ordinal)
                || state.StartsWith("54", StringComparison.Ordinal) || state.StartsWith("P0", StringComparison.Ordinal)
            : e is OverflowException or ArgumentException;

    /// <summary>Where to halve: never between two versions of the same candle. Zero when all are versions of one.</summary>
    private static int SplitPoint(ReadOnlySpan<CandleRow> rows)
    {
        var middle = rows.Length / 2;
        while (middle > 0 && rows[middle].SameKey(rows[middle - 1]))
        {
            middle--;
        }

        if (middle == 0)
        {
            middle = rows.Length / 2;
            while (middle < rows.Length && rows[middle].SameKey(rows[0]))
            {
                middle++;
            }
        }

        return middle == rows.Length ? 0 : middle;
    }

    private static TimeSpan BackOff(int failures)
    {
        var ceiling = Math.Min(LongestDelay.TotalMilliseconds, FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 16)));
        return TimeSpan.FromMilliseconds(ceiling * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private void Reject(ReadOnlySpan<CandleRow> rows, Exception reason)
    {
        var candle = rows[^1].Candle;
        LogRejected(reason, rows[^1].CryptoId, candle.Symbol, candle.Timeframe.Code(), candle.OpenTime);
        _metrics.CountRejected(rows.Length);
        Resolve(rows, new CandleNotWrittenException(
            $"The database refuses the {candle.Timeframe.Code()} candle of {candle.Symbol} at {candle.OpenTime:u}: {reason.Message}", reason));
    }

    private void Resolve(ReadOnlySpan<CandleRow> rows, Exception? failure)
    {
        Interlocked.Add(ref _buffered, -rows.Length);
        foreach (ref readonly var row in rows)
        {
            row.Owner.Resolve(failure);
        }
    }

    /// <summary>Fails what was not written. Both loops have ended.</summary>
    private void AbandonWaiting()
    {
        var waiting = Interlocked.Exchange(ref _buffered, 0);
        if (waiting > 0)
        {
            LogAbandoned(waiting);
        }

        var failure = new CandleNotWrittenException("The process stopped before the database took the candle.");
        for (var i = 0; i < _batchLength; i++)
        {
            _batch[i].Owner.Abandon(failure);
        }

        ClearBatch();
        for (var next = _next; next is not null || _queue.Reader.TryRead(out next); next = null)
        {
            next.Abandon(failure);
        }

        _next = null;
    }

    private async Task WriteQuotesAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_options.QuoteInterval, _clock);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                failing = await TryFlushQuotesAsync(failing);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await TryFlushQuotesAsync(failing);
        }
    }

    private async Task<bool> TryFlushQuotesAsync(bool failing)
    {
        try
        {
            await _quotes.FlushAsync(_abandon.Token);
            return false;
        }
        catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
        {
            return failing;
        }
        catch (Exception e)
        {
            // The figures stay and go with the next flush, unless newer ones come first.
            _metrics.CountFailure();
            if (!failing)
            {
                LogQuotesFailed(e);
            }

            return true;
        }
    }
}

/// <summary>State of a <see cref="SnapshotWriter"/> since its start.</summary>
/// <param name="Buffered">Candles not yet confirmed by the database.</param>
/// <param name="Written">Candles confirmed.</param>
/// <param name="Failures">Attempts that failed and were or will be repeated.</param>
/// <param name="Rejected">Candles that the database refuses as rows.</param>
/// <param name="RetryAge">How long the present batch has been failing; zero when it is not.</param>
public readonly record struct SnapshotStatus(int Buffered, long Written, long Failures, long Rejected, TimeSpan RetryAge);
