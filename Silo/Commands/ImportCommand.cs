using System.CommandLine;
using System.Text.Json.Nodes;
using CryptoAI.Exchange.History;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Silo.Hosting;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CryptoAI.Silo.Commands;

/// <summary><c>import</c>: takes history from files.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Files, folders or patterns: .csv, .csv.gz, or .zip as in Binance's public archive.",
            Arity = ArgumentArity.OneOrMore,
        };
        var symbol = new Option<string?>("--symbol") { Description = "The asset (BTC), instead of what file names say." };
        var timeframe = new Option<string?>("--timeframe") { Description = "1m, 5m, 15m, 1h, 4h or 1d, instead of what file names say." };
        var quote = new Option<string?>("--quote") { Description = "What the pairs are priced in, if it is to be only that: USDT." };
        var create = new Option<bool>("--create") { Description = "Make unknown assets, as ones that the feed does not follow." };
        var replace = new Option<bool>("--replace") { Description = "Replace candles of earlier imports that differ. What the exchange stated stays." };
        var noRollUp = new Option<bool>("--no-roll-up") { Description = "Do not make missing longer candles from the imported ones." };
        var series = new Option<string?>("--series") { Description = "The files hold this series (vix), one value a line, instead of candles." };
        var column = new Option<string?>("--column") { Description = "With --series: the column that holds the values." };
        var source = new Option<string?>("--source") { Description = "With --series or --caps: who states the values, instead of the file's name." };
        var caps = new Option<bool>("--caps") { Description = "The files hold capitalisations of assets, instead of candles." };
        var command = new Command("import", "Take history from files into the database. The same again changes nothing.")
        {
            paths, symbol, timeframe, quote, create, replace, noRollUp, series, column, source, caps,
        };
        series.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_'))
            {
                result.AddError("--series is a name of small letters, digits and underscores.");
            }
        });
        timeframe.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } code && !Timeframes.TryParse(code, out _))
            {
                result.AddError($"--timeframe is one of 1m, 5m, 15m, 1h, 4h and 1d, not {code}.");
            }
        });
        command.SetAction((parsed, cancellation) => parsed.GetValue(series) is { Length: > 0 } || parsed.GetValue(caps) ? RunSeriesAsync(
            parsed.GetValue(paths)!,
            (import, path) => parsed.GetValue(series) is { Length: > 0 } name
                ? import.ImportAsync(
                    path, name, Timeframes.TryParse(parsed.GetValue(timeframe), out var apart) ? apart : Timeframe.D1, parsed.GetValue(column),
                    parsed.GetValue(source), cancellation)
                : import.ImportCapsAsync(path, parsed.GetValue(create), parsed.GetValue(source), cancellation),
            cancellation) : RunAsync(
            parsed.GetValue(paths)!,
            parsed.GetValue(symbol)?.ToUpperInvariant(),
            Timeframes.TryParse(parsed.GetValue(timeframe), out var length) ? length : null,
            parsed.GetValue(quote)?.ToUpperInvariant(),
            parsed.GetValue(create),
            parsed.GetValue(replace),
            !parsed.GetValue(noRollUp),
            cancellation));
        return command;
    }

    private static async Task<int> RunSeriesAsync(string[] paths, Func<SeriesImport, string, Task<JsonObject>> run, CancellationToken cancellation)
    {
        await using var database = await OpenAsync(cancellation);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var import = new SeriesImport(source, TimeProvider.System);
        var failed = 0;
        foreach (var path in paths)
        {
            try
            {
                Console.WriteLine($"{path}: {(await run(import, path)).ToJsonString()}");
            }
            catch (ProviderException exception)
            {
                failed++;
                await Console.Error.WriteLineAsync($"{path}: NOT IMPORTED. {exception.Message}");
            }
        }

        return failed == 0 ? 0 : 1;
    }

    private static async Task<ProductDatabase> OpenAsync(CancellationToken cancellation)
    {
        var configuration = Host.CreateApplicationBuilder().Configuration;
        using var logs = LoggerFactory.Create(static logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        var database = await ProductDatabase.OpenAsync(configuration, logs, cancellation);
        await database.MigrateAsync(logs, cancellation);
        return database;
    }

    private static async Task<int> RunAsync(
        string[] paths, string? asset, Timeframe? timeframe, string? quote, bool create, bool replace, bool rollUp, CancellationToken cancellation)
    {
        ImportPlan plan;
        try
        {
            plan = ImportPlan.Make(paths, asset, timeframe, quote);
        }
        catch (CandleFileException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }

        await using var database = await OpenAsync(cancellation);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using var line = new ProgressLine(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);
        return await RunAsync(plan, new CandleImporter(new CandleHistoryStore(source), TimeProvider.System), create, replace, rollUp, line, cancellation) ? 0 : 1;
    }

    /// <returns>Whether every file could be taken.</returns>
    private static async Task<bool> RunAsync(
        ImportPlan plan, CandleImporter importer, bool create, bool replace, bool rollUp, ProgressLine line, CancellationToken cancellation)
    {
        line.Write(plan.Skipped.Select(static file => $"{file.Path}: left out, {file.Reason}"));
        var failed = 0;
        long rows = 0;
        foreach (var file in plan.Files)
        {
            try
            {
                var report = await importer.ImportAsync(file, create, replace, part => line.Show(file.Name, part), cancellation);
                rows += report.Counts.New;
                line.Write(report.Lines());
            }
            catch (CandleFileException exception)
            {
                failed++;
                line.Write([$"{file.Path}: NOT IMPORTED. {exception.Message}"]);
            }
        }

        if (rollUp)
        {
            line.Write(await importer.RollUpAsync(cancellation));
        }

        line.Write([FormattableString.Invariant($"{plan.Files.Count - failed} of {plan.Files.Count} files imported, {rows:N0} new candles, {plan.Skipped.Count} files left out.")]);
        return failed == 0;
    }
}
