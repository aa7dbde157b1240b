using System.Buffers;
using System.Globalization;

namespace CryptoAI.Analysis.Portfolios;

/// <summary>A trade of an exchange's export.</summary>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="At">UTC.</param>
/// <param name="Asset">What was traded: BTC.</param>
/// <param name="Quote">What it was paid with: USDT.</param>
/// <param name="Price">In the quote.</param>
/// <param name="Quantity">Of the asset, as executed.</param>
/// <param name="Fee">In <paramref name="FeeAsset"/>.</param>
/// <param name="Key">The same for the same trade in another export; equal trades of one file differ by a number.</param>
public sealed record ImportedTrade(
    int Line, DateTimeOffset At, string Asset, string Quote, bool IsBuy, decimal Price, decimal Quantity, decimal Fee, string FeeAsset, string Key);

/// <summary>
/// Binance's export of spot trades: <c>Date(UTC),Pair,Side,Price,Executed,Amount,Fee</c>, where the last three are a number with the
/// asset's name after it (0.5BTC).
/// </summary>
public static class BinanceTradeHistory
{
    private static readonly string[] Header = ["Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee"];
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.,");
    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd H:mm:ss", "yyyy-MM-dd HH:mm", "yy-MM-dd HH:mm:ss"];

    /// <summary>Whether a record is this format's first one.</summary>
    public static bool IsHeader(CsvRecord record) =>
        record.Fields.Count >= Header.Length
        && record.Fields.Take(Header.Length).Select(static field => field.Trim()).SequenceEqual(Header, StringComparer.OrdinalIgnoreCase);

    /// <summary>The trades, oldest first; those of one second in the file's order.</summary>
    /// <param name="records">Those after the header.</param>
    /// <exception cref="FormatException">A record does not say a trade; the message names its line.</exception>
    public static IReadOnlyList<ImportedTrade> Read(IEnumerable<CsvRecord> records)
    {
        var trades = new List<ImportedTrade>();
        var equals = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            var trade = Read(record);
            var number = equals[trade.Key] = equals.GetValueOrDefault(trade.Key) + 1;
            trades.Add(number == 1 ? trade : trade with { Key = $"{trade.Key}#{number}" });
        }

        // The exchange exports the newest first or the oldest first; of trades within a second the file's own direction decides.
        if (trades.Count > 1 && trades[0].At > trades[^1].At)
        {
            trades.Reverse();
        }

        return [.. trades.OrderBy(static trade => trade.At)];
    }

    private static ImportedTrade Read(CsvRecord record)
    {
        if (record.Fields.Count < Header.Length)
        {
            throw Wrong(record, $"{Header.Length} fields are needed");
        }

        var fields = record.Fields.Select(static field => field.Trim()).ToArray();
        if (!DateTimeOffset.TryParseExact(
            fields[0], TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            throw Wrong(record, "the date must be like 2024-01-31 23:59:59");
        }

        var isBuy = fields[2].ToUpperInvariant() switch
        {
            "BUY" => true,
            "SELL" => false,
            _ => throw Wrong(record, "the side must be BUY or SELL"),
        };
        if (!TryNumber(fields[3], out var price) || price <= 0)
        {
            throw Wrong(record, "the price must be a number above 0");
        }

        var pair = fields[1].ToUpperInvariant();
        if (Split(pair, fields[4], fields[5]) is not var (asset, quote, quantity))
        {
            throw Wrong(record, "Executed and Amount must be numbers with the names of the pair's assets after them");
        }

        if (SplitFee(fields[6], asset, quote) is not var (fee, feeAsset))
        {
            throw Wrong(record, "the fee must be a number with an asset's name after it");
        }

        var key = string.Create(
            CultureInfo.InvariantCulture, $"{at:yyyyMMddHHmmss}|{pair}|{(isBuy ? 'B' : 'S')}|{Plain(price)}|{Plain(quantity)}|{Plain(fee)}{feeAsset}");
        return new ImportedTrade(record.Line, at, asset, quote, isBuy, price, quantity, fee, feeAsset, key);
    }

    /// <summary>
    /// Where the pair's name is to be cut: an asset may begin with digits (1INCH), so that 2.51INCH alone is not clear, but there is
    /// only one place in the pair at which both fields end with their part of it.
    /// </summary>
    private static (string Asset, string Quote, decimal Quantity)? Split(string pair, string executed, string amount)
    {
        for (var cut = 1; cut < pair.Length; cut++)
        {
            if (TryAmount(executed, pair[..cut], out var quantity) && TryAmount(amount, pair[cut..], out _) && quantity > 0)
            {
                return (pair[..cut], pair[cut..], quantity);
            }
        }

        return null;
    }

    private static (decimal Fee, string Asset)? SplitFee(string text, string asset, string quote)
    {
        if (text.Length == 0 || (TryNumber(text, out var none) && none == 0))
        {
            return (0, quote);
        }

        foreach (var name in new[] { asset, quote })
        {
            if (TryAmount(text, name, out var fee))
            {
                return (fee, name);
            }
        }

        var end = text.AsSpan().IndexOfAnyExcept(OfNumbers);
        return end > 0 && TryNumber(text[..end], out var other) ? (other, text[end..].ToUpperInvariant()) : null;
    }

    private static bool TryAmount(string text, string asset, out decimal amount)
    {
        amount = 0;
        return text.EndsWith(asset, StringComparison.OrdinalIgnoreCase) && TryNumber(text[..^asset.Length], out amount);
    }

    private static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out number);

    private static string Plain(decimal value) => (value / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);

    private static FormatException Wrong(CsvRecord record, string reason) => new($"Line {record.Line}: {reason}.");
}
