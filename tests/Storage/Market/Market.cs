using System.Diagnostics.Metrics;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage;
using CryptoAI.Storage.Market;
using CryptoAI.Tests.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Tests.Storage.Market;

/// <summary>A database with assets in it, and writers on it.</summary>
internal sealed class Market : IAsyncDisposable
{
    public static readonly DateTimeOffset Midnight = new(2025, 5, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TestDatabase _database;

    // What a test asks with is no part of what it watches: none of the connections here is lost without being noticed.
    private readonly NpgsqlDataSource _asking;
    private readonly List<SnapshotWriter> _writers = [];

    private Market(TestDatabase database)
    {
        _database = database;
        _asking = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public NpgsqlDataSource DataSource => _database.DataSource;

    public string ConnectionString => _database.ConnectionString;

    public CryptocurrencyStore Cryptocurrencies => new(DataSource);

    public CandleStore Candles => new(DataSource);

    public static async Task<Market> CreateAsync() => new(await PostgresFixture.CreateDatabaseAsync());

    public static SymbolInfo Info(string symbol) => new(symbol, symbol + "USDT", "USDT", 0.01m, 0.00001m);

    public static Candle Candle(
        DateTimeOffset time, decimal close = 100m, Timeframe timeframe = Timeframe.M1, string symbol = "BTC",
        CandleProvenance provenance = CandleProvenance.Streamed, Indicators? indicators = null, decimal volume = 1234.56m) =>
        new(symbol, timeframe, time, close, close + 1, close - 1, close, volume, 12.5m, 42, provenance, IsClosed: true, indicators);

    public static Candle[] Minutes(int count, DateTimeOffset? from = null, decimal close = 100m) =>
        [.. Enumerable.Range(0, count).Select(i => Candle((from ?? Midnight).AddMinutes(i), close))];

    public Task<long> AddAsync(string symbol = "BTC") => Cryptocurrencies.EnsureAsync(Info(symbol), "binance", CancellationToken.None);

    /// <summary>A writer that is stopped with the market. A data source of its own is what another process would have.</summary>
    public SnapshotWriter Writer(Action<StorageOptions>? configure = null, NpgsqlDataSource? dataSource = null, TimeProvider? clock = null)
    {
        var options = new StorageOptions { QuoteInterval = TimeSpan.FromMilliseconds(20) };
        configure?.Invoke(options);
        var writer = new SnapshotWriter(
            dataSource ?? DataSource,
            Options.Create(options),
            clock ?? TimeProvider.System,
            _services.GetRequiredService<IMeterFactory>(),
            NullLogger<SnapshotWriter>.Instance);
        _writers.Add(writer);
        return writer;
    }

    public async Task<SnapshotWriter> StartedWriterAsync(Action<StorageOptions>? configure = null)
    {
        var writer = Writer(configure);
        await writer.StartAsync(CancellationToken.None);
        return writer;
    }

    public Task<Candle[]> ReadAsync(long cryptoId, Timeframe timeframe = Timeframe.M1) =>
        Candles.ReadAsync(cryptoId, "BTC", timeframe, null, null, 1_000_000, newestFirst: false, CancellationToken.None);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _asking.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _asking.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends every connection to this database but the one that does it, and optionally lets no new one in.</summary>
    public async Task DisconnectEveryoneAsync(bool stayAway = false)
    {
        if (stayAway)
        {
            await OnServerAsync($"alter database {_database.Name} with allow_connections false");
        }

        await OnServerAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{_database.Name}'");
        _asking.Clear();
    }

    /// <summary>Keeps every writer of candles waiting until the connection is disposed of.</summary>
    public static async Task<NpgsqlConnection> LockedAsync(string connectionString)
    {
        var connection = await AloneAsync(connectionString);
        await using var command = new NpgsqlCommand("begin; lock table price_data in share mode", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Until somebody waits for a lock.</summary>
    public static async Task WaitingAsync(string connectionString)
    {
        await using var connection = await AloneAsync(connectionString);
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())", connection);
        await Shared.Eventually.TrueAsync(async () => await command.ExecuteScalarAsync() is true);
    }

    public Task LetInAsync() => OnServerAsync($"alter database {_database.Name} with allow_connections true");

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers)
        {
            await writer.DisposeAsync();
        }

        await _services.DisposeAsync();
        await _asking.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<NpgsqlConnection> AloneAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task OnServerAsync(string sql)
    {
        var server = await PostgresFixture.ServerAsync();
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
