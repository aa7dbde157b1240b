using CryptoAI.Storage.Embedded;
using CryptoAI.Storage.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Silo.Hosting;

/// <summary>
/// The database of this process: the one that <c>ConnectionStrings:Postgres</c> names, or a private server in <c>.data/postgres</c>
/// below the working folder. Opened before the host is built and closed after it has stopped.
/// </summary>
public sealed class ProductDatabase : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _embedded;

    private ProductDatabase(string connectionString, EmbeddedPostgres? embedded)
    {
        ConnectionString = connectionString;
        _embedded = embedded;
    }

    public string ConnectionString { get; }

    /// <summary>Where the data lies, for the start message: no password in it.</summary>
    public string Description => _embedded is null
        ? Describe(ConnectionString)
        : $"private PostgreSQL {_embedded.Version} in {_embedded.DataFolder}";

    /// <exception cref="EmbeddedPostgresException">No database is configured and none can be started here.</exception>
    public static async Task<ProductDatabase> OpenAsync(IConfiguration configuration, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (configuration.GetConnectionString("Postgres") is { Length: > 0 } given)
        {
            return new ProductDatabase(given, null);
        }

        var folder = Path.Combine(configuration["Data:Folder"] ?? ".data", "postgres");
        var embedded = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.GetFullPath(folder) }, logs, cancellation);
        return new ProductDatabase(embedded.ConnectionString, embedded);
    }

    /// <summary>Brings the schema up to date; safe to call from several processes at once.</summary>
    public async Task<MigrationResult> MigrateAsync(ILoggerFactory logs, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        return await new MigrationRunner(logs.CreateLogger<MigrationRunner>()).RunAsync(source, Engine.NeedsOrleansTables, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    private static string Describe(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL {parts.Database} on {parts.Host}:{parts.Port}";
    }
}
