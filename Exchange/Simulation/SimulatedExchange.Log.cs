using Microsoft.Extensions.Logging;

namespace CryptoAI.Exchange.Simulation;

public sealed partial class SimulatedExchange
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Simulated exchange at {Address}: {Market}, its clock shows {Now:O}")]
    private static partial void LogStarted(ILogger logger, Uri address, string market, DateTimeOffset now);
}
