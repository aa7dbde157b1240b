using System.CommandLine;
using CryptoAI.Exchange.History;
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
        var command = new Command("import", "Take history from files into the database. The same again changes nothing.")
        {
            paths, symbol, timeframe, quote, create, replace, noRollUp,
        };
        timeframe.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } code && !Timeframes.TryParse(code, out _))
            {
                result.AddError($"--timeframe is one of 1m, 5m, 15m, 1h, 4h and 1d, not {code}.");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(
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

        var configuration = Host.CreateApplicationBuilder().Configuration;
        using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        await using var database = await ProductDatabase.OpenAsync(configuration, logs, cancellation);
        await database.MigrateAsync(logs, cancellation);
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
