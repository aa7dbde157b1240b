using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>Long candles made from shorter ones.</summary>
/// <param name="Made">Stored.</param>
/// <param name="Incomplete">Not made: missing, and so are some of the shorter candles it would be made of.</param>
public readonly record struct RollUpCounts(int Made, int Incomplete);

/// <summary>Brings history into price_data in bulk. Not thread-safe.</summary>
public sealed class CandleHistoryStore(NpgsqlDataSource dataSource)
{
    private const string FindSql = "select id from cryptocurrencies where symbol = @symbol";

    // Not followed: no live price is expected of it until the feed takes it up.
    private const string CreateSql =
        """
        insert into cryptocurrencies (symbol, name, is_active) values (@symbol, @symbol, false)
        on conflict (symbol) do nothing
        """;

    private const string RollUpSql =
        """
        with made_of as (
            select date_bin(@length, candle_time, timestamptz '1970-01-01 00:00:00Z') as at, count(*) as parts,
                (array_agg(open_price order by candle_time))[1] as open, max(high_price) as high, min(low_price) as low,
                (array_agg(close_price order by candle_time desc))[1] as close, sum(volume) as volume,
                case when count(base_volume) = count(*) then sum(base_volume) end as base,
                case when count(quote_volume) = count(*) then sum(quote_volume) end as quote,
                case when count(trade_count) = count(*) then sum(trade_count) end as trades
            from price_data
            where crypto_id = @crypto and timeframe = @shorter and candle_time >= @from and candle_time < @to
            group by 1),
        missing as (
            select * from made_of
            where not exists (
                select from price_data p
                where p.crypto_id = @crypto and p.timeframe = @timeframe and p.candle_time = made_of.at
                    and p.candle_time >= @from and p.candle_time < @to)),
        made as (
            insert into price_data (
                crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, trade_count,
                provenance)
            select @crypto, @timeframe, at, open, high, low, close, coalesce(round(quote, 2), volume), base, quote, trades, 'derived'
            from missing where parts = @parts
            on conflict (crypto_id, timeframe, candle_time) do nothing
            returning 1)
        select (select count(*) from made), (select count(*) from missing where parts < @parts)
        """;

    private const string AbsentSql =
        """
        select absent_since, candle_time
        from price_data
        where crypto_id = @crypto and timeframe = @timeframe and absent_since is not null and candle_time > @from and absent_since < @to
        order by candle_time
        """;

    private readonly PriceMonths _months = new();

    /// <summary>The id of an asset; null when there is no such asset and none is to be made.</summary>
    /// <param name="symbol">The asset: BTC.</param>
    /// <param name="create">Whether to make it: as one that the feed does not follow.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<long?> FindAsync(string symbol, bool create, CancellationToken cancellation)
    {
        if (create)
        {
            await using var insert = dataSource.CreateCommand(CreateSql);
            insert.Parameters.Add(new NpgsqlParameter<string>("symbol", symbol));
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await using var find = dataSource.CreateCommand(FindSql);
        find.Parameters.Add(new NpgsqlParameter<string>("symbol", symbol));
        return await find.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <summary>
    /// Spans [From, To), Unix milliseconds, that reach into a range and of which it is known that the exchange has no candles, in order of time. Each ends with
    /// a candle.
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="timeframe">Which series.</param>
    /// <param name="from">Start of the range.</param>
    /// <param name="to">Its end, exclusive.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<(long From, long To)>> ReadAbsentAsync(
        long cryptoId, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(AbsentSql);
        command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
        command.Parameters.Add(new NpgsqlParameter<string>("timeframe", timeframe.Code()));
        command.Parameters.Add(new NpgsqlParameter<DateTime>("from", from.UtcDateTime));
        command.Parameters.Add(new NpgsqlParameter<DateTime>("to", to.UtcDateTime));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var spans = new List<(long, long)>();
        while (await reader.ReadAsync(cancellation))
        {
            spans.Add((reader.GetFieldValue<DateTimeOffset>(0).ToUnixTimeMilliseconds(), reader.GetFieldValue<DateTimeOffset>(1).ToUnixTimeMilliseconds()));
        }

        return spans;
    }

    /// <summary>Begins to take in history of one series; commit it, or dispose it to take it back.</summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="timeframe">Of all the candles.</param>
    /// <param name="origin">Imported (estimated where a candle has no USD volume) or backfilled.</param>
    /// <param name="replaceImported">Whether imported candles may replace imported ones that differ. Those that the exchange stated are never replaced.</param>
    /// <param name="cancellation">Ends the connecting.</param>
    public Task<CandleImport> BeginAsync(
        long cryptoId, Timeframe timeframe, CandleProvenance origin, bool replaceImported, CancellationToken cancellation)
    {
        if (origin is not (CandleProvenance.Imported or CandleProvenance.Backfilled))
        {
            throw new ArgumentOutOfRangeException(nameof(origin), origin, "History is imported or backfilled.");
        }

        return CandleImport.BeginAsync(dataSource, _months, cryptoId, timeframe, origin, replaceImported, cancellation);
    }

    /// <summary>
    /// Makes missing candles from shorter ones, whatever those came from, where all of the shorter ones are there; a range at a time, each in a
    /// transaction of its own. What exists is left alone, so the same again changes nothing.
    /// </summary>
    /// <param name="cryptoId">cryptocurrencies.id.</param>
    /// <param name="shorter">What to sum.</param>
    /// <param name="timeframe">What to make; longer.</param>
    /// <param name="from">The first candle to make is the one that holds this time.</param>
    /// <param name="to">The last candle to make is the one that holds the moment before this time.</param>
    /// <param name="cancellation">Ends it between ranges.</param>
    public async Task<RollUpCounts> RollUpAsync(
        long cryptoId, Timeframe shorter, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var counts = default(RollUpCounts);
        var end = timeframe.Floor(to.AddTicks(-1)) + timeframe.Length();
        for (var start = timeframe.Floor(from); start < end;)
        {
            var next = timeframe.Floor(start.AddDays(30)) is var later && later < end ? later : end;
            await using var command = dataSource.CreateCommand(RollUpSql);
            command.Parameters.Add(new NpgsqlParameter<long>("crypto", cryptoId));
            command.Parameters.Add(new NpgsqlParameter<string>("shorter", shorter.Code()));
            command.Parameters.Add(new NpgsqlParameter<string>("timeframe", timeframe.Code()));
            command.Parameters.Add(new NpgsqlParameter<TimeSpan>("length", timeframe.Length()));
            command.Parameters.Add(new NpgsqlParameter<long>("parts", timeframe.Minutes() / shorter.Minutes()));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", start));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", next));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            counts = new RollUpCounts(counts.Made + (int)reader.GetInt64(0), counts.Incomplete + (int)reader.GetInt64(1));
            start = next;
        }

        return counts;
    }
}
