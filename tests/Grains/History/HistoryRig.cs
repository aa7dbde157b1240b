using System.IO.Compression;
using System.Text;
using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Market;
using CryptoAI.Tests.Postgres;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Grains.History;

/// <summary>A database, and a folder of files to import into it.</summary>
internal sealed class HistoryRig : IAsyncDisposable
{
    private readonly TestDatabase _database;

    private HistoryRig(TestDatabase database)
    {
        _database = database;
        Store = new CandleHistoryStore(database.DataSource);
        Candles = new CandleStore(database.DataSource);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("cryptoai-import-").FullName;

    public CandleHistoryStore Store { get; }

    public CandleStore Candles { get; }

    public TestDatabase Database => _database;

    public static async Task<HistoryRig> CreateAsync() => new(await PostgresFixture.CreateDatabaseAsync());

    public string Write(string name, params string[] lines)
    {
        var path = Path.Combine(Folder, name);
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        using var file = File.Create(path);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(file, CompressionLevel.Fastest);
            gzip.Write(bytes);
        }
        else if (name.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create);
            using var entry = zip.CreateEntry(Path.ChangeExtension(name, ".csv")).Open();
            entry.Write(bytes);
        }
        else
        {
            file.Write(bytes);
        }

        return path;
    }

    /// <summary>A file of minutes from midnight of 2024-02-29 on, with a price that moves.</summary>
    public string WriteMinutes(string name, int count, Func<int, bool>? isThere = null) => Write(
        name,
        ["open_time_utc,open,high,low,close,volume",
            .. Enumerable.Range(0, count).Where(isThere ?? (static _ => true)).Select(static i => FormattableString.Invariant(
                $"{Midnight.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{100 + (i % 7)},{110 + (i % 7)},{90 + (i % 5)},{101 + (i % 3)},{1 + (i % 4)}.5"))]);

    public static DateTimeOffset Midnight { get; } = new(2024, 2, 29, 0, 0, 0, TimeSpan.Zero);

    public ImportFile Plan(string path) => ImportPlan.Make([path], null, null, null).Files.Single();

    public Task<HistoryReport> ImportAsync(string path, bool replace = false, CandleImporter? importer = null) =>
        (importer ?? new CandleImporter(Store, TimeProvider.System)).ImportAsync(Plan(path), create: true, replace, static _ => { }, CancellationToken.None);

    public Task<CandleFileException> RefusedAsync(string path) => Should.ThrowAsync<CandleFileException>(() => ImportAsync(path));

    /// <summary>Everything in price_data but the ids, as one text.</summary>
    public Task<string?> RowsAsync() => ScalarAsync<string>(
        """
        select string_agg(row(
                symbol, timeframe, candle_time, open_price, high_price, low_price, close_price, volume, base_volume, quote_volume, trade_count,
                provenance)::text, '|' order by symbol, timeframe, candle_time)
        from price_data p join cryptocurrencies c on c.id = p.crypto_id
        """);

    /// <summary>Everything in market_caps and its updates, as one text.</summary>
    public Task<string?> RowsOfCapsAsync() => ScalarAsync<string>(
        "select md5(string_agg(m::text || m.xmin::text, '|' order by crypto_id, observed_at)) || (select max(xmin::text::bigint) from cryptocurrencies) from market_caps m");

    public async Task<Candle[]> ReadAsync(Timeframe timeframe, string symbol = "BTC") => await Candles.ReadAsync(
        (await Store.FindAsync(symbol, create: false, CancellationToken.None))!.Value, symbol, timeframe, null, null, int.MaxValue, newestFirst: false, CancellationToken.None);

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Folders.Remove(Folder);
    }
}
