using CryptoAI.Grains.Interfaces.Market;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Market;

/// <summary>
/// Writes batches of candles into price_data over one connection that it keeps. Rows that cannot be there yet go by plain
/// COPY, the rest by COPY into a temporary table and INSERT … ON CONFLICT. What "cannot be there yet" is known from this
/// process's own writes and from looking once; when another writer proves it wrong, the unique index says so and the whole
/// batch takes the second way. Not thread-safe.
/// </summary>
internal sealed class PriceDataTable(NpgsqlDataSource dataSource) : IAsyncDisposable
{
    /// <summary>Fewer doubtful rows than this are simply upserted; looking which of them exist would cost more.</summary>
    private const int WorthLooking = 64;

    private const int SendBytes = 64 * 1024;
    private const short Columns = 13;

    private const string ColumnList =
        "crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, "
        + "trade_count, provenance, technical_indicators";

    private const string CopySql = $"copy price_data ({ColumnList}) from stdin (format binary)";

    private const string CopyIncomingSql = $"copy price_data_incoming ({ColumnList}) from stdin (format binary)";

    private const string CreateIncomingSql =
        $"""
        create temporary table if not exists price_data_incoming on commit delete rows as
        select {ColumnList} from price_data with no data
        """;

    // Figures that come again without indicators leave the indicators stored with the same figures.
    private const string UpsertSql =
        $"""
        insert into price_data as stored ({ColumnList})
        select {ColumnList} from price_data_incoming
        on conflict (crypto_id, timeframe, candle_time) do update set
            open_price = excluded.open_price,
            high_price = excluded.high_price,
            low_price = excluded.low_price,
            close_price = excluded.close_price,
            volume = excluded.volume,
            base_volume = excluded.base_volume,
            quote_volume = excluded.quote_volume,
            trade_count = excluded.trade_count,
            provenance = excluded.provenance,
            technical_indicators = case
                when excluded.technical_indicators is null
                    and (stored.open_price, stored.high_price, stored.low_price, stored.close_price, stored.base_volume, stored.quote_volume)
                    = (excluded.open_price, excluded.high_price, excluded.low_price, excluded.close_price, excluded.base_volume, excluded.quote_volume)
                then stored.technical_indicators
                else excluded.technical_indicators
            end
        where (stored.open_price, stored.high_price, stored.low_price, stored.close_price, stored.volume, stored.base_volume,
                stored.quote_volume, stored.trade_count, stored.provenance)
            is distinct from (excluded.open_price, excluded.high_price, excluded.low_price, excluded.close_price, excluded.volume,
                excluded.base_volume, excluded.quote_volume, excluded.trade_count, excluded.provenance)
            or (excluded.technical_indicators is not null and stored.technical_indicators is distinct from excluded.technical_indicators)
        """;

    private const string NewestSql =
        """
        select series.number, newest.candle_time
        from unnest(@cryptos, @timeframes) with ordinality as series (crypto_id, timeframe, number)
        cross join lateral (
            select candle_time from price_data
            where crypto_id = series.crypto_id and timeframe = series.timeframe
            order by candle_time desc limit 1) as newest
        """;

    private const string ExistingSql =
        """
        select series.number, existing.oldest, existing.newest
        from unnest(@cryptos, @timeframes, @from, @to) with ordinality as series (crypto_id, timeframe, first, last, number)
        cross join lateral (
            select min(candle_time) as oldest, max(candle_time) as newest from price_data
            where crypto_id = series.crypto_id and timeframe = series.timeframe
                and candle_time between series.first and series.last
                and candle_time between @first and @last) as existing
        where existing.oldest is not null
        """;

    private static readonly byte[][] TimeframeCodes = [.. Timeframes.All.Select(timeframe => timeframe.Code().Select(c => (byte)c).ToArray())];
    private static readonly byte[][] Provenances = ["streamed"u8.ToArray(), "backfilled"u8.ToArray(), "repaired"u8.ToArray()];

    private readonly CopyBuffer _buffer = new();
    private readonly HashSet<int> _months = [];
    private readonly Dictionary<(long CryptoId, Timeframe Timeframe), DateTimeOffset> _newest = [];
    private NpgsqlConnection? _connection;
    private bool _hasIncoming;

