namespace CryptoAI.Api.Edge;

internal sealed partial class SessionConnections
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Which sessions still stand could not be asked: {Reason}")]
    private partial void LogUnknown(string reason);
}
