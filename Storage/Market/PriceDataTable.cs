using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>
/// Writes batches of candles into price_data over one connection that it keeps. Rows that cannot be there yet go by plain
/// COPY, the rest by COPY into a temporary table and INSERT … ON CONFLICT. What cannot be there yet is for
/// <see cref="StoredSeries"/> to say; when another writer proves it wrong, the unique index says so and the whole batch takes
/// the second way. Not thread-safe.
/// </summary>
internal sealed class PriceDataTable(NpgsqlDataSource dataSource) : IAsyncDisposable
{
    private const int SendBytes = 64 * 1024;
    private const string ColumnList = PriceDataRow.ColumnList;

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

    private readonly CopyBuffer _buffer = new();
    private readonly PriceMonths _months = new();
    private readonly StoredSeries _stored = new();
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
            var isNew = await _stored.FindNewAsync(connection, rows, cancellation);
            try
            {
                await WriteAsync(connection, rows, isNew, cancellation);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                _stored.Forget(rows.Span);
                await WriteAsync(connection, rows, new bool[rows.Length], cancellation);
            }

            _stored.Remember(rows.Span);
        }
        catch (Exception e)
        {
            // Whatever was believed may be the reason: months that were dropped, rows that others wrote.
            _months.Clear();
            _stored.Forget(rows.Span);
            if (e is not PostgresException)
            {
                // The conversation may have been broken off anywhere.
                await DisconnectAsync();
            }

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
            await _months.EnsureAsync(connection, rows.Span[i].Candle.OpenTime, cancellation);
        }
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
        PriceDataRow.Write(
            _buffer, row.CryptoId, candle.Timeframe, candle.OpenTime, candle.Open, candle.High, candle.Low, candle.Close, candle.Volume, candle.BaseVolume,
            candle.Volume, candle.TradeCount, candle.Provenance, candle.Indicators);
    }
}
