using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Simulation;

internal sealed partial class StreamServer
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "A stream connection of the simulated exchange ended: {Reason}")]
    private static partial void LogEnded(ILogger logger, string reason);
}
