using System.Globalization;
using System.Text;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>Frames and symbols for the decoder's tests.</summary>
internal static class Frames
{
    public static readonly SymbolInfo[] Symbols =
    [
        new("BTC", "BTCUSDT", "USDT", 0.01m, 0.00001m),
        new("ETH", "ETHUSDT", "USDT", 0.01m, 0.0001m),
        new("BNB", "BNBBTC", "BTC", 0.000001m, 0.001m),
        new("PEPE", "PEPEUSDT", "USDT", 0.00000001m, 1m),
        new("LONG", "LONGNAMEOFAPAIRUSDT", "USDT", 0.1m, 0.1m),
        new("１２３", "１２３USDT", "USDT", 0.1m, 0.1m),
    ];

    /// <summary>The aggregate trade exactly as the documents print it, on one line.</summary>
    public static string AggTrade(
        string pair = "BTCUSDT", long id = 12345, string price = "61837.63000000", string quantity = "0.02000000",
        long first = 100, long last = 105, long time = 1672515782136, bool combined = true, bool maker = true)
    {
        var flag = maker ? "true" : "false";
        var payload = string.Create(CultureInfo.InvariantCulture,
            $$"""{"e":"aggTrade","E":{{time + 1}},"s":"{{pair}}","a":{{id}},"p":"{{price}}","q":"{{quantity}}","f":{{first}},"l":{{last}},"T":{{time}},"m":{{flag}},"M":true}""");
        return combined ? $$"""{"stream":"{{pair.ToLowerInvariant()}}@aggTrade","data":{{payload}}}""" : payload;
    }

    public static string Kline(
        string pair = "BTCUSDT", long openTime = 1672515780000, string open = "0.0010", string high = "0.0025", string low = "0.0010",
        string close = "0.0020", string volume = "1000", string quoteVolume = "1.0000", string count = "100", string closed = "true",
        string interval = "1m", bool combined = true)
    {
        var payload = string.Create(CultureInfo.InvariantCulture,
            $$$"""{"e":"kline","E":{{{openTime + 60_001}}},"s":"{{{pair}}}","k":{"t":{{{openTime}}},"T":{{{openTime + 59_999}}},"s":"{{{pair}}}","i":"{{{interval}}}","f":100,"L":200,"o":"{{{open}}}","c":"{{{close}}}","h":"{{{high}}}","l":"{{{low}}}","v":"{{{volume}}}","n":{{{count}}},"x":{{{closed}}},"q":"{{{quoteVolume}}}","V":"500","Q":"0.500","B":"123456"}}""");
        return combined ? $$"""{"stream":"{{pair.ToLowerInvariant()}}@kline_{{interval}}","data":{{payload}}}""" : payload;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
