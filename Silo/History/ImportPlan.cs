using System.IO.Enumeration;
using CryptoAI.Exchange.History;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Silo.History;

/// <summary>A file to take candles from.</summary>
/// <param name="Asset">BTC.</param>
/// <param name="Pair">As the file calls it: BTCUSDT.</param>
public sealed record ImportFile(string Path, string Asset, string Pair, Timeframe Timeframe)
{
    public string Name => System.IO.Path.GetFileName(Path);
}

/// <summary>A file of a folder that is left out.</summary>
public sealed record SkippedFile(string Path, string Reason);

/// <summary>What is to be imported: the files in order of their names, and what is left out and why.</summary>
public sealed record ImportPlan(IReadOnlyList<ImportFile> Files, IReadOnlyList<SkippedFile> Skipped)
{
    private const string Kept = "the system keeps 1m, 5m, 15m, 1h, 4h and 1d";

    /// <summary>Finds the files. A file that is named itself must be one of candles; in folders and patterns others are left out.</summary>
    /// <param name="paths">Files, folders (with what lies below), or patterns such as <c>data/*1h*.csv.gz</c>.</param>
    /// <param name="asset">The asset, instead of what file names say.</param>
    /// <param name="timeframe">The candle length, instead of what file names say.</param>
    /// <param name="quote">The quote asset of the pairs; it must count as USD.</param>
    /// <exception cref="CandleFileException">A path leads nowhere, or a named file is none of candles in USD.</exception>
    public static ImportPlan Make(IReadOnlyList<string> paths, string? asset, Timeframe? timeframe, string? quote)
    {
        var files = new List<ImportFile>();
        var skipped = new List<SkippedFile>();
        foreach (var path in paths)
        {
            var (found, isNamed) = Find(path);
            foreach (var file in found)
            {
                var reason = Identify(file, asset, timeframe, quote, out var identified);
                if (identified is not null)
                {
                    files.Add(identified);
                }
                else if (isNamed)
                {
                    throw new CandleFileException($"{file}: {reason}");
                }
                else
                {
                    skipped.Add(new SkippedFile(file, reason!));
                }
            }
        }

        return new ImportPlan(
            [.. files.DistinctBy(static file => Path.GetFullPath(file.Path)).OrderBy(static file => file.Name, StringComparer.Ordinal)], skipped);
    }

    private static (IEnumerable<string> Files, bool IsNamed) Find(string path)
    {
        if (File.Exists(path))
        {
            return ([path], true);
        }

        if (Directory.Exists(path))
        {
            return (Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal), false);
        }

        var folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        var pattern = Path.GetFileName(path);
        if (pattern.AsSpan().ContainsAny('*', '?') && Directory.Exists(folder))
        {
            return (Directory.EnumerateFiles(folder).Where(file => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(file))).Order(StringComparer.Ordinal), false);
        }

        throw new CandleFileException($"{path}: there is no such file or folder.");
    }

    private static string? Identify(string path, string? asset, Timeframe? timeframe, string? quote, out ImportFile? file)
    {
        file = null;
        if (!CandleFileReader.CanRead(path))
        {
            return "only .csv, .csv.gz and .zip can be read";
        }

        var name = CandleFileName.TryParse(path);
        if (name is null && (asset is null || timeframe is null))
        {
            return "its name does not say a pair and a candle length, as BTCUSDT-1h does: give --symbol and --timeframe";
        }

        if ((timeframe ?? name!.Timeframe) is not { } length)
        {
            return $"its candles are {name!.Length} long; {Kept}";
        }

        if ((asset ?? CandleFileName.AssetOf(name!.Pair, quote)) is not { } known)
        {
            return quote is null
                ? $"{name!.Pair} is not priced in something that counts as USD: give --symbol if it is"
                : $"{name!.Pair} is not a pair in {quote}, or {quote} does not count as USD";
        }

        file = new ImportFile(path, known, name?.Pair ?? known, length);
        return null;
    }
}
