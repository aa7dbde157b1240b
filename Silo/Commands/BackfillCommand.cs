using System.CommandLine;
using System.Globalization;
using CryptoAI.Exchange;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Silo.History;
using CryptoAI.Silo.Hosting;
using CryptoAI.Storage;
using CryptoAI.Storage.Market;
using CryptoAI.Storage.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CryptoAI.Silo.Commands;

/// <summary><c>backfill</c>: fetches history from the exchange.</summary>
internal static class BackfillCommand
{
    public static Command Create()
    {
        var symbols = new Option<string>("--symbols") { Description = "Assets or pairs: BTC,ETH or BTCUSDT.", Required = true };
        var timeframe = new Option<string>("--timeframe") { Description = "1m, 5m, 15m, 1h, 4h or 1d; several with commas between.", DefaultValueFactory = _ => "1d" };
        var from = new Option<string>("--from") { Description = "First day or moment, UTC: 2018-01-01.", Required = true };
        var to = new Option<string?>("--to") { Description = "End, UTC; absent: now." };
        foreach (Option<string?> option in (Option[])[from, to])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<string?>() is { } text && Moment(text) is null)
                {
                    result.AddError($"'{text}' is no day or moment such as 2018-01-01 or 2018-01-01T12:00Z.");
                }
            });
        }

        timeframe.Validators.Add(result =>
        {
            if (!Split(result.GetValueOrDefault<string>() ?? "").All(static code => Timeframes.TryParse(code, out _)))
            {
                result.AddError("--timeframe is one of 1m, 5m, 15m, 1h, 4h and 1d, or several with commas between.");
            }
        });
        var command = new Command("backfill", "Fetch history from the exchange into the database. Interrupted, it goes on where it was.")
        {
            symbols, timeframe, from, to,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            Split(parsed.GetValue(symbols)!.ToUpperInvariant()),
            Array.ConvertAll(Split(parsed.GetValue(timeframe)!), Timeframes.Parse),
            Moment(parsed.GetValue(from)!)!.Value,
            parsed.GetValue(to) is { } end ? Moment(end)!.Value : DateTimeOffset.MaxValue,
            cancellation));
        return command;
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static async Task<int> RunAsync(
        string[] wanted, Timeframe[] timeframes, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        await using var database = await ProductDatabase.OpenAsync(builder.Configuration, logs, cancellation);
        await database.MigrateAsync(logs, cancellation);
        builder.Services.AddSingleton(NpgsqlDataSource.Create(database.ConnectionString));
        builder.Services.AddStorage();
        builder.Services.AddSingleton<Action<ApiCall>>(static provider => provider.GetRequiredService<ApiLogWriter>().Write);
        builder.Services.AddExchange();
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        try
        {
            return await RunAsync(host.Services, wanted, timeframes, from, to, cancellation);
        }
        catch (ExchangeUnavailableException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message} What was fetched is stored; begun again, it goes on there.");
            return 1;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> RunAsync(
        IServiceProvider services, string[] wanted, Timeframe[] timeframes, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var options = services.GetRequiredService<IOptions<FeedOptions>>().Value;
        var feed = await services.GetRequiredService<MarketFeedSelector>().GetAsync(cancellation);
        if (feed.Source == "simulated" && options.Source != FeedSource.Simulated)
        {
            await Console.Error.WriteLineAsync("The exchange cannot be reached. An invented history is fetched only where Feed:Source is 'simulated'.");
            return 1;
        }

        var pairs = await feed.GetSymbolsAsync(cancellation);
        var chosen = new List<SymbolInfo>();
        foreach (var name in wanted)
        {
            var found = pairs.FirstOrDefault(pair => pair.Pair == name) ?? pairs.FirstOrDefault(pair => pair.Symbol == name && pair.QuoteAsset == options.QuoteAsset);
            if (found is null)
            {
                await Console.Error.WriteLineAsync($"{name} does not trade in {options.QuoteAsset} on the exchange.");
                return 1;
            }

            chosen.Add(found);
        }

        var store = services.GetRequiredService<CandleHistoryStore>();
        var backfill = new Backfill(feed, services.GetRequiredService<CandleStore>(), store);
        using var line = new ProgressLine(Console.Out, !Console.IsOutputRedirected, TimeProvider.System);
        foreach (var info in chosen)
        {
            var cryptoId = (await store.FindAsync(info.Symbol, create: true, cancellation))!.Value;
            foreach (var timeframe in timeframes)
            {
                var title = $"{info.Pair} {timeframe.Code()}";
                line.Write((await backfill.RunAsync(info, cryptoId, timeframe, from, to, part => line.Show(title, part), cancellation)).Lines());
            }
        }

        return 0;
    }
}
