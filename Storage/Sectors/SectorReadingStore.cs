using System.Text.Json;
using System.Text.Json.Serialization;
using CryptoAI.Grains.Interfaces.Sectors;
using CryptoAI.Storage.Users;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Storage.Sectors;

/// <summary>What was told of sectors: sector_performance and sector_rotation_analysis, one row for each sector, or pair of sectors, and hour.</summary>
public sealed class SectorReadingStore(NpgsqlDataSource dataSource)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };

    // A row that says the same already is left alone.
    private const string PerformancesSql =
        """
        insert into sector_performance as stored (
            sector_id, created_at, performance_24h, performance_7d, performance_30d, volume_change, market_cap_change, performance_metrics)
        select sector, @at, round(day::numeric, 6), round(week::numeric, 6), round(month::numeric, 6), round(volume::numeric, 6), round(cap::numeric, 6), metrics
        from unnest(@sectors, @days, @weeks, @months, @volumes, @caps, @metrics) as given (sector, day, week, month, volume, cap, metrics)
        on conflict (sector_id, created_at) do update set
            performance_24h = excluded.performance_24h,
            performance_7d = excluded.performance_7d,
            performance_30d = excluded.performance_30d,
            volume_change = excluded.volume_change,
            market_cap_change = excluded.market_cap_change,
            performance_metrics = excluded.performance_metrics
        where (stored.performance_24h, stored.performance_7d, stored.performance_30d, stored.volume_change, stored.market_cap_change, stored.performance_metrics)
            is distinct from (excluded.performance_24h, excluded.performance_7d, excluded.performance_30d, excluded.volume_change, excluded.market_cap_change,
                excluded.performance_metrics)
        """;

    // What is not claimed any more for that hour goes.
    private const string DropRotationsSql =
        """
        delete from sector_rotation_analysis as stored
        where created_at = @at and not exists (
            select from unnest(@from, @to) as given (source, target) where source = stored.from_sector_id and target = stored.to_sector_id)
        """;

    private const string RotationsSql =
        """
        insert into sector_rotation_analysis as stored (from_sector_id, to_sector_id, created_at, rotation_strength, confidence_score, rotation_indicators)
        select source, target, @at, round(strength::numeric, 6), round(confidence::numeric, 6), indicators
        from unnest(@from, @to, @strengths, @confidences, @indicators) as given (source, target, strength, confidence, indicators)
        on conflict (from_sector_id, to_sector_id, created_at) do update set
            rotation_strength = excluded.rotation_strength,
            confidence_score = excluded.confidence_score,
            rotation_indicators = excluded.rotation_indicators
        where (stored.rotation_strength, stored.confidence_score, stored.rotation_indicators)
            is distinct from (excluded.rotation_strength, excluded.confidence_score, excluded.rotation_indicators)
        """;

    private const string DeletePerformancesSql = "delete from sector_performance where created_at < @before";
    private const string DeleteRotationsSql = "delete from sector_rotation_analysis where created_at < @before";

    private const string Columns =
        """
        sector_id, created_at, performance_24h::double precision, performance_7d::double precision, performance_30d::double precision,
            volume_change::double precision, market_cap_change::double precision, performance_metrics
        """;

    private const string NewestSql =
        $"""
        select p.* from crypto_sectors s
        cross join lateral (select {Columns} from sector_performance where sector_id = s.id order by created_at desc limit 1) as p
        where s.is_active
        """;

    private const string HistorySql =
        $"""
        select {Columns} from sector_performance
        where sector_id = @sector and (@before::timestamptz is null or created_at < @before)
        order by created_at desc limit @limit
        """;

    /// <summary>Stores what was told for an hour, in one transaction.</summary>
    /// <param name="at">The hour.</param>
    /// <param name="readings">One for each sector.</param>
    /// <param name="rotations">All of the hour.</param>
    /// <param name="cancellation">Ends the statements.</param>
    /// <returns>How many rows were written.</returns>
    public async Task<(int Performances, int Rotations)> WriteAsync(
        DateTimeOffset at, IReadOnlyList<SectorReading> readings, RotationReading rotations, CancellationToken cancellation)
    {
        at = at.ToUniversalTime();
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var performances = connection.Command(
            PerformancesSql,
            ("at", at),
            ("sectors", Of(readings, static reading => reading.SectorId)),
            ("days", Of(readings, static reading => reading.Performance24h)),
            ("weeks", Of(readings, static reading => reading.Performance7d)),
            ("months", Of(readings, static reading => reading.Performance30d)),
            ("volumes", Of(readings, static reading => reading.VolumeChange)),
            ("caps", Of(readings, static reading => reading.MarketCapChange)));
        AddJson(performances, "metrics", Of(readings, static reading => JsonSerializer.Serialize(reading.Metrics, Json)));
        var written = await performances.ExecuteNonQueryAsync(cancellation);

        var (from, to) = (Of(rotations.Rotations, static one => one.FromId), Of(rotations.Rotations, static one => one.ToId));
        var dropped = await connection.Command(DropRotationsSql, ("at", at), ("from", from), ("to", to)).ExecuteAsync(cancellation);
        var standings = rotations.Sectors.ToDictionary(static sector => sector.Id);
        await using var claims = connection.Command(
            RotationsSql, ("at", at), ("from", from), ("to", to),
            ("strengths", Of(rotations.Rotations, static one => one.Strength)),
            ("confidences", Of(rotations.Rotations, static one => one.Confidence)));
        AddJson(claims, "indicators", Of(rotations.Rotations, one => JsonSerializer.Serialize(
            new { from = standings[one.FromId].Standing, to = standings[one.ToId].Standing }, Json)));
        var claimed = await claims.ExecuteNonQueryAsync(cancellation);

        await transaction.CommitAsync(cancellation);
        return (written, claimed + dropped);
    }

    /// <summary>Deletes what was told for hours before a time.</summary>
    /// <returns>How many rows.</returns>
    public async Task<int> DeleteAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(DeletePerformancesSql, ("before", before.ToUniversalTime())).ExecuteAsync(cancellation)
            + await connection.Command(DeleteRotationsSql, ("before", before.ToUniversalTime())).ExecuteAsync(cancellation);
    }

    /// <summary>The newest reading of every active sector that has one.</summary>
    public async Task<SectorReading[]> ListNewestAsync(CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await connection.Command(NewestSql).AllAsync(Read, cancellation);
    }

    /// <summary>Readings of a sector, newest first.</summary>
    /// <param name="sectorId">crypto_sectors.id.</param>
    /// <param name="before">Earlier ones only; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the statement.</param>
    public async Task<SectorReading[]> ListAsync(long sectorId, DateTimeOffset? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = connection.Command(HistorySql, ("sector", sectorId), ("limit", limit));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("before", before?.ToUniversalTime()) { NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return await command.AllAsync(Read, cancellation);
    }

    private static SectorReading Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), Number(row, 2), Number(row, 3), Number(row, 4), Number(row, 5), Number(row, 6),
        JsonSerializer.Deserialize<SectorMetrics>(row.GetString(7), Json)!);

    private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static TValue[] Of<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value) => [.. rows.Select(value)];

    private static void AddJson(NpgsqlCommand command, string name, string[] texts) =>
        command.Parameters.Add(new NpgsqlParameter(name, NpgsqlDbType.Array | NpgsqlDbType.Jsonb) { Value = texts });
}
