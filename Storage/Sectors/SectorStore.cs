using System.Text.Json;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;
using Npgsql;

namespace CryptoAI.Storage.Sectors;

/// <summary>An asset in a sector.</summary>
public sealed record SectorMember(string Symbol, string Name, decimal AllocationPercentage, bool IsPrimary);

/// <summary>Sectors and which assets belong to them. Each change is one transaction with its entry in the audit.</summary>
public sealed class SectorStore(NpgsqlDataSource dataSource)
{
    private const string SelectSql =
        """
        select s.id, s.name, s.description, s.is_active, (select count(*) from crypto_sector_mapping m where m.sector_id = s.id)::integer,
            s.created_at, s.updated_at, (extract(epoch from s.updated_at) * 1000000)::bigint
        from crypto_sectors s
        """;

    private const string ListSql = $"{SelectSql} where s.is_active order by s.name";
    private const string GetSql = $"{SelectSql} where s.id = @id";
    private const string HoldSql = $"{SelectSql} where s.id = @id for no key update";

    private const string CreateSql = "insert into crypto_sectors (name, description, is_active) values (@name, @description, @active) returning id";
    private const string ChangeSql = "update crypto_sectors set name = @name, description = @description, is_active = @active where id = @id";

    private const string MembersSql =
        """
        select c.symbol, c.name, trim_scale(m.allocation_percentage), m.is_primary_sector
        from crypto_sector_mapping m join cryptocurrencies c on c.id = m.crypto_id
        where m.sector_id = @id
        order by c.symbol
        """;

    private const string FindAssetSql = "select id from cryptocurrencies where symbol = @symbol";
    private const string HoldAssetSql = "select id from cryptocurrencies where symbol = @symbol for no key update";

    private const string SharesSql =
        """
        select sector_id, trim_scale(allocation_percentage), is_primary_sector from crypto_sector_mapping where crypto_id = @asset order by sector_id
        """;

    private const string ClearSql =
        "delete from crypto_sector_mapping where crypto_id = @asset and sector_id <> all(@sectors)";

    // No two are the primary one at any moment.
    private const string NoPrimarySql =
        "update crypto_sector_mapping set is_primary_sector = false where crypto_id = @asset and is_primary_sector and sector_id is distinct from @primary";

    private const string MapSql =
        """
        insert into crypto_sector_mapping as stored (crypto_id, sector_id, allocation_percentage, is_primary_sector)
        select @asset, t.sector, t.percent, t.is_primary
        from unnest(@sectors, @percents, @primaries) as t (sector, percent, is_primary)
        on conflict (crypto_id, sector_id) do update set
            allocation_percentage = excluded.allocation_percentage, is_primary_sector = excluded.is_primary_sector
        """;

    private const string ActiveSql = "select count(*)::integer from crypto_sectors where id = any(@sectors) and is_active";

