using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;
using Npgsql;

namespace CryptoAI.Silo.History;

/// <summary>Takes candles from files. A file is one transaction: a line that cannot be read, or a kill, leaves nothing of it behind.</summary>
public sealed class CandleImporter(CandleHistoryStore store, TimeProvider time)
{
    private const int Batch = 10_000;
    private const int Tries = 3;

    private readonly Dictionary<(string Asset, Timeframe Timeframe), (long CryptoId, DateTimeOffset From, DateTimeOffset To)> _covered = [];

    /// <summary>Imports one file.</summary>
    /// <param name="file">Which.</param>
    /// <param name="create">Whether an unknown asset is made, as one that the feed does not follow.</param>
    /// <param name="replace">Whether candles of earlier imports that differ are replaced. What the exchange stated never is.</param>
    /// <param name="progress">Told how much of the file is done, 0 to 1.</param>
    /// <param name="cancellation">Takes the file back.</param>
    /// <exception cref="CandleFileException">The file cannot be read, or the asset is unknown. Nothing of it is stored.</exception>
    public async Task<HistoryReport> ImportAsync(ImportFile file, bool create, bool replace, Action<double> progress, CancellationToken cancellation)
    {
        if (await store.FindAsync(file.Asset, create, cancellation) is not { } cryptoId)
        {
            throw new CandleFileException($"{file.Asset} is not known here: --create makes it, as an asset that the feed does not follow.");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ImportAsync(file, cryptoId, replace, progress, cancellation);
            }
            catch (PostgresException exception) when (
                exception.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected && attempt < Tries)
            {
                // Somebody writes the same candles; the next look finds them.
            }
        }
    }

    /// <summary>
    /// Makes the longer candles that are missing over what was imported so far, from the shortest upwards.
    /// </summary>
    /// <returns>A line for each series that something was made or was incomplete for.</returns>
    public async Task<IReadOnlyList<string>> RollUpAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        foreach (var ((asset, shorter), (cryptoId, from, to)) in _covered.OrderBy(static entry => entry.Key.Asset, StringComparer.Ordinal).ThenBy(static entry => entry.Key.Timeframe))
        {
            foreach (var timeframe in Timeframes.All.Where(longer => longer > shorter))
            {
                var counts = await store.RollUpAsync(cryptoId, shorter, timeframe, from, to, cancellation);
                if (counts != default)
                {
                    lines.Add(FormattableString.Invariant(
                        $"{asset} {timeframe.Code()} from {shorter.Code()}: {counts.Made:N0} derived, {counts.Incomplete:N0} incomplete and left out"));
                }
            }
        }

        return lines;
    }

    private async Task<HistoryReport> ImportAsync(ImportFile file, long cryptoId, bool replace, Action<double> progress, CancellationToken cancellation)
    {
        using var reader = Open(file);
        await using var import = await store.BeginAsync(cryptoId, file.Timeframe, CandleProvenance.Imported, replace, cancellation);
        var counts = default(ImportCounts);
        var times = new List<long>();
        long estimated = 0;

        // The next batch is read while one is written.
        var reading = ReadAsync(reader);
        try
        {
            while (await reading is { Length: > 0 } candles)
            {
                reading = ReadAsync(reader);
                counts += await import.WriteAsync(candles, cancellation);
                foreach (var candle in candles)
                {
                    times.Add(candle.OpenTime);
                    estimated += candle.QuoteVolume is null ? 1 : 0;
                }

                progress(reader.Progress);
            }
        }
        finally
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (times.Count == 0 && reader.RefusedCount > 0)
        {
            throw new CandleFileException($"No row is a candle of {file.Timeframe.Code()}. Line {reader.Refused[0].Line}: {reader.Refused[0].Reason}.");
        }

        var read = times.Count;
        var gaps = HistoryReport.FindGaps(times, file.Timeframe);
        CheckRhythm(times, file.Timeframe);
        await import.CommitAsync(cancellation);
        progress(1);
        if (times.Count > 0)
        {
            Cover(file, cryptoId, HistoryReport.Time(times[0]), HistoryReport.Time(times[^1]) + file.Timeframe.Length());
        }

        return new HistoryReport(
            file.Name, file.Asset, file.Timeframe, read, counts, estimated, reader.RefusedCount, reader.Refused,
            times.Count > 0 ? HistoryReport.Time(times[0]) : null, times.Count > 0 ? HistoryReport.Time(times[^1]) : null, gaps);
    }

    private CandleFileReader Open(ImportFile file)
    {
        try
        {
            return new CandleFileReader(file.Path, file.Timeframe, time.GetUtcNow());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CandleFileException(exception.Message);
        }
    }

    private static Task<HistoricCandle[]> ReadAsync(CandleFileReader reader) => Task.Run(() => reader.Read(Batch));

    /// <summary>Candles that are never next to each other are longer ones under a wrong name.</summary>
    private static void CheckRhythm(List<long> times, Timeframe timeframe)
    {
        var least = long.MaxValue;
        for (var i = 1; i < times.Count; i++)
        {
            least = times[i] > times[i - 1] ? Math.Min(least, times[i] - times[i - 1]) : least;
        }

        if (times.Count >= 10 && least > timeframe.Milliseconds())
        {
            throw new CandleFileException($"No two of its candles are {timeframe.Code()} apart, but {TimeSpan.FromMilliseconds(least)} at least: it holds another timeframe.");
        }
    }

    private void Cover(ImportFile file, long cryptoId, DateTimeOffset from, DateTimeOffset to)
    {
        var key = (file.Asset, file.Timeframe);
        _covered[key] = _covered.TryGetValue(key, out var before)
            ? (cryptoId, from < before.From ? from : before.From, to > before.To ? to : before.To)
            : (cryptoId, from, to);
    }
}
