using System.Text;

namespace CryptoAI.Exchange.History;

/// <summary>Which column of a file holds what; -1: none does.</summary>
internal sealed record CandleLayout(int Columns, int Time, int Open, int High, int Low, int Close, int BaseVolume, int QuoteVolume, int Trades)
{
    /// <summary>Binance's public archive, whose files have no header before 2025.</summary>
    public static CandleLayout Archive { get; } = new(12, 0, 1, 2, 3, 4, 5, 7, 8);

    private static readonly string[] Times = ["open_time_utc", "open_time", "opentime", "time_utc", "time", "timestamp", "date_utc", "date", "datetime"];
    private static readonly string[] BaseVolumes = ["volume", "base_volume", "volume_base"];
    private static readonly string[] QuoteVolumes = ["quote_volume", "quote_asset_volume", "quotevolume", "volume_quote"];
    private static readonly string[] TradeCounts = ["trades", "count", "trade_count", "number_of_trades"];

    /// <summary>Reads the first line of a file: a header, or, when it begins with a digit, a row of the archive.</summary>
    /// <exception cref="CandleFileException">Neither.</exception>
    public static (CandleLayout Layout, bool IsHeader) Read(ReadOnlySpan<byte> line)
    {
        var fields = Encoding.UTF8.GetString(line).Split(',');
        if (char.IsAsciiDigit(fields[0].FirstOrDefault()))
        {
            return fields.Length == Archive.Columns
                ? (Archive, false)
                : throw new CandleFileException($"Line 1: there is no header, and {fields.Length} columns are not the 12 of Binance's archive.");
        }

        var names = Array.ConvertAll(fields, static field => field.Trim().Trim('"').ToLowerInvariant());
        return (new CandleLayout(
            names.Length, Find(names, Times, true), Find(names, ["open"], true), Find(names, ["high"], true), Find(names, ["low"], true),
            Find(names, ["close"], true), Find(names, BaseVolumes, true), Find(names, QuoteVolumes, false), Find(names, TradeCounts, false)), true);
    }

    private static int Find(string[] names, string[] wanted, bool isNeeded)
    {
        var found = wanted.Select(name => Array.IndexOf(names, name)).FirstOrDefault(static place => place >= 0, -1);
        return found >= 0 || !isNeeded
            ? found
            : throw new CandleFileException($"Line 1: no column is called {string.Join(" or ", wanted.Take(3))}; there are {string.Join(", ", names.Take(20))}.");
    }
}
