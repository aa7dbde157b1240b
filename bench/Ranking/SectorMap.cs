using CryptoAI.Tests.Postgres;

namespace CryptoAI.Bench.Ranking;

/// <summary>What of a coin counts for a sector, above 0 up to 1.</summary>
internal sealed record SectorShare(string Symbol, string Sector, double Share);

/// <summary>The map that assets are given when their rows are made, as the migrations write it.</summary>
internal static class SectorMap
{
    private const string Sql =
        """
        select m.symbol, s.name, m.allocation_percentage::float8 / 100
        from sector_map m join crypto_sectors s on s.id = m.sector_id
        order by m.symbol, s.name
        """;

    public static async Task<List<SectorShare>> ReadAsync()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var command = database.DataSource.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync();
        var shares = new List<SectorShare>();
        while (await reader.ReadAsync())
        {
            shares.Add(new SectorShare(reader.GetString(0), reader.GetString(1), reader.GetDouble(2)));
        }

        return shares;
    }
}
