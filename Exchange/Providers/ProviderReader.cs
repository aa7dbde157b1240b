using System.Globalization;
using System.Text;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Providers;

/// <summary>Values of one series in an answer.</summary>
/// <param name="Holes">Rows that have a time and no value.</param>
public sealed record SeriesReading(
    string Name, Timeframe Timeframe, string? Unit, IReadOnlyList<(DateTimeOffset Time, decimal Value)> Values, int Holes);

/// <summary>Figures of one asset in an answer, as stated.</summary>
public sealed record CapReading(
    string? Symbol, string? Id, DateTimeOffset Time, decimal? MarketCap, decimal? Price, decimal? CirculatingSupply, decimal? Volume24h);

/// <summary>What an answer holds.</summary>
public sealed record ProviderAnswer(IReadOnlyList<SeriesReading> Series, IReadOnlyList<CapReading> Caps);

/// <summary>Reads answers by their mapping.</summary>
public static class ProviderReader
{
    private const int MaxRows = 2_000_000;

    /// <summary>Sources may stamp a day by its end, or live east of Greenwich; what lies further ahead of the clock is an error.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <param name="body">The answer, UTF-8.</param>
    /// <param name="options">The mapping.</param>
    /// <param name="askedAt">Now: the time of values whose row has none, and what no row's time may exceed by more than a day.</param>
    /// <exception cref="ProviderException">The answer is not as the mapping says, or tells of the future. Nothing of it is to be used.</exception>
    public static ProviderAnswer Read(ReadOnlyMemory<byte> body, ProviderOptions options, DateTimeOffset askedAt)
    {
        if (options.Format == ProviderFormat.Csv)
        {
            return Read(CsvRows(body), options, askedAt);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(JsonRows(document.RootElement, options.Rows), options, askedAt);
        }
        catch (JsonException exception)
        {
            throw new ProviderException($"The answer is no JSON: {exception.Message}", exception);
        }
    }

    private static ProviderAnswer Read(IEnumerable<ProviderRow> rows, ProviderOptions options, DateTimeOffset askedAt)
    {
        var series = options.Series.Select(static entry => (entry.Key, Mapping: entry.Value, Values: new List<(DateTimeOffset, decimal)>())).ToArray();
        var holes = new int[series.Length];
        var caps = new List<CapReading>();
        var count = 0;
        foreach (var row in rows)
        {
            if (++count > MaxRows)
            {
                throw new ProviderException($"The answer has more than {MaxRows} rows.");
            }

            var time = options.Time.Length == 0 ? askedAt : row.Time(options.Time, options.TimeFormat);
            if (time > askedAt + Ahead)
            {
                throw new ProviderException(string.Create(
                    CultureInfo.InvariantCulture, $"'{options.Time}' holds {time.UtcDateTime:u}, more than a day after now, {askedAt.UtcDateTime:u}. Nothing of the answer is stored."));
            }

            for (var i = 0; i < series.Length; i++)
            {
                if (row.Number(series[i].Mapping.Value) is { } value)
                {
                    series[i].Values.Add((time, Times(value, series[i].Mapping.Factor)));
                }
                else
                {
                    holes[i]++;
                }
            }

            if (options.Caps is { } map)
            {
                caps.Add(new CapReading(
                    map.Symbol.Length == 0 ? null : row.Find(map.Symbol)?.Trim(),
                    map.Id.Length == 0 ? null : row.Find(map.Id)?.Trim(),
                    time,
                    row.Number(map.MarketCap),
                    row.Number(map.Price),
                    row.Number(map.CirculatingSupply),
                    row.Number(map.Volume24h)));
            }
        }

        return new ProviderAnswer(
            [.. series.Select((one, i) => new SeriesReading(one.Key, Timeframes.Parse(one.Mapping.Timeframe), one.Mapping.Unit, one.Values, holes[i]))], caps);
    }

    private static decimal Times(decimal value, decimal factor)
    {
        try
        {
            return value * factor;
        }
        catch (OverflowException exception)
        {
            throw new ProviderException($"The value {value} is too large.", exception);
        }
    }

    private static IEnumerable<ProviderRow> JsonRows(JsonElement root, string path)
    {
        if (JsonRow.Walk(root, path) is not { } rows || rows.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            throw new ProviderException($"There is no array and no object at '{path}'.");
        }

        return rows.ValueKind == JsonValueKind.Object ? [new JsonRow(rows)] : rows.EnumerateArray().Select(static row => new JsonRow(row));
    }

    private static IEnumerable<ProviderRow> CsvRows(ReadOnlyMemory<byte> body)
    {
        using var reader = new StreamReader(new MemoryStream(body.ToArray()), Encoding.UTF8);
        if (reader.ReadLine() is not { Length: > 0 } header)
        {
            throw new ProviderException("The file is empty.");
        }

        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, place) in Fields(header).Select(static (name, place) => (name.Trim(), place)))
        {
            columns.TryAdd(name, place);
        }

        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return new CsvRow(columns, Fields(line));
            }
        }
    }

    /// <summary>The fields of a line; a quoted one may hold commas and doubled quotes, but no line breaks.</summary>
    private static string[] Fields(string line)
    {
        if (!line.Contains('"', StringComparison.Ordinal))
        {
            return line.Split(',');
        }

        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
            {
                if (isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = !isQuoted;
                }
            }
            else if (line[i] == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        fields.Add(field.ToString());
        return [.. fields];
    }
}
