using System.Text.Json.Nodes;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Operations.Providers;
using CryptoAI.Storage.Macro;
using Npgsql;

namespace CryptoAI.Silo.History;

/// <summary>Takes series and capitalisations from CSV files with a header, packed (.gz) or not.</summary>
public sealed class SeriesImport(NpgsqlDataSource source, TimeProvider time)
{
    private static readonly string[] TimeColumns = ["date_utc", "time_utc", "date", "time", "timestamp", "datetime", "observation_date"];
    private static readonly string[] ValueColumns = ["value", "close", "usd"];

    /// <summary>Takes one series from a file. Values that are stored already stay, also where the file differs.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The series: vix.</param>
    /// <param name="timeframe">How far apart its values are meant to be.</param>
    /// <param name="column">Where the value lies; null: in the only other column beside the time, else in value, close or usd.</param>
    /// <param name="from">Who states it; null: the file's name.</param>
    /// <param name="cancellation">Ends it between batches.</param>
    /// <exception cref="ProviderException">The file cannot be read. Nothing of it is stored.</exception>
    public async Task<JsonObject> ImportAsync(string path, string name, Timeframe timeframe, string? column, string? from, CancellationToken cancellation)
    {
        var columns = await ColumnsAsync(path, cancellation);
        var when = TimeColumn(columns);
        var options = Options(path, when);
        options.Series[name] = new SeriesMapping { Value = column ?? ValueColumn(columns, when), Timeframe = timeframe.Code() };
        return await StoreAsync(path, options, from, cancellation);
    }

    /// <summary>Takes capitalisations from a file with the columns symbol or coin_id, market_cap_usd, and price_usd, circulating_supply, volume_24h_usd where it has them.</summary>
    /// <inheritdoc cref="ImportAsync" path="/param"/>
    /// <param name="create">Whether unknown assets are made, as ones that the feed does not follow.</param>
    /// <exception cref="ProviderException">The file cannot be read. Nothing of it is stored.</exception>
    public async Task<JsonObject> ImportCapsAsync(string path, bool create, string? from, CancellationToken cancellation)
    {
        var columns = await ColumnsAsync(path, cancellation);
        var options = Options(path, TimeColumn(columns));
        options.Caps = new CapMapping
        {
            Symbol = Find("symbol"),
            Id = Find("coin_id", "id"),
            MarketCap = Find("market_cap_usd", "market_cap"),
            Price = Find("price_usd", "price"),
            CirculatingSupply = Find("circulating_supply"),
            Volume24h = Find("volume_24h_usd", "volume_usd", "volume_24h"),
            Create = create,
        };
        return options.Caps.MarketCap.Length > 0 && (options.Caps.Symbol.Length > 0 || options.Caps.Id.Length > 0)
            ? await StoreAsync(path, options, from, cancellation)
            : throw new ProviderException($"{Path.GetFileName(path)}: it has no column market_cap_usd, or neither symbol nor coin_id, but {string.Join(", ", columns)}.");

        string Find(params string[] names) => Array.Find(names, name => columns.Contains(name, StringComparer.OrdinalIgnoreCase)) ?? "";
    }

    private async Task<JsonObject> StoreAsync(string path, ProviderOptions options, string? from, CancellationToken cancellation)
    {
        using var client = new ProviderClient(time, static _ => { });
        var answer = await client.ReadFileAsync(path, options, cancellation);
        return await new ProviderIntake(new SeriesStore(source), new MarketCapStore(source))
            .StoreAsync(from ?? Path.GetFileName(path), answer, options.Caps, revise: false, cancellation);
    }

    private static ProviderOptions Options(string path, string when) => new() { Address = path, Format = ProviderFormat.Csv, Time = when, MaxBytes = 256 * 1024 * 1024 };

    private static Task<string[]> ColumnsAsync(string path, CancellationToken cancellation) => ProviderFile.ReadAsync(path, async text =>
    {
        using var reader = new StreamReader(text);
        return await reader.ReadLineAsync(cancellation) is { Length: > 0 and < 10_000 } header
            ? Array.ConvertAll(header.Split(','), static column => column.Trim().Trim('"'))
            : throw new ProviderException("it has no header.");
    });

    private static string TimeColumn(string[] columns) =>
        Array.Find(TimeColumns, name => columns.Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new ProviderException($"No column is called {string.Join(" or ", TimeColumns.Take(3))}; there are {string.Join(", ", columns)}.");

    private static string ValueColumn(string[] columns, string when) =>
        columns.Length == 2 ? columns.First(column => !string.Equals(column, when, StringComparison.OrdinalIgnoreCase))
        : Array.Find(ValueColumns, name => columns.Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new ProviderException($"--column says which column holds the values: {string.Join(", ", columns)}.");
}
