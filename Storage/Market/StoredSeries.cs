using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>
/// What one process knows of the candles in price_data without looking: the newest of each series it has written to. It looks
/// where it does not know, and may be wrong when another process writes the same series. Rows are in order of their key.
/// </summary>
internal sealed class StoredSeries
{
    /// <summary>Fewer doubtful rows than this are not worth looking for: they are simply taken as stored.</summary>
    private const int WorthLooking = 64;

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

    private readonly Dictionary<(long CryptoId, Timeframe Timeframe), DateTimeOffset> _newest = [];

    /// <summary>Which rows the table cannot hold yet.</summary>
    public async Task<bool[]> FindNewAsync(NpgsqlConnection connection, ReadOnlyMemory<CandleRow> rows, CancellationToken cancellation)
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

    /// <summary>Notes rows that were written. What was not looked at before stays unknown.</summary>
    public void Remember(ReadOnlySpan<CandleRow> rows)
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

    /// <summary>Drops what was known of the rows' series.</summary>
    public void Forget(ReadOnlySpan<CandleRow> rows)
    {
        foreach (ref readonly var row in rows)
        {
            _newest.Remove((row.CryptoId, row.Candle.Timeframe));
        }
    }
}
