using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Sectors;

/// <summary>A whole day of an asset. USD.</summary>
/// <param name="Volume">Null where it is not known.</param>
/// <param name="MarketCap">At the day's end; null where none was stated within it.</param>
public readonly record struct SectorDay(DateOnly Day, double Close, double? Volume, double? MarketCap);

/// <summary>An asset of a sector with what its performance is calculated from.</summary>
/// <param name="Allocation">Percent of it that counts for the sector.</param>
/// <param name="Days">In order.</param>
/// <param name="Prices">At each of the times asked for; null where there is none.</param>
public sealed record SectorAsset(string Symbol, decimal Allocation, SectorDay[] Days, double?[] Prices);

/// <summary>
/// What sectors are calculated from: candles, and where an asset has none the prices that a source states with its capitalisation. Assets need not be
/// followed.
/// </summary>
public sealed class SectorInputStore(NpgsqlDataSource dataSource)
{
    private const string MembersSql =
        """
        select c.id, c.symbol, m.allocation_percentage
        from crypto_sector_mapping m join cryptocurrencies c on c.id = m.crypto_id
        where m.sector_id = @sector and m.allocation_percentage > 0
        order by c.symbol
        """;

    // What is stated at a day's end, the end included, belongs to the day. The volume of an asset comes from one source.
    private const string DaysSql =
        """
        with caps as (
            select distinct on (crypto_id, day) crypto_id, day, market_cap, price, volume_24h
            from (
                select *, date_bin('1 day', observed_at - interval '1 microsecond', timestamptz '2000-01-01 00:00:00+00') as day
                from market_caps where crypto_id = any(@assets) and observed_at > @from and observed_at <= @to) as stated
            order by crypto_id, day, observed_at desc),
        candles as (
            select crypto_id, candle_time as day, close_price, volume
            from price_data
            where crypto_id = any(@assets) and timeframe = '1d' and candle_time >= @from and candle_time < @to),
        days as (
            select crypto_id, day, coalesce(k.close_price, s.price) as close, s.market_cap, k.volume, s.volume_24h,
                bool_or(k.close_price is not null) over (partition by crypto_id) as has_candles
            from candles k full join caps s using (crypto_id, day))
        select crypto_id, day, close::double precision, case when has_candles then volume else volume_24h end::double precision,
            market_cap::double precision
        from days where close is not null
        order by crypto_id, day
        """;

    // The candle that closed then, or an hour before while that one is not written yet.
    private const string HoursSql =
        """
        select a.id, w.place::integer, p.close_price::double precision
        from unnest(@assets) as a (id)
        cross join unnest(@times) with ordinality as w (at, place)
        cross join lateral (
            select close_price from price_data
            where crypto_id = a.id and timeframe = '1h' and candle_time <= w.at - interval '1 hour' and candle_time >= w.at - interval '2 hours'
            order by candle_time desc limit 1) as p
        """;

    /// <summary>All assets of a sector.</summary>
    /// <param name="sectorId">crypto_sectors.id.</param>
    /// <param name="from">Midnight: the first day.</param>
    /// <param name="to">Midnight: the end of the last day.</param>
    /// <param name="times">Whole hours whose prices are wanted.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <returns>By symbol.</returns>
    public async Task<SectorAsset[]> ReadAsync(
        long sectorId, DateTimeOffset from, DateTimeOffset to, DateTimeOffset[] times, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var members = await connection.Command(MembersSql, ("sector", sectorId))
            .AllAsync(static row => (Id: row.GetInt64(0), Symbol: row.GetString(1), Allocation: row.GetDecimal(2)), cancellation);
        var ids = Array.ConvertAll(members, static member => member.Id);
        var days = (await connection.Command(DaysSql, ("assets", ids), ("from", from.ToUniversalTime()), ("to", to.ToUniversalTime())).AllAsync(
                static row => (Id: row.GetInt64(0), Day: new SectorDay(
                    DateOnly.FromDateTime(row.GetFieldValue<DateTimeOffset>(1).UtcDateTime), row.GetDouble(2), Number(row, 3), Number(row, 4))),
                cancellation))
            .ToLookup(static row => row.Id, static row => row.Day);
        var prices = (await connection.Command(HoursSql, ("assets", ids), ("times", Array.ConvertAll(times, static at => at.ToUniversalTime()))).AllAsync(
                static row => (Id: row.GetInt64(0), Place: row.GetInt32(1), Price: row.GetDouble(2)), cancellation))
            .ToDictionary(static row => (row.Id, row.Place), static row => row.Price);
        return
        [
            .. members.Select(member => new SectorAsset(
                member.Symbol, member.Allocation, [.. days[member.Id]],
                [.. Enumerable.Range(1, times.Length).Select(place => prices.TryGetValue((member.Id, place), out var price) ? price : (double?)null)])),
        ];
    }

    private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
