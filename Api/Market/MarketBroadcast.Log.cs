namespace CryptoAI.Api.Market;

internal sealed partial class MarketBroadcast
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Hub client {Client} was cut off: {Reason}")]
    private partial void LogCutOff(string client, string reason);
}
