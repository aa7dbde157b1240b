using Microsoft.Extensions.Logging;

namespace CryptoAI.Silo.Hosting;

internal sealed partial class OrleansGatewayWait
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "No silo of the cluster answers yet, trying again in a second: {Reason}")]
    private static partial void NoSilo(ILogger logger, string reason);
}
