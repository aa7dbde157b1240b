using System.CommandLine;
using CryptoAI.Exchange.Simulation;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Silo.Commands;

/// <summary><c>exchange</c>: the simulated exchange alone, for whatever speaks Binance's public protocol.</summary>
internal static class ExchangeCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; 0 for any free one.", DefaultValueFactory = _ => 9443 };
        var seed = new Option<long>("--seed") { Description = "Another seed, another market.", DefaultValueFactory = _ => 1 };
        var coins = new Option<int>("--coins") { Description = "How many coins, 1 to 60.", DefaultValueFactory = _ => 60 };
        var days = new Option<int>("--days") { Description = "Days of history, 1 to 400.", DefaultValueFactory = _ => 30 };
        var rate = new Option<double?>("--rate") { Description = "Trades a second over all coins together; absent: the usual pace." };
        var command = new Command("exchange", "Run the simulated exchange alone: Binance's public protocol over an invented market.")
        {
            port, seed, coins, days, rate,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole());
            var options = new SimulationOptions
            {
                Port = parsed.GetValue(port),
                Seed = parsed.GetValue(seed),
                Coins = parsed.GetValue(coins),
                HistoryDays = parsed.GetValue(days),
                TradesPerSecond = parsed.GetValue(rate),
            };
            await SimulatedExchange.RunAsync(options, TimeProvider.System, logs, cancellation);
        });
        return command;
    }
}
