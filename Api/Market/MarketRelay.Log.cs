namespace CryptoAI.Api.Market;

internal sealed partial class MarketRelay
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Turn} failed; the next turn tries again")]
    private partial void LogTurnFailed(Exception exception, string turn);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Call}' failed and is tried again: {Reason}")]
    private partial void LogCallFailed(string reason, string call);
}
