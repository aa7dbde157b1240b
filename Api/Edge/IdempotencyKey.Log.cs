namespace CryptoAI.Api.Edge;

internal sealed partial class IdempotencyKey
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer of {Path} could not be kept for its repetitions.")]
    private partial void LogAnswerNotKept(Exception exception, string path);
}
