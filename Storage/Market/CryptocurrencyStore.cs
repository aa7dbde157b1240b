using System.Globalization;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;
using Dapper;
using Npgsql;

namespace CryptoAI.Storage.Market;

/// <summary>The assets. Live figures are written by <see cref="SnapshotWriter"/>, accesses by <see cref="AccessCounter"/>.</summary>
public sealed class CryptocurrencyStore(NpgsqlDataSource dataSource)
{
    private const string ColumnList =
        """
        id, symbol, name, external_ids, market_cap, market_cap_rank, current_price, total_volume, circulating_supply, total_supply,
            max_supply, price_change_percentage_24h, price_change_percentage_7d, price_change_percentage_30d, description, logo_url,
            links, timeframe_usage, last_accessed_at, access_count, is_active, is_supported, contract_address, decimals, tier,
            last_data_update, created_at, updated_at
        """;

    private const string GetSql = $"select {ColumnList} from cryptocurrencies where symbol = @symbol";

    // A row that is as it should be is found without a write.
    private const string FindSql =
        """
        select id from cryptocurrencies
        where symbol = @symbol and is_active and is_supported and external_ids @> @ids::jsonb
        """;

    private const string EnsureSql =
        """
        insert into cryptocurrencies (symbol, name, external_ids)
        values (@symbol, @symbol, @ids::jsonb)
        on conflict (symbol) do update set
            external_ids = cryptocurrencies.external_ids || excluded.external_ids,
            is_active = true,
            is_supported = true
        returning id
        """;

    private const string ListSql =
        $"""
        select {ColumnList} from cryptocurrencies
        where is_active and (
            not @paged
            or (@volume::numeric is not null and (total_volume < @volume or total_volume is null))
            or (total_volume is not distinct from @volume and symbol > @symbol))
        order by total_volume desc nulls last, symbol
        limit @limit
        """;

    /// <summary>
    /// The id of an asset's row, which is made if there is none (its name is then its symbol). The row notes the pair as the
    /// source's identifier of the asset, keeping other sources', and becomes active and supported. Nothing is written when all
    /// that is so already.
    /// </summary>
    /// <param name="info">What the exchange says of the pair.</param>
    /// <param name="source">The exchange: binance or simulated.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<long> EnsureAsync(SymbolInfo info, string source, CancellationToken cancellation)
    {
        var values = new { symbol = info.Symbol, ids = JsonSerializer.Serialize(new Dictionary<string, string> { [source] = info.Pair }) };
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(FindSql, values, cancellationToken: cancellation))
            ?? await connection.QuerySingleAsync<long>(new CommandDefinition(EnsureSql, values, cancellationToken: cancellation));
    }

    /// <summary>The row of an asset, or null.</summary>
    public async Task<CryptocurrencyRow?> GetAsync(string symbol, CancellationToken cancellation = default)
    {
        await using var command = dataSource.CreateCommand(GetSql);
        command.Parameters.Add(new NpgsqlParameter<string>("symbol", symbol));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? ReadRow(reader) : null;
    }

    /// <summary>Active assets by 24 h volume, largest first, those without one last, equal ones by symbol.</summary>
    /// <param name="after">
    /// <see cref="CryptocurrencyRow.Cursor"/> of the last row seen, or a symbol, which stands for the place it has now; null
    /// for the first page. After an unknown symbol comes nothing.
    /// </param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<IReadOnlyList<CryptocurrencyRow>> ListAsync(string? after, int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        string? symbol = null;
        decimal? volume = null;
        if (after is not null && !TryParseCursor(after, out volume, out symbol))
        {
            if (await GetAsync(after, cancellation) is not { } last)
            {
                return [];
            }

            (volume, symbol) = (last.TotalVolume, last.Symbol);
        }

        await using var command = dataSource.CreateCommand(ListSql);
        command.Parameters.Add(new NpgsqlParameter<bool>("paged", after is not null));
        command.Parameters.Add(new NpgsqlParameter<decimal?>("volume", volume));
        command.Parameters.Add(new NpgsqlParameter<string?>("symbol", symbol));
        command.Parameters.Add(new NpgsqlParameter<int>("limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<CryptocurrencyRow>(Math.Min(limit, 1000));
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(ReadRow(reader));
        }

        return rows;
    }

    private static bool TryParseCursor(string cursor, out decimal? volume, out string? symbol)
    {
        var separator = cursor.IndexOf('~', StringComparison.Ordinal);
        volume = null;
        symbol = null;
        if (separator < 0)
        {
            return false;
        }

        if (separator > 0)
        {
            if (!decimal.TryParse(cursor.AsSpan(0, separator), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed))
            {
                return false;
            }

            volume = parsed;
        }

        symbol = cursor[(separator + 1)..];
        return true;
    }

    private static CryptocurrencyRow ReadRow(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        Symbol = reader.GetString(1),
        Name = reader.GetString(2),
        ExternalIds = JsonElement.Parse(reader.GetString(3)),
        MarketCap = Money(reader, 4),
        MarketCapRank = reader.IsDBNull(5) ? null : reader.GetInt32(5),
        CurrentPrice = Money(reader, 6),
        TotalVolume = Money(reader, 7),
        CirculatingSupply = Money(reader, 8),
        TotalSupply = Money(reader, 9),
        MaxSupply = Money(reader, 10),
        PriceChangePercentage24h = Money(reader, 11),
        PriceChangePercentage7d = Money(reader, 12),
        PriceChangePercentage30d = Money(reader, 13),
        Description = Text(reader, 14),
        LogoUrl = Text(reader, 15),
        Links = JsonElement.Parse(reader.GetString(16)),
        TimeframeUsage = JsonElement.Parse(reader.GetString(17)),
        LastAccessedAt = Time(reader, 18),
        AccessCount = reader.GetInt32(19),
        IsActive = reader.GetBoolean(20),
        IsSupported = reader.GetBoolean(21),
        ContractAddress = Text(reader, 22),
        Decimals = reader.IsDBNull(23) ? null : reader.GetInt32(23),
        Tier = reader.GetInt32(24),
        LastDataUpdate = Time(reader, 25),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(26),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(27),
    };

    private static decimal? Money(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDecimal(column);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
