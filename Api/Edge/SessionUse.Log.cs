namespace CryptoAI.Api.Edge;

internal sealed partial class SessionUse
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "When {Count} sessions were last used could not be written yet.")]
    private partial void LogNotWritten(Exception exception, int count);
}
