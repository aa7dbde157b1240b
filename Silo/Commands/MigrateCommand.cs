using System.CommandLine;
using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Silo.Commands;

/// <summary><c>migrate</c>: brings the database's schema up to date and ends.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command("migrate", "Bring the schema of ConnectionStrings:Postgres (or the private database) up to date.");
        command.SetAction(async (_, cancellation) =>
        {
            var configuration = Host.CreateApplicationBuilder().Configuration;
            using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole());
            await using var database = await ProductDatabase.OpenAsync(configuration, logs, cancellation);
            await database.MigrateAsync(logs, cancellation);
        });
        return command;
    }
}