    /// <summary>Active sectors by name.</summary>
    public async Task<Sector[]> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(ListSql).AllAsync(Read, cancellation);
    }

    /// <summary>A sector, also one that was ended; null when there is none.</summary>
    public async Task<Sector?> GetAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(GetSql, ("id", id)).OneAsync(Read, cancellation);
    }

    /// <summary>Assets of a sector by symbol.</summary>
    public async Task<SectorMember[]> ListMembersAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(MembersSql, ("id", id)).AllAsync(
            static row => new SectorMember(row.GetString(0), row.GetString(1), row.GetDecimal(2), row.GetBoolean(3)), cancellation);
    }

    /// <summary>The sectors of an asset; null when there is no such asset.</summary>
    public async Task<SectorMapping?> GetMappingAsync(string symbol, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var asset = await connection.Command(FindAssetSql, ("symbol", symbol)).OneAsync(static row => (long?)row.GetInt64(0), cancellation);
        return asset is { } id ? await ReadMappingAsync(connection, symbol, id, cancellation) : null;
    }

    /// <exception cref="RefusedException">The name is taken.</exception>
    public async Task<Sector> CreateAsync(Actor actor, SectorText text, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var id = await NamedAsync(() => connection
            .Command(CreateSql, ("name", text.Name), ("description", text.Description), ("active", text.IsActive))
            .OneAsync(static row => row.GetInt64(0), cancellation));
        await AuditAsync(connection, actor, "sector", "create", id, new { text.Name }, cancellation);
        return await EndAsync(connection, transaction, id, cancellation);
    }

    /// <exception cref="RefusedException">There is none, its version is another, or the name is taken.</exception>
    public async Task<Sector> ChangeAsync(Actor actor, long id, SectorText text, long? version, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldAsync(connection, id, version, cancellation);
        await NamedAsync(() => connection
            .Command(ChangeSql, ("id", id), ("name", text.Name), ("description", text.Description), ("active", text.IsActive))
            .ExecuteAsync(cancellation));
        await AuditAsync(connection, actor, "sector", "update", id, new { text.Name, text.IsActive }, cancellation);
        return await EndAsync(connection, transaction, id, cancellation);
    }

    /// <summary>Ends a sector: its rows stay.</summary>
    /// <exception cref="RefusedException">There is none, or its version is another.</exception>
    public async Task DeleteAsync(Actor actor, long id, long? version, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var sector = await HoldAsync(connection, id, version, cancellation);
        if (!sector.IsActive)
        {
            throw RefusedException.NotFound("sector");
        }

        await connection.Command(ChangeSql, ("id", id), ("name", sector.Name), ("description", sector.Description), ("active", false)).ExecuteAsync(cancellation);
        await AuditAsync(connection, actor, "sector", "delete", id, new { sector.Name }, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Replaces the sectors of an asset.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="symbol">The asset.</param>
    /// <param name="shares">Already checked, but for the sectors' being there.</param>
    /// <param name="version">The version that the caller has read, or null.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <exception cref="RefusedException">There is no such asset or sector, or the mapping's version is another.</exception>
    public async Task<SectorMapping> MapAsync(Actor actor, string symbol, SectorShare[] shares, long? version, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var asset = await connection.Command(HoldAssetSql, ("symbol", symbol)).OneAsync(static row => (long?)row.GetInt64(0), cancellation)
            ?? throw RefusedException.NotFound("asset");
        var before = await ReadMappingAsync(connection, symbol, asset, cancellation);
        if (version is { } read && read != before.Version)
        {
            throw new RefusedException(Refusal.Stale, "The sectors of the asset are others by now: read them again.");
        }

        var sectors = Array.ConvertAll(shares, static share => share.SectorId);
        if (await connection.Command(ActiveSql, ("sectors", sectors)).OneAsync(static row => row.GetInt32(0), cancellation) != sectors.Length)
        {
            throw RefusedException.Invalid("sectors", "Names a sector that there is not, or not any more.");
        }

        await connection.Command(ClearSql, ("asset", asset), ("sectors", sectors)).ExecuteAsync(cancellation);
        await connection.Command(NoPrimarySql, ("asset", asset), ("primary", Array.Find(shares, static share => share.IsPrimary)?.SectorId ?? 0)).ExecuteAsync(cancellation);
        await connection.Command(
            MapSql, ("asset", asset), ("sectors", sectors),
            ("percents", Array.ConvertAll(shares, static share => share.AllocationPercentage)),
            ("primaries", Array.ConvertAll(shares, static share => share.IsPrimary))).ExecuteAsync(cancellation);
        await AuditAsync(connection, actor, "asset", "update", asset, new { symbol, sectors = shares, before = before.Shares }, cancellation);
        var after = await ReadMappingAsync(connection, symbol, asset, cancellation);
        await transaction.CommitAsync(cancellation);
        return after;
    }

    private static async Task<SectorMapping> ReadMappingAsync(NpgsqlConnection connection, string symbol, long asset, CancellationToken cancellation)
    {
        var shares = await connection.Command(SharesSql, ("asset", asset))
            .AllAsync(static row => new SectorShare(row.GetInt64(0), row.GetDecimal(1), row.GetBoolean(2)), cancellation);
        return new SectorMapping(symbol, shares, VersionOf(shares));
    }

    /// <summary>FNV-1a over the content, so that whoever read the same content has the same version.</summary>
    private static long VersionOf(SectorShare[] shares)
    {
        var hash = 14695981039346656037UL;
        foreach (var share in shares)
        {
            Add((ulong)share.SectorId);
            Add((ulong)(share.AllocationPercentage * 1_000_000));
            Add(share.IsPrimary ? 1UL : 0);
        }

        return (long)(hash >> 1);

        void Add(ulong value) => hash = unchecked((hash ^ value) * 1099511628211UL);
    }

    private static async Task<Sector> HoldAsync(NpgsqlConnection connection, long id, long? version, CancellationToken cancellation)
    {
        var sector = await connection.Command(HoldSql, ("id", id)).OneAsync(Read, cancellation) ?? throw RefusedException.NotFound("sector");
        return version is { } read && read != sector.Version
            ? throw new RefusedException(Refusal.Stale, "The sector was changed meanwhile: read it again.")
            : sector;
    }

    private static async Task<T> NamedAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new RefusedException(Refusal.Conflict, "There is a sector of this name, or was one: change that one.");
        }
    }

    private static Task AuditAsync(
        NpgsqlConnection connection, Actor actor, string entity, string action, long id, object details, CancellationToken cancellation) =>
        ActivityStore.AddAsync(
            connection, actor, new Activity("administration", entity, action, id, JsonSerializer.Serialize(details, JsonSerializerOptions.Web)), cancellation);

    private static async Task<Sector> EndAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long id, CancellationToken cancellation)
    {
        var stored = (await connection.Command(GetSql, ("id", id)).OneAsync(Read, cancellation))!;
        await transaction.CommitAsync(cancellation);
        return stored;
    }

    private static Sector Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.Text(2), row.GetBoolean(3), row.GetInt32(4),
        row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetInt64(7));
}
