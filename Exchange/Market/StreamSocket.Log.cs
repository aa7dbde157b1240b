using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

internal sealed partial class StreamSocket
{
    [LoggerMessage(LogLevel.Information, "Stream connection ended after {Seconds} s: {Reason}")]
    private partial void LogEnded(string? reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "A frame of {Bytes} bytes was skipped; {MaxBytes} are allowed.")]
    private partial void LogOversized(long bytes, int maxBytes);

    [LoggerMessage(LogLevel.Warning, "{Method} failed: {Error}")]
    private partial void LogRequestFailed(string method, string error);

    [LoggerMessage(LogLevel.Debug, "The exchange did not answer the close: {Error}")]
    private partial void LogAbandoned(string error);
}
