using System.Text.RegularExpressions;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.History;

/// <summary>What a file of candles says of itself by its name: <c>BTCUSDT-1m-2024-01.zip</c>, <c>binance_spot_BTCUSDT_1h_to_2025-06.csv.gz</c>.</summary>
/// <param name="Pair">The exchange's name of the pair: BTCUSDT.</param>
/// <param name="Length">The candle length as it is written: 1h; also one that the system does not keep, such as 30m.</param>
public sealed partial record CandleFileName(string Pair, string Length)
{
    /// <summary>Quote assets that count as USD; the longest come first, so that FDUSD is not read as FD in USD.</summary>
    private static readonly string[] Dollars = ["FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "USD", "DAI"];

    /// <summary>One of the system's timeframes; null when the length is another.</summary>
    public Timeframe? Timeframe => Timeframes.TryParse(Length, out var timeframe) ? timeframe : null;

    /// <summary>Null when the name does not say a pair directly followed by a candle length.</summary>
    public static CandleFileName? TryParse(string path) =>
        Pattern.Match(Path.GetFileName(path)) is { Success: true } match ? new(match.Groups["pair"].Value, match.Groups["length"].Value) : null;

    /// <summary>The asset of a pair that is priced in USD: BTC of BTCUSDT. Null when the pair is priced in something else.</summary>
    /// <param name="pair">In capitals.</param>
    /// <param name="quote">The quote asset, if the caller knows it; it must be one that counts as USD.</param>
    public static string? AssetOf(string pair, string? quote)
    {
        var found = quote is null
            ? Array.Find(Dollars, dollar => pair.Length > dollar.Length && pair.EndsWith(dollar, StringComparison.Ordinal))
            : Array.Find(Dollars, dollar => dollar == quote && pair.Length > dollar.Length && pair.EndsWith(dollar, StringComparison.Ordinal));
        return found is null ? null : pair[..^found.Length];
    }

    [GeneratedRegex(@"(^|[_\-.])(?<pair>[A-Z0-9]{4,24})[_\-.](?<length>[1-9][0-9]?(s|m|h|d|w|M|mo))(?=[_\-.]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern { get; }
}
