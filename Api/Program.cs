using System.Runtime.InteropServices;
using CryptoAI.Api;
using CryptoAI.Silo.Hosting;
using CryptoAI.Storage.Embedded;

var builder = ApiHost.CreateBuilder(args);
using var logs = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());

// Until the host runs and takes the signals itself, Ctrl-C must not leave a database server behind.
using var stopping = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    await using var database = await ProductDatabase.OpenAsync(builder.Configuration, logs, stopping.Token);
    await database.MigrateAsync(logs, stopping.Token);
    builder.AddProduct(database.ConnectionString);
    builder.AddApi();
    await using var app = builder.Build().UseApi();
    app.Logger.LogInformation("Database: {Database}", database.Description);
    await app.RunAsync(stopping.Token);
    return 0;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return 0;
}
catch (EmbeddedPostgresException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
