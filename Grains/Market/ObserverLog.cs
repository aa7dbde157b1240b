using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Market;

internal static partial class ObserverLog
{
    /// <summary>Once for each observer that is dropped.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "An API node gets no {Events} any more until it renews: {Reason}")]
    public static partial void LogDropped(this ILogger log, string events, string reason);
}
