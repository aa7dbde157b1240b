using System.Diagnostics;
using System.Globalization;
using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace CryptoAI.Bench.Import;

/// <summary>
/// Import of a folder of candle files, beside a bare COPY of the very rows that it stores, in turn. The import unpacks and parses the files, checks
/// them against each other and against what is stored; the bare COPY has the rows in memory.
/// </summary>
public static class ImportBench
{
    private const int Rounds = 3;
    private const double Limit = 0.5;

    private const string HashSql =
        "select md5(string_agg(md5(p::text || xmin::text), '' order by crypto_id, timeframe, candle_time)) from price_data p";

    private const string ReadSql =
        """
        select crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, trade_count, provenance
        from price_data order by crypto_id, timeframe, candle_time
        """;

    private sealed record Row(
        long CryptoId, string Timeframe, DateTime Time, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume, decimal? Base, decimal? Quote,
        long? Trades, string Provenance);

    /// <summary>Runs in databases of its own on the server, which are dropped at the end.</summary>
    /// <returns>0 when the ratio is within its limit and a second import changes nothing, else 1; 2 without files.</returns>
    public static async Task<int> RunAsync(string connectionString, string folder)
    {
        var plan = Directory.Exists(folder) ? ImportPlan.Make([folder], null, null, null) : new ImportPlan([], []);
        if (plan.Files.Count == 0)
        {
            await Console.Error.WriteLineAsync($"There are no candle files in {folder}.");
            return 2;
        }

        Console.WriteLine($"{plan.Files.Count} candle files, {plan.Files.Sum(static file => new FileInfo(file.Path).Length) / 1e6:N1} MB packed; {plan.Skipped.Count} others left out");
        var imports = new List<double>();
        var copies = new List<double>();
        var isSame = true;
        for (var round = 0; round <= Rounds; round++)
        {
            var (import, copy, same) = await RoundAsync(connectionString, plan, isFirst: round == 0);
            isSame &= same;

            // The first round only warms up.
            if (round > 0)
            {
                imports.Add(import);
                copies.Add(copy);
            }
        }

        var ratio = Median(imports) / Median(copies);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  import {Median(imports),12:N0} rows/s   ({imports.Min():N0} to {imports.Max():N0})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  bare COPY {Median(copies),9:N0} rows/s   ({copies.Min():N0} to {copies.Max():N0})"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  import / bare COPY {ratio:F2}   (limit {Limit:F1}: {(ratio >= Limit ? "kept" : "MISSED")})"));
        Console.WriteLine($"  a second import changes nothing, row versions included: {(isSame ? "kept" : "MISSED")}");
        return ratio >= Limit && isSame ? 0 : 1;
    }

    private static async Task<(double Import, double Copy, bool IsSame)> RoundAsync(string connectionString, ImportPlan plan, bool isFirst)
    {
        Row[] rows;
        double import;
        bool isSame;
        await using (var database = await OpenAsync(connectionString, "bench_import"))
        {
            var (stored, seconds) = await ImportAsync(database.Source, plan, isFirst);
            import = stored / seconds;
            var before = await database.ScalarAsync<string>(HashSql);
            var (again, againSeconds) = await ImportAsync(database.Source, plan, report: false);
            isSame = again == 0 && before == await database.ScalarAsync<string>(HashSql);
            if (isFirst)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  {stored:N0} rows stored; the second import looks them all up in {againSeconds:F1} s and stores {again}"));
                await RollUpAsync(database.Source, plan);
            }

            rows = isFirst ? [] : await ReadAsync(database.Source);
        }

        if (isFirst)
        {
            return (import, 0, isSame);
        }

        await using var bare = await OpenAsync(connectionString, "bench_copy");
        await PrepareAsync(bare.Source, rows);
        var started = Stopwatch.GetTimestamp();
        await CopyAsync(bare.Source, rows);
        return (import, rows.Length / Stopwatch.GetElapsedTime(started).TotalSeconds, isSame);
    }

    private static async Task<(long Stored, double Seconds)> ImportAsync(NpgsqlDataSource source, ImportPlan plan, bool report)
    {
        var importer = new CandleImporter(new CandleHistoryStore(source), TimeProvider.System);
        var totals = default(ImportCounts);
        long refused = 0;
        long gaps = 0;
        var started = Stopwatch.GetTimestamp();
        foreach (var file in plan.Files)
        {
            var one = await importer.ImportAsync(file, create: true, replace: false, static _ => { }, CancellationToken.None);
            totals += one.Counts;
            refused += one.Refused;
            gaps += one.Gaps.Count;
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (report)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {totals.New + totals.Equal + totals.Replaced + totals.Differing:N0} rows read: {totals.New:N0} new, {totals.Equal:N0} equal, {totals.Replaced:N0} replaced, {totals.Differing:N0} differing, {refused:N0} refused, {gaps:N0} gaps"));
        }

        return (totals.New, seconds);
    }

    private static async Task RollUpAsync(NpgsqlDataSource source, ImportPlan plan)
    {
        var importer = new CandleImporter(new CandleHistoryStore(source), TimeProvider.System);
        foreach (var file in plan.Files)
        {
            await importer.ImportAsync(file, create: true, replace: false, static _ => { }, CancellationToken.None);
        }

        var started = Stopwatch.GetTimestamp();
        var lines = await importer.RollUpAsync(CancellationToken.None);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  rolling up what is missing: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s, {lines.Count} series"));
    }

    private static async Task<Row[]> ReadAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(ReadSql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetInt64(0), reader.GetString(1), reader.GetDateTime(2), reader.GetDecimal(3), reader.GetDecimal(4), reader.GetDecimal(5), reader.GetDecimal(6),
                reader.GetDecimal(7), reader.IsDBNull(8) ? null : reader.GetDecimal(8), reader.IsDBNull(9) ? null : reader.GetDecimal(9),
                reader.IsDBNull(10) ? null : reader.GetInt64(10), reader.GetString(11)));
        }

        return [.. rows];
    }

    private static async Task PrepareAsync(NpgsqlDataSource source, Row[] rows)
    {
        await using var assets = source.CreateCommand(
            "insert into cryptocurrencies (id, symbol, name) overriding system value select id, 'S' || id, 'S' || id from unnest(@ids) as i (id)");
        assets.Parameters.AddWithValue("ids", rows.Select(static row => row.CryptoId).Distinct().ToArray());
        await assets.ExecuteNonQueryAsync();
        await using var months = source.CreateCommand("select ensure_price_partitions(@from, @to)");
        months.Parameters.AddWithValue("from", rows.Min(static row => row.Time));
        months.Parameters.AddWithValue("to", rows.Max(static row => row.Time));
        await months.ExecuteNonQueryAsync();
    }

    /// <summary>One COPY of all rows. Not awaited field by field: the driver is faster this way.</summary>
    private static async Task CopyAsync(NpgsqlDataSource source, Row[] rows)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var import = await connection.BeginBinaryImportAsync(
            """
            copy price_data (crypto_id, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume,
                trade_count, provenance) from stdin (format binary)
            """);
        Write(import, rows);
        await import.CompleteAsync();
    }

    private static void Write(NpgsqlBinaryImporter import, Row[] rows)
    {
        foreach (var row in rows)
        {
            import.StartRow();
            import.Write(row.CryptoId, NpgsqlDbType.Bigint);
            import.Write(row.Timeframe, NpgsqlDbType.Varchar);
            import.Write(row.Time, NpgsqlDbType.TimestampTz);
            import.Write(row.Open, NpgsqlDbType.Numeric);
            import.Write(row.High, NpgsqlDbType.Numeric);
            import.Write(row.Low, NpgsqlDbType.Numeric);
            import.Write(row.Close, NpgsqlDbType.Numeric);
            import.Write(row.Volume, NpgsqlDbType.Numeric);
            Write(import, row.Base);
            Write(import, row.Quote);
            if (row.Trades is { } trades)
            {
                import.Write(trades, NpgsqlDbType.Bigint);
            }
            else
            {
                import.WriteNull();
            }

            import.Write(row.Provenance, NpgsqlDbType.Varchar);
        }
    }

    private static void Write(NpgsqlBinaryImporter import, decimal? value)
    {
        if (value is { } known)
        {
            import.Write(known, NpgsqlDbType.Numeric);
        }
        else
        {
            import.WriteNull();
        }
    }

    private static async Task<OwnDatabase> OpenAsync(string server, string name)
    {
        name = $"{name}_{Environment.ProcessId}";
        await OwnDatabase.OnServerAsync(server, $"create database {name}");
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server) { Database = name });
        await new MigrationRunner(NullLogger<MigrationRunner>.Instance).RunAsync(source, includeOrleans: false, CancellationToken.None);
        return new OwnDatabase(server, name, source);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private sealed record OwnDatabase(string Server, string Name, NpgsqlDataSource Source) : IAsyncDisposable
    {
        public async Task<T> ScalarAsync<T>(string sql)
        {
            await using var command = Source.CreateCommand(sql);
            command.CommandTimeout = 300;
            return (T)(await command.ExecuteScalarAsync())!;
        }

        public async ValueTask DisposeAsync()
        {
            await Source.DisposeAsync();
            await OnServerAsync(Server, $"drop database {Name} with (force)");
            await OnServerAsync(Server, "checkpoint");
        }

        public static async Task OnServerAsync(string server, string sql)
        {
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
