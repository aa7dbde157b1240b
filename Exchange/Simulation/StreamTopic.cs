using System.Text;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Simulation;

internal enum TopicKind : byte
{
    AggregateTrade,
    Trade,
    Kline,
}

/// <summary>A stream that connections listen to, btcusdt@aggTrade say. Guarded by the live market's lock.</summary>
internal sealed class StreamTopic(string name, int symbol, TopicKind kind, Timeframe timeframe)
{
    internal string Name => name;

    internal int Symbol => symbol;

    internal TopicKind Kind => kind;

    internal Timeframe Timeframe => timeframe;

    /// <summary>What a combined connection's frames of it begin with; they end with one more brace.</summary>
    internal byte[] Prefix { get; } = Encoding.UTF8.GetBytes($"{{\"stream\":\"{name}\",\"data\":");

    internal List<StreamConnection> Listeners { get; } = [];

    /// <summary>Splits a stream's name into a symbol, a kind and a timeframe; false for what this exchange does not stream.</summary>
    internal static bool TryParse(string name, out string symbol, out TopicKind kind, out Timeframe timeframe)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        symbol = at > 0 ? name[..at] : "";
        (kind, timeframe) = (default, default);
        switch (at > 0 ? name[(at + 1)..] : "")
        {
            case "aggTrade":
                kind = TopicKind.AggregateTrade;
                return true;
            case "trade":
                kind = TopicKind.Trade;
                return true;
            case ['k', 'l', 'i', 'n', 'e', '_', .. var code] when Timeframes.TryParse(code, out timeframe):
                kind = TopicKind.Kline;
                return true;
            default:
                return false;
        }
    }
}
