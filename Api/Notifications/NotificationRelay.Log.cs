namespace CryptoAI.Api.Notifications;

internal sealed partial class NotificationRelay
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Listening for notifications of {Count} people failed, again in a second: {Reason}")]
    private partial void LogNotObserved(int count, string reason);
}
