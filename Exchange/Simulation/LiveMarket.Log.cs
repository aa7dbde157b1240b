using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Simulation;

internal sealed partial class LiveMarket
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "The simulated exchange's streams failed and stand still")]
    private static partial void LogPumpFailed(ILogger logger, Exception exception);
}