    /// <summary>
    /// Writes rows in order of their key; of several with the same key only the last. One transaction: all or none.
    /// </summary>
    public async Task WriteAsync(ReadOnlyMemory<CandleRow> rows, CancellationToken cancellation)
    {
        var connection = await ConnectAsync(cancellation);
        try
        {
            await EnsureMonthsAsync(connection, rows, cancellation);
            var isNew = await FindNewAsync(connection, rows, cancellation);
            try
            {
                await WriteAsync(connection, rows, isNew, cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                Forget(rows.Span);
                await WriteAsync(connection, rows, new bool[rows.Length], cancellation);
            }

            Remember(rows.Span);
        }
        catch (Exception)
        {
            // Whatever was believed may be the reason: months that were dropped, rows that others wrote.
            Forget(rows.Span);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _buffer.Dispose();
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open } open)
        {
            return open;
        }

        await DisconnectAsync();
        return _connection = await dataSource.OpenConnectionAsync(cancellation);
    }

    private async Task DisconnectAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            _hasIncoming = false;
            await connection.DisposeAsync();
        }
    }

    private async Task EnsureMonthsAsync(NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, CancellationToken cancellation)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var time = rows.Span[i].Candle.OpenTime.UtcDateTime;
            var month = (time.Year * 12) + time.Month;
            if (_months.Contains(month))
            {
                continue;
            }

            await using var command = new NpgsqlCommand("select ensure_price_partitions(@from, @to)", connection);
            var start = new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", start));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", start.AddDays(1)));
            await command.ExecuteNonQueryAsync(cancellation);
            _months.Add(month);
        }
    }

    /// <summary>Which rows the table cannot hold yet.</summary>
    private async Task<bool[]> FindNewAsync(NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, CancellationToken cancellation)
    {
        await LearnNewestAsync(connection, rows, cancellation);
        var isNew = new bool[rows.Length];
        var doubtful = new List<Range>();
        var doubtfulRows = MarkNewest(rows.Span, isNew, doubtful);
        if (doubtfulRows >= WorthLooking)
        {
            await MarkAbsentAsync(connection, rows, isNew, doubtful, cancellation);
        }

        return isNew;
    }

    /// <summary>Marks rows newer than all stored ones of their series; gives the runs of the others, by series.</summary>
    private int MarkNewest(ReadOnlySpan<CandleRow> rows, bool[] isNew, List<Range> doubtful)
    {
        var count = 0;
        for (var i = 0; i < rows.Length;)
        {
            var start = i;
            var hasNewest = _newest.TryGetValue((rows[i].CryptoId, rows[i].Candle.Timeframe), out var newest);
            for (; i < rows.Length && rows[i].SameSeries(rows[start]); i++)
            {
                isNew[i] = hasNewest && rows[i].Candle.OpenTime > newest;
            }

            var end = start;
            while (end < i && !isNew[end])
            {
                end++;
            }

            if (end > start)
            {
                doubtful.Add(start..end);
                count += end - start;
            }
        }

        return count;
    }

    private async Task LearnNewestAsync(NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, CancellationToken cancellation)
    {
        var unknown = new List<(long CryptoId, Timeframe Timeframe)>();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows.Span[i];
            if ((i == 0 || !row.SameSeries(rows.Span[i - 1])) && !_newest.ContainsKey((row.CryptoId, row.Candle.Timeframe)))
            {
                unknown.Add((row.CryptoId, row.Candle.Timeframe));
            }
        }

        if (unknown.Count == 0)
        {
            return;
        }

        var found = new DateTimeOffset[unknown.Count];
        await using (var command = new NpgsqlCommand(NewestSql, connection))
        {
            AddSeries(command, unknown);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                found[reader.GetInt64(0) - 1] = reader.GetFieldValue<DateTimeOffset>(1);
            }
        }

        for (var i = 0; i < found.Length; i++)
        {
            _newest[unknown[i]] = found[i];
        }
    }

    /// <summary>Marks the doubtful rows that lie before or after everything stored of their series in the batch's own range.</summary>
    private static async Task MarkAbsentAsync(
        NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, bool[] isNew, List<Range> doubtful, CancellationToken cancellation)
    {
        var series = new List<(long CryptoId, Timeframe Timeframe)>(doubtful.Count);
        var from = new DateTimeOffset[doubtful.Count];
        var to = new DateTimeOffset[doubtful.Count];
        for (var i = 0; i < doubtful.Count; i++)
        {
            var first = rows.Span[doubtful[i].Start.Value];
            series.Add((first.CryptoId, first.Candle.Timeframe));
            from[i] = first.Candle.OpenTime;
            to[i] = rows.Span[doubtful[i].End.Value - 1].Candle.OpenTime;
        }

        // Without any stored row between, oldest stays above and newest below every row.
        var oldest = new DateTimeOffset[doubtful.Count];
        var newest = new DateTimeOffset[doubtful.Count];
        Array.Fill(oldest, DateTimeOffset.MaxValue);
        await using (var command = new NpgsqlCommand(ExistingSql, connection))
        {
            AddSeries(command, series);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("from", from));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("to", to));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("first", from.Min()));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("last", to.Max()));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var number = reader.GetInt64(0) - 1;
                oldest[number] = reader.GetFieldValue<DateTimeOffset>(1);
                newest[number] = reader.GetFieldValue<DateTimeOffset>(2);
            }
        }

        for (var i = 0; i < doubtful.Count; i++)
        {
            for (var r = doubtful[i].Start.Value; r < doubtful[i].End.Value; r++)
            {
                var time = rows.Span[r].Candle.OpenTime;
                isNew[r] = time < oldest[i] || time > newest[i];
            }
        }
    }

    private static void AddSeries(NpgsqlCommand command, List<(long CryptoId, Timeframe Timeframe)> series)
    {
        command.Parameters.Add(new NpgsqlParameter<long[]>("cryptos", [.. series.Select(s => s.CryptoId)]));
        command.Parameters.Add(new NpgsqlParameter<string[]>("timeframes", [.. series.Select(s => s.Timeframe.Code())]));
    }

    private async Task WriteAsync(NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, bool[] isNew, CancellationToken cancellation)
    {
        if (!isNew.AsSpan().Contains(false))
        {
            await CopyAsync(connection, CopySql, rows, isNew, which: true, cancellation);
            return;
        }

        if (!_hasIncoming)
        {
            await using var create = new NpgsqlCommand(CreateIncomingSql, connection);
            await create.ExecuteNonQueryAsync(cancellation);
            _hasIncoming = true;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (isNew.AsSpan().Contains(true))
        {
            await CopyAsync(connection, CopySql, rows, isNew, which: true, cancellation);
        }

        await CopyAsync(connection, CopyIncomingSql, rows, isNew, which: false, cancellation);
        await using (var upsert = new NpgsqlCommand(UpsertSql, connection, transaction))
        {
            await upsert.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private async Task CopyAsync(
        NpgsqlConnection connection, string sql, ReadOnlyMemory<CandleRow> rows, bool[] isNew, bool which, CancellationToken cancellation)
    {
        _buffer.Clear();
        _buffer.WriteHeader();
        await using var stream = await connection.BeginRawBinaryCopyAsync(sql, cancellation);
        try
        {
            for (var i = 0; i < rows.Length;)
            {
                for (; i < rows.Length && _buffer.Length < SendBytes; i++)
                {
                    if (isNew[i] == which && (i + 1 == rows.Length || !rows.Span[i].SameKey(rows.Span[i + 1])))
                    {
                        Encode(rows.Span[i]);
                    }
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

    private void Encode(in CandleRow row)
    {
        var candle = row.Candle;
        _buffer.StartRow(Columns);
        _buffer.WriteInt64(row.CryptoId);
        _buffer.WriteText(TimeframeCodes[(int)candle.Timeframe]);
        _buffer.WriteTimestamp(candle.OpenTime);
        _buffer.WriteNumeric(candle.Open);
        _buffer.WriteNumeric(candle.High);
        _buffer.WriteNumeric(candle.Low);
        _buffer.WriteNumeric(candle.Close);
        _buffer.WriteNumeric(Math.Round(candle.Volume, 2, MidpointRounding.AwayFromZero));
        _buffer.WriteNumeric(candle.BaseVolume);
        _buffer.WriteNumeric(candle.Volume);
        _buffer.WriteInt64(candle.TradeCount);
        _buffer.WriteText(Provenances[(int)candle.Provenance]);
        _buffer.WriteIndicators(candle.Indicators);
    }

    private void Remember(ReadOnlySpan<CandleRow> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            // The last of a series is its newest.
            if (i + 1 == rows.Length || !rows[i].SameSeries(rows[i + 1]))
            {
                var series = (rows[i].CryptoId, rows[i].Candle.Timeframe);
                if (_newest.TryGetValue(series, out var newest) && rows[i].Candle.OpenTime > newest)
                {
                    _newest[series] = rows[i].Candle.OpenTime;
                }
            }
        }
    }

    private void Forget(ReadOnlySpan<CandleRow> rows)
    {
        _months.Clear();
        foreach (ref readonly var row in rows)
        {
            _newest.Remove((row.CryptoId, row.Candle.Timeframe));
        }
    }
}
