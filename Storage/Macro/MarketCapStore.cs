using Npgsql;

namespace CryptoAI.Storage.Macro;

/// <summary>What a source states of an asset at a time. USD; null where it says nothing.</summary>
/// <param name="CryptoId">cryptocurrencies.id.</param>
/// <param name="Time">As the source states it.</param>
/// <param name="Volume24h">Traded in the 24 hours before.</param>
public sealed record MarketCap(
    long CryptoId, DateTimeOffset Time, decimal? Value, decimal? Price, decimal? CirculatingSupply, decimal? Volume24h)
{
    /// <summary>Capitalisations and volumes are below it, USD; no column holds more.</summary>
    public const decimal MaxUsd = 1e27m;

    /// <summary>Prices are below it, USD.</summary>
    public const decimal MaxPrice = 1e12m;

    /// <summary>Supplies are below it.</summary>
    public const decimal MaxSupply = 1e22m;
}

/// <summary>Market capitalisations over time, market_caps, and the newest of them in cryptocurrencies. Stored as they come, zeros included.</summary>
public sealed class MarketCapStore(NpgsqlDataSource dataSource)
{
    private const int Batch = 10_000;

    private const string WriteSql =
        """
        with given as (
            select distinct on (crypto_id, at) crypto_id, at, cap, price, supply, volume
            from unnest(@cryptos, @times, @caps, @prices, @supplies, @volumes) with ordinality
                as g (crypto_id, at, cap, price, supply, volume, number)
            order by crypto_id, at, number desc),
        written as (
            insert into market_caps as stored (crypto_id, observed_at, source, market_cap, price, circulating_supply, volume_24h)
            select crypto_id, at, @source, round(cap, 2), round(price, 8), round(supply, 8), round(volume, 2) from given
            order by crypto_id, at
            on conflict (crypto_id, observed_at) do update set
                market_cap = excluded.market_cap, price = excluded.price, circulating_supply = excluded.circulating_supply,
                volume_24h = excluded.volume_24h
            where @revise and stored.source = @source
                and (stored.market_cap, stored.price, stored.circulating_supply, stored.volume_24h)
                    is distinct from (excluded.market_cap, excluded.price, excluded.circulating_supply, excluded.volume_24h)
            returning crypto_id, observed_at, xmax = 0 as is_new)
        select
            count(*) filter (where w.is_new),
            count(*) filter (where w.crypto_id is null and (s.market_cap, s.price, s.circulating_supply, s.volume_24h)
                is not distinct from (round(g.cap, 2), round(g.price, 8), round(g.supply, 8), round(g.volume, 2))),
            count(*) filter (where not w.is_new),
            count(*) filter (where w.crypto_id is null and (s.market_cap, s.price, s.circulating_supply, s.volume_24h)
                is distinct from (round(g.cap, 2), round(g.price, 8), round(g.supply, 8), round(g.volume, 2)))
        from given g
        left join written w on w.crypto_id = g.crypto_id and w.observed_at = g.at
        left join market_caps s on s.crypto_id = g.crypto_id and s.observed_at = g.at
        """;

    // Ranks are those of one moment: an asset that the newest figures leave out has none.
    private const string ShowSql =
        """
        with newest as (
            select crypto_id, market_cap, case when crypto_id <> all(@doubted_supplies) then circulating_supply end as circulating_supply,
                case when market_cap > 0 then rank() over (order by market_cap desc nulls last) end as place
            from (
                select distinct on (crypto_id) * from market_caps
                where observed_at > (select max(observed_at) from market_caps) - @within and crypto_id <> all(@doubted)
                order by crypto_id, observed_at desc) as latest)
        update cryptocurrencies as c set
            market_cap = case when newest.crypto_id is null then c.market_cap else newest.market_cap end,
            market_cap_rank = newest.place,
            circulating_supply = coalesce(newest.circulating_supply, c.circulating_supply)
        from cryptocurrencies as same
        left join newest on newest.crypto_id = same.id
        where c.id = same.id and case
            when newest.crypto_id is null then c.market_cap_rank is not null
            else (c.market_cap, c.market_cap_rank, c.circulating_supply)
                is distinct from (newest.market_cap, newest.place, coalesce(newest.circulating_supply, c.circulating_supply)) end
        """;

    private const string ReadSql =
        """
        select crypto_id, observed_at, trim_scale(market_cap), trim_scale(price), trim_scale(circulating_supply), trim_scale(volume_24h)
        from market_caps
        where observed_at >= @from and observed_at < @to and (@crypto::bigint is null or crypto_id = @crypto)
        order by observed_at, crypto_id
        """;

    // An identifier names one asset. A symbol may be several assets': it goes to the largest of those that no identifier was found for, and only
    // where the asset of that symbol has no other identifier of the service.
    private const string ResolveSql =
        """
        with given as (
            select * from unnest(@symbols, @ids, @caps) with ordinality as g (symbol, id, cap, number)),
        by_id as (
            select g.number, c.id as crypto_id
            from given g join cryptocurrencies c on c.external_ids ->> @service = g.id),
        by_symbol as (
            select distinct on (c.id) g.number, c.id as crypto_id
            from given g join cryptocurrencies c on c.symbol = g.symbol
            where g.number not in (select number from by_id) and c.id not in (select crypto_id from by_id)
                and (g.id is null or not c.external_ids ? @service)
            order by c.id, g.cap desc nulls last, g.number)
        select number, crypto_id from by_id
        union all
        select number, crypto_id from by_symbol
        """;

