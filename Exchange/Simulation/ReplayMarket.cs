using System.Globalization;
using System.IO.Compression;

namespace CryptoAI.Exchange.Simulation;

/// <summary>
/// Recorded trades as an exchange's truth. Every raw trade is an aggregate trade of its own with ids from 1; raw ids are the
/// recording's. After the last trade the market is quiet for ever.
/// </summary>
public sealed class ReplayMarket : IMarket
{
    private readonly MarketTrade[][] trades;

    /// <param name="recordings">A symbol and its trades, at least one, in order of time.</param>
    public ReplayMarket(params ReadOnlySpan<(MarketSymbol Symbol, MarketTrade[] Trades)> recordings)
    {
        var symbols = new List<MarketSymbol>();
        var all = new List<MarketTrade[]>();
        foreach (var (symbol, recorded) in recordings)
        {
            Check(symbol, recorded);
            symbols.Add(symbol);
            all.Add(recorded);
        }

        trades = [.. all];
        Symbols = symbols;
        var first = trades.Min(recorded => recorded[0].Time);
        FirstMinute = first / 60_000;
        ClockOrigin = first - 1;
    }

    public IReadOnlyList<MarketSymbol> Symbols { get; }

    public long FirstMinute { get; }

    /// <summary>A millisecond before the first trade, so that all of them can be seen live.</summary>
    public long? ClockOrigin { get; }

    /// <summary>Time of the last trade of all, Unix milliseconds.</summary>
    public long LastTime => trades.Max(recorded => recorded[^1].Time);

    /// <summary>
    /// Reads a recording with the columns time_utc, trade_id, price, quantity, is_buyer_maker under a header line.
    /// </summary>
    /// <exception cref="InvalidDataException">A line cannot be read, or the trades are out of order.</exception>
    public static MarketTrade[] Read(TextReader csv, MarketSymbol symbol)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(symbol);
        var read = new List<MarketTrade>();
        csv.ReadLine();
        while (csv.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (fields.Length != 5
                || !DateTimeOffset.TryParse(fields[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var rawId)
                || !TryScale(fields[2], symbol.PriceScale, out var price)
                || !TryScale(fields[3], symbol.QuantityScale, out var quantity)
                || !bool.TryParse(fields[4], out var buyerIsMaker))
            {
                throw new InvalidDataException($"Line {read.Count + 2} is no trade at the scales of {symbol.Pair}: {line}");
            }

            read.Add(new MarketTrade(read.Count + 1, time.ToUnixTimeMilliseconds(), price, quantity, rawId, 1, buyerIsMaker));
        }

        Check(symbol, [.. read]);
        return [.. read];
    }

    /// <summary>Reads a recording from a gzip file; see <see cref="Read"/>.</summary>
    public static ReplayMarket Open(string path, MarketSymbol symbol)
    {
        using var csv = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return new ReplayMarket((symbol, Read(csv, symbol)));
    }

    public long EarliestTradeId(int symbol) => 1;

    public long FirstTradeId(int symbol, long minute) => 1 + IndexFrom(trades[symbol], minute * 60_000);

    public long MinuteOf(int symbol, long tradeId) => trades[symbol][tradeId - 1].Time / 60_000;

    public TradeReader OpenReader(int symbol) => new Reader(trades[symbol]);

    private static void Check(MarketSymbol symbol, ReadOnlySpan<MarketTrade> recorded)
    {
        if (recorded.IsEmpty)
        {
            throw new InvalidDataException($"The recording of {symbol.Pair} is empty.");
        }

        for (var i = 0; i < recorded.Length; i++)
        {
            var before = i > 0 ? recorded[i - 1] : recorded[0] with { Id = 0, FirstRawId = recorded[0].FirstRawId - recorded[0].RawCount };
            if (recorded[i].Id != before.Id + 1 || recorded[i].FirstRawId != before.FirstRawId + before.RawCount || recorded[i].Time < before.Time)
            {
                throw new InvalidDataException($"Trade {i + 1} of {symbol.Pair} does not follow the one before: {recorded[i]}");
            }
        }
    }

    private static bool TryScale(string text, int scale, out long scaled)
    {
        scaled = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        for (var i = 0; i < scale; i++)
        {
            value *= 10;
        }

        if (value != decimal.Truncate(value) || value <= 0 || value > long.MaxValue)
        {
            return false;
        }

        scaled = (long)value;
        return true;
    }

    /// <summary>Index of the first trade at or after a time.</summary>
    private static int IndexFrom(MarketTrade[] recorded, long time)
    {
        int low = 0, high = recorded.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = recorded[middle].Time < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private sealed class Reader(MarketTrade[] recorded) : TradeReader
    {
        private int next;
        private int end;

        public override void Seek(long minute) =>
            (next, end) = (IndexFrom(recorded, minute * 60_000), IndexFrom(recorded, (minute + 1) * 60_000));

        public override int Read(Span<MarketTrade> into)
        {
            var length = Math.Min(into.Length, end - next);
            recorded.AsSpan(next, length).CopyTo(into);
            next += length;
            return length;
        }
    }
}
