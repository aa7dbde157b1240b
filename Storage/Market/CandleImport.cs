using System.Runtime.InteropServices;
using CryptoAI.Grains.Interfaces.Market;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Market;

/// <summary>What became of candles that were handed over.</summary>
/// <param name="New">Stored.</param>
/// <param name="Equal">Stored before, with the same figures.</param>
/// <param name="Replaced">Stored over a candle of lesser origin.</param>
/// <param name="Differing">Not stored: another candle of at least the same origin stands there.</param>
public readonly record struct ImportCounts(int New, int Equal, int Replaced, int Differing)
{
    public static ImportCounts operator +(ImportCounts a, ImportCounts b) =>
        new(a.New + b.New, a.Equal + b.Equal, a.Replaced + b.Replaced, a.Differing + b.Differing);

    public static ImportCounts Add(ImportCounts a, ImportCounts b) => a + b;
}

/// <summary>
/// History of one series on its way into price_data, in one transaction: all or nothing. What is there already is looked up batch by batch,
/// so the same again writes nothing. A stored candle is replaced only by one of better origin: derived, then estimated, then imported, then
/// what the exchange stated. Not thread-safe.
/// </summary>
public sealed class CandleImport : IAsyncDisposable
{
    private const int SendBytes = 256 * 1024;

    private const string CopySql = $"copy price_data ({PriceDataRow.ColumnList}) from stdin (format binary)";

    private const string StoredSql =
        """
        select candle_time, trim_scale(open_price), trim_scale(high_price), trim_scale(low_price), trim_scale(close_price),
            trim_scale(base_volume), trim_scale(quote_volume), trade_count, provenance
        from price_data
        where crypto_id = @crypto and timeframe = @timeframe and candle_time between @from and @to
        order by candle_time
        """;

    private const string ReplaceSql =
        """
        update price_data as stored set
            open_price = given.open, high_price = given.high, low_price = given.low, close_price = given.close, volume = given.volume,
            base_volume = given.base, quote_volume = given.quote, trade_count = given.trades, provenance = given.provenance,
            technical_indicators = null
        from unnest(@times, @opens, @highs, @lows, @closes, @volumes, @bases, @quotes, @trades, @provenances)
            as given (at, open, high, low, close, volume, base, quote, trades, provenance)
        where crypto_id = @crypto and timeframe = @timeframe and candle_time between @from and @to and candle_time = given.at
        """;

    private const string MarkAbsentSql =
        """
        update price_data set absent_since = least(absent_since, given.since)
        from unnest(@sinces, @untils) as given (since, until)
        where crypto_id = @crypto and timeframe = @timeframe and candle_time between @from and @to and candle_time = given.until
        """;

    private readonly NpgsqlDataSource _dataSource;
    private readonly PriceMonths _months;
    private readonly CopyBuffer _buffer = new();
    private readonly long _cryptoId;
    private readonly Timeframe _timeframe;
    private readonly CandleProvenance _origin;
    private readonly bool _replaceSame;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    // Times that came before, where what is stored may be replaced: of several for one time the first counts. A bit for each candle, sixty-four to
    // an entry: minutes of ten years take a few megabytes.
    private readonly Dictionary<long, ulong> _taken = [];

    private CandleImport(
        NpgsqlDataSource dataSource, PriceMonths months, long cryptoId, Timeframe timeframe, CandleProvenance origin, bool replaceSame,
        NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_dataSource, _months, _cryptoId, _timeframe, _origin, _replaceSame, _connection, _transaction) =
        (dataSource, months, cryptoId, timeframe, origin, replaceSame, connection, transaction);

