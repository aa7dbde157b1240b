using Microsoft.Extensions.Logging;

namespace CryptoAI.Storage.Migrations;

public sealed partial class MigrationRunner
{
    [LoggerMessage(LogLevel.Information, "Migration {Name} applied in {Milliseconds:F0} ms")]
    private partial void LogApplied(string name, double milliseconds);

    [LoggerMessage(LogLevel.Information, "Another process is migrating the database; waiting for it")]
    private partial void LogWaiting();
}
