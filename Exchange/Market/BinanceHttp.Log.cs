using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Market;

internal sealed partial class BinanceHttp
{
    [LoggerMessage(LogLevel.Warning, "GET {Path} was refused with {Status}; no request leaves for {Seconds} s.")]
    private partial void LogRefused(string path, int status, double seconds);

    [LoggerMessage(LogLevel.Warning, "GET {Path} failed: {Error}")]
    private partial void LogFailed(string path, string? error);
}
