namespace CryptoAI.Api.Operations;

internal sealed partial class StartReport
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Open {Address} in a browser")]
    private partial void LogListening(string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Notice} {Count} symbols are followed.")]
    private partial void LogSource(string notice, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Notice} {Count} symbols are followed.")]
    private partial void LogSimulated(string notice, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The market has not answered yet: {Reason}")]
    private partial void LogWaiting(string reason);
}
