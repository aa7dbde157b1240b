using System.Data;
using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>Reads price_data. Candles come from the months still kept there; archived ones are not looked for.</summary>
public sealed class CandleStore(NpgsqlDataSource dataSource)
{
    /// <summary>Most missing candles that <see cref="FindHolesAsync"/> names at once.</summary>
    public const int MaxHoles = 50_000;

    private const string LastOpenTimesSql =
        """
        select series.timeframe, newest.candle_time
        from unnest(@timeframes) as series (timeframe)
        cross join lateral (
            select candle_time from price_data
            where crypto_id = @crypto and timeframe = series.timeframe and provenance in ('streamed', 'backfilled', 'repaired')
            order by candle_time desc limit 1) as newest
        """;

    // Trimmed: with the zeros of the column's scale a large number has more digits than a decimal.
    private const string ReadSql =
        """
        select candle_time, trim_scale(open_price), trim_scale(high_price), trim_scale(low_price), trim_scale(close_price),
            trim_scale(coalesce(quote_volume, volume)), trim_scale(coalesce(base_volume, 0)), coalesce(trade_count, 0), provenance,
            technical_indicators
        from price_data
        where crypto_id = @crypto and timeframe = @timeframe and candle_time >= @from and candle_time < @to
        order by candle_time
        """;

    private const string ReadOldestSql = ReadSql + " limit @limit";
    private const string ReadNewestSql = ReadSql + " desc limit @limit";

    private const string HolesSql =
        """
        select expected.candle_time
        from generate_series(@from, @last, @length) as expected (candle_time)
        where not exists (
            select from price_data
            where crypto_id = @crypto and timeframe = @timeframe and candle_time between @from and @last
                and candle_time = expected.candle_time)
        order by expected.candle_time
        limit @limit
        """;

    /// <summary>Start of the newest candle of each timeframe that the exchange stated or agreed with; timeframes without any are absent.</summary>
    public async Task<Dictionary<Timeframe, DateTimeOffset>> GetLastOpenTimesAsync(long cryptoId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(LastOpenTimesSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string[]>("timeframes", [.. Timeframes.All.Select(t => t.Code())]));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var times = new Dictionary<Timeframe, DateTimeOffset>(Timeframes.Count);
        while (await reader.ReadAsync(cancellation))
        {
            times.Add(Timeframes.Parse(reader.GetString(0)), reader.GetFieldValue<DateTimeOffset>(1));
        }

        return times;
    }

    /// <summary>
    /// Stored candles of one series, oldest first, that start in [<paramref name="from"/>, <paramref name="to"/>).
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="symbol">The asset, as the candles will name it.</param>
    /// <param name="timeframe">Which series.</param>
    /// <param name="from">Null: from the first one.</param>
    /// <param name="to">Exclusive. Null: to the last one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="newestFirst">Whether the limit keeps the newest of the range or the oldest.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Candle[]> ReadAsync(
        long cryptoId, string symbol, Timeframe timeframe, DateTimeOffset? from, DateTimeOffset? to, int limit, bool newestFirst,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        await using var command = dataSource.CreateCommand(newestFirst ? ReadNewestSql : ReadOldestSql);
        AddSeries(command, cryptoId, timeframe);
        command.Parameters.Add(new NpgsqlParameter<DateTime>("from", from?.UtcDateTime ?? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc)));
        command.Parameters.Add(new NpgsqlParameter<DateTime>("to", to?.UtcDateTime ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        var candles = new List<Candle>(Math.Min(limit, 1500));
        while (await reader.ReadAsync(cancellation))
        {
            candles.Add(ReadCandle(reader, symbol, timeframe));
        }

        if (newestFirst)
        {
            candles.Reverse();
        }

        return [.. candles];
    }

    /// <summary>
    /// Start times in [<paramref name="from"/>, <paramref name="to"/>), on the timeframe's own boundaries, at which no candle is stored:
    /// the first <see cref="MaxHoles"/> of them, in order.
    /// </summary>
    public async Task<DateTimeOffset[]> FindHolesAsync(
        long cryptoId, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var first = timeframe.Floor(from.ToUniversalTime());
        if (first < from)
        {
            first += timeframe.Length();
        }

        var last = timeframe.Floor(to.ToUniversalTime().AddTicks(-1));
        if (last < first)
        {
            return [];
        }

        await using var command = dataSource.CreateCommand(HolesSql);
        AddSeries(command, cryptoId, timeframe);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", first));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("last", last));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan>("length", timeframe.Length()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", MaxHoles));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var holes = new List<DateTimeOffset>();
        while (await reader.ReadAsync(cancellation))
        {
            holes.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        return [.. holes];
    }

    private static void AddSeries(NpgsqlCommand command, long cryptoId, Timeframe timeframe)
    {
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string>("timeframe", timeframe.Code()));
    }

    private static Candle ReadCandle(NpgsqlDataReader reader, string symbol, Timeframe timeframe) => new(
        symbol,
        timeframe,
        reader.GetFieldValue<DateTimeOffset>(0),
        reader.GetDecimal(1),
        reader.GetDecimal(2),
        reader.GetDecimal(3),
        reader.GetDecimal(4),
        reader.GetDecimal(5),
        reader.GetDecimal(6),
        reader.GetInt64(7),
        PriceDataRow.ParseProvenance(reader.GetString(8)),
        IsClosed: true,
        reader.IsDBNull(9) ? null : IndicatorsJson.Read(reader.GetFieldValue<byte[]>(9)));
}