    internal static async Task<CandleImport> BeginAsync(
        NpgsqlDataSource dataSource, PriceMonths months, long cryptoId, Timeframe timeframe, CandleProvenance origin, bool replaceSame,
        CancellationToken cancellation)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellation);
            return new CandleImport(dataSource, months, cryptoId, timeframe, origin, replaceSame, connection, transaction);
        }
        catch (Exception)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes candles on their timeframe's boundaries. Of several for one time the first counts.</summary>
    /// <exception cref="PostgresException">Among others 23505 and 40P01 when another writes the same candles: begin again.</exception>
    public async Task<ImportCounts> WriteAsync(HistoricCandle[] candles, CancellationToken cancellation)
    {
        var rows = Sorted(candles);
        var counts = new ImportCounts();
        var added = new List<HistoricCandle>(rows.Length);
        var replacing = new List<HistoricCandle>();
        var stored = rows.Length == 0 ? [] : await ReadStoredAsync(rows[0].OpenTime, rows[^1].OpenTime, cancellation);
        var place = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (i > 0 && row.OpenTime == rows[i - 1].OpenTime)
            {
                counts += Same(row, rows[i - 1]) ? new ImportCounts(0, 1, 0, 0) : new ImportCounts(0, 0, 0, 1);
                rows[i] = rows[i - 1];
                continue;
            }

            while (place < stored.Count && stored[place].Candle.OpenTime < row.OpenTime)
            {
                place++;
            }

            if (place == stored.Count || stored[place].Candle.OpenTime > row.OpenTime)
            {
                added.Add(row);
                continue;
            }

            var (there, provenance) = stored[place];
            var better = Rank(Origin(row)) - Rank(provenance);
            var same = Same(row, there);
            if (better > 0 || (better == 0 && !same && _replaceSame && Rank(provenance) < Rank(CandleProvenance.Backfilled) && !IsTaken(row.OpenTime)))
            {
                replacing.Add(row);
            }
            else
            {
                counts += same ? new ImportCounts(0, 1, 0, 0) : new ImportCounts(0, 0, 0, 1);
            }
        }

        if (_replaceSame)
        {
            Take(rows);
        }

        await CopyAsync(added, cancellation);
        await ReplaceAsync(replacing, cancellation);
        return counts + new ImportCounts(added.Count, 0, replacing.Count, 0);
    }

    /// <summary>Remembers that the exchange has no candles in spans [From, To), Unix milliseconds; each ends with a candle that is stored.</summary>
    public async Task MarkAbsentAsync(IReadOnlyList<(long From, long To)> spans, CancellationToken cancellation)
    {
        if (spans.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(MarkAbsentSql, _connection, _transaction);
        AddRange(command, spans.Min(static span => span.To), spans.Max(static span => span.To));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("sinces", [.. spans.Select(static span => Time(span.From))]));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("untils", [.. spans.Select(static span => Time(span.To))]));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public Task CommitAsync(CancellationToken cancellation) => _transaction.CommitAsync(cancellation);

    /// <summary>Takes everything back that was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
        _buffer.Dispose();
    }

    private static int Rank(CandleProvenance provenance) => provenance switch
    {
        CandleProvenance.Derived => 0,
        CandleProvenance.Estimated => 1,
        CandleProvenance.Imported => 2,
        _ => 3,
    };

    private CandleProvenance Origin(in HistoricCandle candle) =>
        _origin == CandleProvenance.Imported && candle.QuoteVolume is null ? CandleProvenance.Estimated : _origin;

    /// <summary>Whether two agree in all that both state.</summary>
    private static bool Same(in HistoricCandle a, in HistoricCandle b) =>
        a.Open == b.Open && a.High == b.High && a.Low == b.Low && a.Close == b.Close && a.BaseVolume == b.BaseVolume
        && (a.QuoteVolume is null || b.QuoteVolume is null || a.QuoteVolume == b.QuoteVolume)
        && (a.TradeCount is null || b.TradeCount is null || a.TradeCount == b.TradeCount);

    /// <summary>As the columns hold it, so that it is found equal when it comes again.</summary>
    private static HistoricCandle Fit(in HistoricCandle candle) => candle with
    {
        Open = Fit(candle.Open, 8),
        High = Fit(candle.High, 8),
        Low = Fit(candle.Low, 8),
        Close = Fit(candle.Close, 8),
        BaseVolume = Fit(candle.BaseVolume, 8),
        QuoteVolume = candle.QuoteVolume is { } quote ? Fit(quote, 16) : null,
    };

    private static decimal Fit(decimal value, int scale) =>
        value.Scale <= scale ? value : Math.Round(value, scale, MidpointRounding.AwayFromZero);

    private static HistoricCandle[] Sorted(HistoricCandle[] given)
    {
        var candles = Array.ConvertAll(given, static candle => Fit(candle));
        for (var i = 1; i < candles.Length; i++)
        {
            if (candles[i].OpenTime < candles[i - 1].OpenTime)
            {
                // Stable: of several for one time the first stays first.
                return [.. candles.OrderBy(static candle => candle.OpenTime)];
            }
        }

        return candles;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private bool IsTaken(long openTime)
    {
        var place = openTime / _timeframe.Milliseconds();
        return (_taken.GetValueOrDefault(place >> 6) & (1UL << (int)(place & 63))) != 0;
    }

    private void Take(HistoricCandle[] rows)
    {
        var length = _timeframe.Milliseconds();
        foreach (var row in rows)
        {
            var place = row.OpenTime / length;
            CollectionsMarshal.GetValueRefOrAddDefault(_taken, place >> 6, out _) |= 1UL << (int)(place & 63);
        }
    }

    private async Task<List<(HistoricCandle Candle, CandleProvenance Provenance)>> ReadStoredAsync(long from, long to, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(StoredSql, _connection, _transaction);
        AddRange(command, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stored = new List<(HistoricCandle, CandleProvenance)>();
        while (await reader.ReadAsync(cancellation))
        {
            var candle = new HistoricCandle(
                reader.GetFieldValue<DateTimeOffset>(0).ToUnixTimeMilliseconds(),
                reader.GetDecimal(1),
                reader.GetDecimal(2),
                reader.GetDecimal(3),
                reader.GetDecimal(4),
                reader.IsDBNull(5) ? 0 : reader.GetDecimal(5),
                reader.IsDBNull(6) ? null : reader.GetDecimal(6),
                reader.IsDBNull(7) ? null : reader.GetInt64(7));
            stored.Add((candle, PriceDataRow.ParseProvenance(reader.GetString(8))));
        }

        return stored;
    }

    private async Task CopyAsync(List<HistoricCandle> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await EnsureMonthsAsync(rows, cancellation);
        _buffer.Clear();
        _buffer.WriteHeader();
        await using var stream = await _connection.BeginRawBinaryCopyAsync(CopySql, cancellation);
        try
        {
            for (var i = 0; i < rows.Count;)
            {
                for (; i < rows.Count && _buffer.Length < SendBytes; i++)
                {
                    var row = rows[i];
                    PriceDataRow.Write(
                        _buffer, _cryptoId, _timeframe, Time(row.OpenTime), row.Open, row.High, row.Low, row.Close, row.Volume, row.BaseVolume,
                        row.QuoteVolume, row.TradeCount, Origin(row), null);
                }

                await stream.WriteAsync(_buffer.Written, cancellation);
                _buffer.Clear();
            }

            _buffer.WriteTrailer();
            await stream.WriteAsync(_buffer.Written, cancellation);
        }
        catch (Exception)
        {
            // Disposing an unfinished stream would end the COPY as if it were complete.
            await stream.CancelAsync();
            throw;
        }
    }

    /// <summary>Partitions are made outside of the transaction, so that others may write into them meanwhile.</summary>
    private async Task EnsureMonthsAsync(List<HistoricCandle> rows, CancellationToken cancellation)
    {
        foreach (var row in rows)
        {
            var time = Time(row.OpenTime);
            if (!_months.IsKnown(time))
            {
                await using var connection = await _dataSource.OpenConnectionAsync(cancellation);
                await _months.EnsureAsync(connection, time, cancellation);
            }
        }
    }

    private async Task ReplaceAsync(List<HistoricCandle> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(ReplaceSql, _connection, _transaction);
        AddRange(command, rows[0].OpenTime, rows[^1].OpenTime);
        Add("times", rows.ConvertAll(static row => Time(row.OpenTime)));
        Add("opens", rows.ConvertAll(static row => row.Open));
        Add("highs", rows.ConvertAll(static row => row.High));
        Add("lows", rows.ConvertAll(static row => row.Low));
        Add("closes", rows.ConvertAll(static row => row.Close));
        Add("volumes", rows.ConvertAll(static row => Math.Round(row.Volume, 2, MidpointRounding.AwayFromZero)));
        Add("bases", rows.ConvertAll(static row => row.BaseVolume));
        Add("quotes", rows.ConvertAll(static row => row.QuoteVolume));
        Add("trades", rows.ConvertAll(static row => row.TradeCount));
        Add("provenances", rows.ConvertAll(row => PriceDataRow.Code(Origin(row))));
        await command.ExecuteNonQueryAsync(cancellation);

        void Add<T>(string name, List<T> values) => command.Parameters.Add(new NpgsqlParameter<T[]>(name, [.. values]));
    }

    private void AddRange(NpgsqlCommand command, long from, long to)
    {
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", _cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string>("timeframe", _timeframe.Code()));
        command.Parameters.Add(new NpgsqlParameter("from", NpgsqlDbType.TimestampTz) { Value = Time(from).UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter("to", NpgsqlDbType.TimestampTz) { Value = Time(to).UtcDateTime });
    }
}
