using CryptoAI.Grains.Interfaces.Market;
using Npgsql;

namespace CryptoAI.Storage.Macro;

/// <summary>One value of a series.</summary>
/// <param name="Time">When it holds, as its source states it.</param>
public readonly record struct SeriesPoint(DateTimeOffset Time, decimal Value);

/// <summary>A value with where it comes from.</summary>
/// <param name="Source">Who states it.</param>
/// <param name="WrittenAt">When it was stored or changed last.</param>
public sealed record SeriesValue(string Name, Timeframe Timeframe, DateTimeOffset Time, decimal Value, string? Source, string? Unit, DateTimeOffset WrittenAt);

/// <summary>What became of values that were handed over.</summary>
/// <param name="New">Stored.</param>
/// <param name="Equal">Stored before.</param>
/// <param name="Revised">Stored over the value that the same source stated before.</param>
/// <param name="Differing">Not stored: another value stands there, from another source or not to be revised.</param>
public readonly record struct SeriesCounts(int New, int Equal, int Revised, int Differing)
{
    public static SeriesCounts operator +(SeriesCounts a, SeriesCounts b) =>
        new(a.New + b.New, a.Equal + b.Equal, a.Revised + b.Revised, a.Differing + b.Differing);

    public static SeriesCounts Add(SeriesCounts a, SeriesCounts b) => a + b;
}

/// <summary>
/// Series from outside, in macro_indicators: indicator_name is the series, created_at the time of the value, metadata.source who states it. There
/// is one value for each time of a series; the same again changes nothing. Values are stored as they come: what is wrong with a series is for its
/// reader to tell.
/// </summary>
public sealed class SeriesStore(NpgsqlDataSource dataSource)
{
    private const int Batch = 10_000;

    // Of values given twice for one time the last counts.
    private const string WriteSql =
        """
        with given as (
            select distinct on (at) at, value
            from unnest(@times, @values) with ordinality as g (at, value, number)
            order by at, number desc),
        written as (
            insert into macro_indicators as stored (indicator_name, value, timeframe, metadata, created_at)
            select @name, value, @timeframe, jsonb_strip_nulls(jsonb_build_object('source', @source, 'unit', @unit::text)), at from given
            on conflict (indicator_name, timeframe, created_at) do update set
                value = excluded.value,
                metadata = stored.metadata || excluded.metadata || jsonb_build_object('previous', stored.value, 'revised_at', now())
            where @revise and stored.value <> excluded.value and stored.metadata ->> 'source' = @source
            returning created_at, xmax = 0 as is_new)
        select
            count(*) filter (where w.is_new),
            count(*) filter (where w.created_at is null and s.value = g.value),
            count(*) filter (where not w.is_new),
            count(*) filter (where w.created_at is null and s.value is distinct from g.value)
        from given g
        left join written w on w.created_at = g.at
        left join macro_indicators s on s.indicator_name = @name and s.timeframe = @timeframe and s.created_at = g.at
        """;

    private const string Columns =
        "indicator_name, timeframe, created_at, trim_scale(value), metadata ->> 'source', metadata ->> 'unit', updated_at";

    private const string ReadSql =
        """
        select created_at, trim_scale(value) from macro_indicators
        where indicator_name = @name and timeframe = @timeframe and created_at >= @from and created_at < @to
        order by created_at
        """;

    private const string NewestSql =
        $"""
        select {Columns} from (
            select distinct on (indicator_name, timeframe) * from macro_indicators
            where timeframe is not null
            order by indicator_name, timeframe, created_at desc) as newest
        """;

    private const string PageSql =
        $"""
        select {Columns} from macro_indicators
        where indicator_name = @name and timeframe = @timeframe and (@before::timestamptz is null or created_at < @before)
        order by created_at desc
        limit @limit
        """;

    /// <summary>Stores values; each 10,000 are one transaction, and what is stored already costs nothing but a look.</summary>
    /// <param name="name">The series: vix, dxy, btc_dominance. Lower case by convention.</param>
    /// <param name="timeframe">How far apart its values are meant to be.</param>
    /// <param name="source">Who states them.</param>
    /// <param name="unit">Of the values, if known: usd, percent.</param>
    /// <param name="points">In any order.</param>
    /// <param name="revise">Whether a value may replace another that the same source stated before.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task<SeriesCounts> WriteAsync(
        string name, Timeframe timeframe, string source, string? unit, IReadOnlyList<SeriesPoint> points, bool revise, CancellationToken cancellation)
    {
        var counts = default(SeriesCounts);
        foreach (var batch in points.Chunk(Batch))
        {
            await using var command = dataSource.CreateCommand(WriteSql);
            AddSeries(command, name, timeframe);
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", Array.ConvertAll(batch, static point => point.Time.ToUniversalTime())));
            command.Parameters.Add(new NpgsqlParameter<decimal[]>("values", Array.ConvertAll(batch, static point => point.Value)));
            command.Parameters.Add(new NpgsqlParameter<string>("source", source));
            command.Parameters.Add(new NpgsqlParameter<string?>("unit", unit));
            command.Parameters.Add(new NpgsqlParameter<bool>("revise", revise));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            counts += new SeriesCounts((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2), (int)reader.GetInt64(3));
        }

        return counts;
    }

    /// <summary>The values of a series at times in [<paramref name="from"/>, <paramref name="to"/>), oldest first.</summary>
    public async Task<SeriesPoint[]> ReadAsync(
        string name, Timeframe timeframe, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        AddSeries(command, name, timeframe);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", from.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", to.ToUniversalTime()));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var points = new List<SeriesPoint>();
        while (await reader.ReadAsync(cancellation))
        {
            points.Add(new SeriesPoint(reader.GetFieldValue<DateTimeOffset>(0), reader.GetDecimal(1)));
        }

        return [.. points];
    }

    /// <summary>The newest value of every series, by name.</summary>
    public async Task<SeriesValue[]> ListNewestAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(NewestSql);
        return await ListAsync(command, cancellation);
    }

    /// <summary>Values of a series, newest first.</summary>
    /// <param name="name">The series.</param>
    /// <param name="timeframe">How far apart its values are.</param>
    /// <param name="before">Only earlier ones; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<SeriesValue[]> ListAsync(
        string name, Timeframe timeframe, DateTimeOffset? before, int limit, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(PageSql);
        AddSeries(command, name, timeframe);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("before", before?.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        return await ListAsync(command, cancellation);
    }

    private static void AddSeries(NpgsqlCommand command, string name, Timeframe timeframe)
    {
        command.Parameters.Add(new NpgsqlParameter<string>("name", name));
        command.Parameters.Add(new NpgsqlParameter<string>("timeframe", timeframe.Code()));
    }

    private static async Task<SeriesValue[]> ListAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var values = new List<SeriesValue>();
        while (await reader.ReadAsync(cancellation))
        {
            values.Add(new SeriesValue(
                reader.GetString(0),
                Timeframes.Parse(reader.GetString(1)),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetDecimal(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return [.. values];
    }
}
