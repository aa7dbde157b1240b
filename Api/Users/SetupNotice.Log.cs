namespace CryptoAI.Api.Users;

internal sealed partial class SetupNotice
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "There is no administrator yet. Set-up secret, good for one POST /api/v1/setup within a day: {Secret}")]
    private partial void LogSecret(string secret);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The set-up secret could not be made yet: {Reason}")]
    private partial void LogWaiting(string reason);
}
