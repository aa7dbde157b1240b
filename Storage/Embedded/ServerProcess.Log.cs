using Microsoft.Extensions.Logging;

namespace CryptoAI.Storage.Embedded;

internal sealed partial class ServerProcess
{
    [LoggerMessage(Message = "postgres: {Line}")]
    private partial void LogMessage(LogLevel level, string line);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL did not stop when told to and was killed; its next start recovers")]
    private partial void LogKilled();
}