    private const string CreateSql =
        """
        insert into cryptocurrencies (symbol, name, is_active, external_ids)
        select distinct on (symbol) symbol, symbol, false, case when id is null then '{}' else jsonb_build_object(@service::text, id) end
        from unnest(@symbols, @ids, @caps) with ordinality as g (symbol, id, cap, number)
        where symbol ~ '^[A-Z0-9]{1,20}$'
            and not exists (select from cryptocurrencies c where c.external_ids ->> @service = g.id)
        order by symbol, cap desc nulls last, number
        on conflict do nothing
        """;

    /// <summary>
    /// The assets that figures belong to: by the source's identifier where an asset names it, else by symbol.
    /// </summary>
    /// <param name="service">Whose identifiers they are: the key in external_ids.</param>
    /// <param name="assets">Symbol in capitals, identifier, and capitalisation, by which the largest of one symbol is told.</param>
    /// <param name="create">Whether unknown assets are made, as ones that the feed does not follow.</param>
    /// <param name="cancellation">Ends the queries.</param>
    /// <returns>cryptocurrencies.id for each; null: unknown.</returns>
    public async Task<long?[]> ResolveAsync(
        string service, IReadOnlyList<(string? Symbol, string? Id, decimal? Cap)> assets, bool create, CancellationToken cancellation)
    {
        var found = new long?[assets.Count];
        if (create)
        {
            await using var insert = Command(CreateSql);
            await insert.ExecuteNonQueryAsync(cancellation);
        }

        await using var command = Command(ResolveSql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found[reader.GetInt64(0) - 1] = reader.GetInt64(1);
        }

        return found;

        NpgsqlCommand Command(string sql)
        {
            var made = dataSource.CreateCommand(sql);
            made.Parameters.Add(new NpgsqlParameter<string>("service", service));
            made.Parameters.Add(new NpgsqlParameter<string?[]>("symbols", [.. assets.Select(static asset => asset.Symbol)]));
            made.Parameters.Add(new NpgsqlParameter<string?[]>("ids", [.. assets.Select(static asset => asset.Id)]));
            made.Parameters.Add(new NpgsqlParameter<decimal?[]>("caps", [.. assets.Select(static asset => asset.Cap)]));
            return made;
        }
    }

    /// <summary>Stores figures; the same again changes nothing.</summary>
    /// <param name="source">Who states them.</param>
    /// <param name="caps">In any order.</param>
    /// <param name="revise">Whether figures may replace others that the same source stated for the same time.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task<SeriesCounts> WriteAsync(string source, IReadOnlyList<MarketCap> caps, bool revise, CancellationToken cancellation)
    {
        var counts = default(SeriesCounts);
        foreach (var batch in caps.Chunk(Batch))
        {
            await using var command = dataSource.CreateCommand(WriteSql);
            command.Parameters.Add(new NpgsqlParameter<long[]>("cryptos", Array.ConvertAll(batch, static cap => cap.CryptoId)));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]>("times", Array.ConvertAll(batch, static cap => cap.Time.ToUniversalTime())));
            command.Parameters.Add(new NpgsqlParameter<decimal?[]>("caps", Array.ConvertAll(batch, static cap => cap.Value)));
            command.Parameters.Add(new NpgsqlParameter<decimal?[]>("prices", Array.ConvertAll(batch, static cap => cap.Price)));
            command.Parameters.Add(new NpgsqlParameter<decimal?[]>("supplies", Array.ConvertAll(batch, static cap => cap.CirculatingSupply)));
            command.Parameters.Add(new NpgsqlParameter<decimal?[]>("volumes", Array.ConvertAll(batch, static cap => cap.Volume24h)));
            command.Parameters.Add(new NpgsqlParameter<string>("source", source));
            command.Parameters.Add(new NpgsqlParameter<bool>("revise", revise));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            counts += new SeriesCounts((int)reader.GetInt64(0), (int)reader.GetInt64(1), (int)reader.GetInt64(2), (int)reader.GetInt64(3));
        }

        return counts;
    }

    /// <summary>
    /// Shows the newest figures in cryptocurrencies (market_cap, market_cap_rank, circulating_supply), of assets that have any within this time of
    /// the very newest. Rows that show them already are left alone.
    /// </summary>
    /// <param name="within">Of the very newest.</param>
    /// <param name="doubted">Assets whose newest capitalisation is not believed: they keep what they show and have no rank.</param>
    /// <param name="doubtedSupplies">Assets whose newest supply is not believed: they keep what they show.</param>
    /// <param name="cancellation">Ends the statement.</param>
    /// <returns>How many rows changed.</returns>
    public async Task<int> ShowNewestAsync(TimeSpan within, long[] doubted, long[] doubtedSupplies, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ShowSql);
        command.Parameters.Add(new NpgsqlParameter<long[]>("doubted", doubted));
        command.Parameters.Add(new NpgsqlParameter<long[]>("doubted_supplies", doubtedSupplies));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan>("within", within));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Figures at times in [<paramref name="from"/>, <paramref name="to"/>), oldest first: of one asset, or of all.</summary>
    public async Task<MarketCap[]> ReadAsync(DateTimeOffset from, DateTimeOffset to, long? cryptoId, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("from", from.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("to", to.ToUniversalTime()));
        command.Parameters.Add(new NpgsqlParameter<long?>("crypto", cryptoId));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var caps = new List<MarketCap>();
        while (await reader.ReadAsync(cancellation))
        {
            caps.Add(new MarketCap(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), Number(reader, 2), Number(reader, 3), Number(reader, 4), Number(reader, 5)));
        }

        return [.. caps];
    }

    private static decimal? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDecimal(column);
}
