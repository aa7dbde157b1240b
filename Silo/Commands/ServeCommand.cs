using System.CommandLine;
using CryptoAI.Silo.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Silo.Commands;

/// <summary><c>serve</c>: runs a silo until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Run a silo: the grains and the feed, without a web server.");
        command.SetAction(async (_, cancellation) =>
        {
            var builder = Host.CreateApplicationBuilder();
            using var logs = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
            await using var database = await ProductDatabase.OpenAsync(builder.Configuration, logs, cancellation);
            await database.MigrateAsync(logs, cancellation);
            builder.AddProduct(database.ConnectionString);
            using var host = builder.Build();
            await host.RunAsync(cancellation);
        });
        return command;
    }
}
