using System.CommandLine;
using CryptoAI.Silo.Commands;

var root = new RootCommand("CryptoAI without a web server: the silo and its tools.")
{
    ServeCommand.Create(),
    MigrateCommand.Create(),
    ImportCommand.Create(),
    BackfillCommand.Create(),
    ExchangeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
