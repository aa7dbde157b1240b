using CryptoAI.Grains.Interfaces.Market;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Bench.Storage;

/// <summary>A candle with its indicators as JSON text already, so that the bare ways do nothing but write.</summary>
internal sealed record BareRow(long CryptoId, Candle Candle, string Json);

/// <summary>The plain ways of writing candles with the driver, to measure against.</summary>
internal sealed class BareWriter(NpgsqlDataSource dataSource)
{
    private const int Batch = 10_000;

    private const string ColumnList =
        "crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, "
        + "trade_count, provenance, technical_indicators";

    private const string OnConflict =
        """
        on conflict (crypto_id, timeframe, candle_time) do update set
            open_price = excluded.open_price, high_price = excluded.high_price, low_price = excluded.low_price,
            close_price = excluded.close_price, volume = excluded.volume, base_volume = excluded.base_volume,
            quote_volume = excluded.quote_volume, trade_count = excluded.trade_count, provenance = excluded.provenance,
            technical_indicators = excluded.technical_indicators
        """;

    /// <summary>Makes the assets and the months; gives the assets' ids.</summary>
    public async Task<long[]> PrepareAsync(int symbols, DateTimeOffset from, DateTimeOffset to)
    {
        await using var command = dataSource.CreateCommand(
            """
            insert into cryptocurrencies (symbol, name)
            select 'S' || lpad(n::text, 3, '0'), 'S' || n from generate_series(0, @count - 1) as n
            order by n
            returning id
            """);
        command.Parameters.AddWithValue("count", symbols);
        var ids = new List<long>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                ids.Add(reader.GetInt64(0));
            }
        }

        await using var months = dataSource.CreateCommand("select ensure_price_partitions(@from, @to)");
        months.Parameters.AddWithValue("from", from);
        months.Parameters.AddWithValue("to", to);
        await months.ExecuteNonQueryAsync();
        return [.. ids];
    }

    /// <summary>Empties the table, or fills it with rows, and has written out what earlier ways left to be written.</summary>
    public async Task ResetAsync(BareRow[] rows)
    {
        await ExecuteAsync("truncate price_data");
        if (rows.Length > 0)
        {
            await CopyAsync(rows);
            await ExecuteAsync("analyze price_data");
        }

        await ExecuteAsync("checkpoint");
    }

    /// <summary>Fails unless the table holds so many rows and among them this one.</summary>
    public async Task CheckAsync(int rows, BareRow sample)
    {
        await using var command = dataSource.CreateCommand(
            """
            select count(*), count(*) filter (where crypto_id = @crypto and candle_time = @time and close_price = @close)
            from price_data
            """);
        command.Parameters.AddWithValue("crypto", sample.CryptoId);
        command.Parameters.AddWithValue("time", sample.Candle.OpenTime);
        command.Parameters.AddWithValue("close", sample.Candle.Close);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(0) != rows || reader.GetInt64(1) != 1)
        {
            throw new InvalidOperationException($"{reader.GetInt64(0)} rows instead of {rows}, or not their last version.");
        }
    }

    /// <summary>One COPY of all rows.</summary>
    public async Task CopyAsync(BareRow[] rows)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await CopyIntoAsync(connection, "price_data", rows);
    }

    /// <summary>COPY into a temporary table and INSERT … ON CONFLICT, 10,000 rows a transaction.</summary>
    public async Task CopyUpsertAsync(BareRow[] rows)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await ExecuteAsync($"create temporary table incoming on commit delete rows as select {ColumnList} from price_data with no data", connection);
        for (var start = 0; start < rows.Length; start += Batch)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await CopyIntoAsync(connection, "incoming", rows.AsMemory(start, Math.Min(Batch, rows.Length - start)));
            await ExecuteAsync($"insert into price_data ({ColumnList}) select {ColumnList} from incoming {OnConflict}", connection);
            await transaction.CommitAsync();
        }

        await ExecuteAsync("drop table incoming", connection);
    }

    /// <summary>INSERT … SELECT FROM UNNEST … ON CONFLICT, 10,000 rows a statement.</summary>
    public async Task UnnestUpsertAsync(BareRow[] rows)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        for (var start = 0; start < rows.Length; start += Batch)
        {
            var part = rows[start..Math.Min(start + Batch, rows.Length)];
            await using var command = new NpgsqlCommand(
                $"""
                insert into price_data ({ColumnList})
                select * from unnest(@id, @timeframe, @time, @open, @high, @low, @close, @volume, @base, @quote, @trades, @provenance, @json)
                {OnConflict}
                """,
                connection);
            command.Parameters.AddWithValue("id", Array.ConvertAll(part, r => r.CryptoId));
            command.Parameters.AddWithValue("timeframe", Array.ConvertAll(part, r => r.Candle.Timeframe.Code()));
            command.Parameters.AddWithValue("time", Array.ConvertAll(part, r => r.Candle.OpenTime));
            command.Parameters.AddWithValue("open", Array.ConvertAll(part, r => r.Candle.Open));
            command.Parameters.AddWithValue("high", Array.ConvertAll(part, r => r.Candle.High));
            command.Parameters.AddWithValue("low", Array.ConvertAll(part, r => r.Candle.Low));
            command.Parameters.AddWithValue("close", Array.ConvertAll(part, r => r.Candle.Close));
            command.Parameters.AddWithValue("volume", Array.ConvertAll(part, r => r.Candle.Volume));
            command.Parameters.AddWithValue("base", Array.ConvertAll(part, r => r.Candle.BaseVolume));
            command.Parameters.AddWithValue("quote", Array.ConvertAll(part, r => r.Candle.Volume));
            command.Parameters.AddWithValue("trades", Array.ConvertAll(part, r => r.Candle.TradeCount));
            command.Parameters.AddWithValue("provenance", Array.ConvertAll(part, _ => "streamed"));
            command.Parameters.AddWithValue("json", NpgsqlDbType.Jsonb | NpgsqlDbType.Array, Array.ConvertAll(part, r => r.Json));
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task CopyIntoAsync(NpgsqlConnection connection, string table, ReadOnlyMemory<BareRow> rows)
    {
        await using var import = await connection.BeginBinaryImportAsync($"copy {table} ({ColumnList}) from stdin (format binary)");
        Write(import, rows.Span);
        await import.CompleteAsync();
    }

    // Not awaited field by field: the driver is faster this way, and the bare ways should be as fast as they can be.
    private static void Write(NpgsqlBinaryImporter import, ReadOnlySpan<BareRow> rows)
    {
        foreach (var row in rows)
        {
            var candle = row.Candle;
            import.StartRow();
            import.Write(row.CryptoId, NpgsqlDbType.Bigint);
            import.Write(candle.Timeframe.Code(), NpgsqlDbType.Varchar);
            import.Write(candle.OpenTime, NpgsqlDbType.TimestampTz);
            import.Write(candle.Open, NpgsqlDbType.Numeric);
            import.Write(candle.High, NpgsqlDbType.Numeric);
            import.Write(candle.Low, NpgsqlDbType.Numeric);
            import.Write(candle.Close, NpgsqlDbType.Numeric);
            import.Write(candle.Volume, NpgsqlDbType.Numeric);
            import.Write(candle.BaseVolume, NpgsqlDbType.Numeric);
            import.Write(candle.Volume, NpgsqlDbType.Numeric);
            import.Write(candle.TradeCount, NpgsqlDbType.Bigint);
            import.Write("streamed", NpgsqlDbType.Varchar);
            import.Write(row.Json, NpgsqlDbType.Jsonb);
        }
    }

    private async Task ExecuteAsync(string sql, NpgsqlConnection? connection = null)
    {
        await using var command = connection is null ? dataSource.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
