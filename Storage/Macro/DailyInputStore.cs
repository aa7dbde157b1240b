using Npgsql;

namespace CryptoAI.Storage.Macro;

/// <summary>Close of an asset's day.</summary>
/// <param name="CryptoId">cryptocurrencies.id.</param>
/// <param name="Day">The UTC day it closes.</param>
public readonly record struct DailyClose(long CryptoId, DateOnly Day, double Close);

/// <summary>Capitalisation of an asset at the end of a day as it is stated, USD.</summary>
/// <param name="Price">Stated with it, USD; null where there is none.</param>
public readonly record struct DailyCap(DateTimeOffset At, string Symbol, double Cap, double? Price = null);

/// <summary>Daily figures over all assets, for what is told of the market as a whole.</summary>
public sealed class DailyInputStore(NpgsqlDataSource dataSource)
{
    private const string ClosesSql =
        """
        select p.crypto_id, p.candle_time, p.close_price::double precision
        from price_data p join cryptocurrencies c on c.id = p.crypto_id
        where c.is_active and p.timeframe = '1d' and p.candle_time >= @from and p.candle_time < @to
        order by p.crypto_id, p.candle_time
        """;

    // A day's capitalisation is the last one stated in the 24 hours up to its end, the end included.
    private const string CapsSql =
        """
        select distinct on (at, symbol) at, symbol, market_cap::double precision, price::double precision
        from (
            select c.symbol, m.observed_at, m.market_cap, m.price,
                date_bin('1 day', m.observed_at - interval '1 microsecond', timestamptz '2000-01-01 00:00:00+00') + interval '1 day' as at
            from market_caps m join cryptocurrencies c on c.id = m.crypto_id
            where m.market_cap is not null and m.observed_at > @from and m.observed_at <= @to) as stated
        order by at, symbol, observed_at desc
        """;

    /// <summary>Closes of the active assets' days in [<paramref name="from"/>, <paramref name="to"/>), by asset and day.</summary>
    public async Task<List<DailyClose>> ReadClosesAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = Command(ClosesSql, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var closes = new List<DailyClose>();
        while (await reader.ReadAsync(cancellation))
        {
            closes.Add(new DailyClose(reader.GetInt64(0), DateOnly.FromDateTime(reader.GetFieldValue<DateTimeOffset>(1).UtcDateTime), reader.GetDouble(2)));
        }

        return closes;
    }

    /// <summary>Capitalisations at the ends of the days in (<paramref name="from"/>, <paramref name="to"/>], by time and symbol, as stated: zeros too.</summary>
    public async Task<List<DailyCap>> ReadCapsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = Command(CapsSql, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var caps = new List<DailyCap>();
        while (await reader.ReadAsync(cancellation))
        {
            caps.Add(new DailyCap(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetDouble(2), reader.IsDBNull(3) ? null : reader.GetDouble(3)));
        }

        return caps;
    }

    private NpgsqlCommand Command(string sql, DateTimeOffset from, DateTimeOffset to)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", from.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", to.ToUniversalTime()));
        return command;
    }
}
