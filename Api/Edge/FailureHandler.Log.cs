namespace CryptoAI.Api.Edge;

internal sealed partial class FailureHandler
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} refused with 503: {Absent} is away: {Reason}")]
    private partial void LogUnavailable(string path, string absent, string reason);
}
