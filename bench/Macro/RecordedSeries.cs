using System.Globalization;
using System.IO.Compression;
using CryptoAI.Analysis.Series;

namespace CryptoAI.Bench.Macro;

/// <summary>Daily series of the recorded market data beside the repository (<c>../shared/data</c>, or <c>$CRYPTOAI_SHARED/data</c>).</summary>
internal static class RecordedSeries
{
    /// <exception cref="FileNotFoundException">The recorded data is absent.</exception>
    public static IEnumerable<string[]> Rows(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Find(file)), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }

    /// <summary>Values by day: a column of a file whose first column is the day.</summary>
    public static SortedDictionary<DateOnly, double> Daily(string file, int column)
    {
        var values = new SortedDictionary<DateOnly, double>();
        foreach (var row in Rows(file))
        {
            values[Day(row[0])] = Number(row[column]);
        }

        return values;
    }

    /// <summary>Closes of a daily candle file, looked over: its newest whole run.</summary>
    public static IReadOnlyList<DailyPoint> Candles(string file, string name)
    {
        var report = SeriesCheck.Check(
            name, [.. Rows(file).Select(static row => new DailyPoint(Day(row[0]), Number(row[4]), Number(row[4]) * Number(row[5])))]);
        Console.WriteLine($"  {name}: {report.Reason}");
        return report.Runs[^1].Days;
    }

    public static DateOnly Day(string text) => DateOnly.ParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Find(string file)
    {
        if (Environment.GetEnvironmentVariable("CRYPTOAI_SHARED") is { Length: > 0 } root)
        {
            return Path.Combine(root, "data", file);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"Recorded market data is absent: ../shared/data/{file}");
    }
}
