using System.Globalization;
using System.Text;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Bench.Tick;

/// <summary>
/// Frames of a made-up market in the exchange's own words: 200 symbols, aggTrade frames round about in the mix of a busy hour, and every minute's
/// closed kline. Prices wander within a band that no resting alert lies in, then (for the delay) rise tick by tick.
/// </summary>
internal sealed class TickFrames
{
    public const int Symbols = 200;
    public const long StartPrice = 1_000_000;
    public const int PriceScale = 2;
    public const int QuantityScale = 3;

    /// <summary>Prices stay within this many ticks of the start while they wander.</summary>
    public const int Band = 2_000;

    /// <summary>Milliseconds after <see cref="Start"/> of the first trade: late enough in its minute for the minute before to be settled history.</summary>
    public const long Opening = 40_000;

    private const long Minute = 60_000;

    private readonly MinuteSum[] _sums = new MinuteSum[Symbols];
    private readonly long[] _ids = new long[Symbols];
    private readonly long[] _prices = new long[Symbols];
    private readonly Random _random = new(7);

    /// <param name="start">Start of the first trade's minute on the exchange's clock, Unix milliseconds.</param>
    public TickFrames(long start)
    {
        Start = start;
        Infos = [.. Enumerable.Range(0, Symbols).Select(i => new SymbolInfo(
            string.Create(CultureInfo.InvariantCulture, $"C{i:000}"), string.Create(CultureInfo.InvariantCulture, $"C{i:000}USDT"), "USDT", 0.01m, 0.001m))];
        Array.Fill(_prices, StartPrice);
    }

    public long Start { get; }

    public SymbolInfo[] Infos { get; }

    /// <summary>How many trades each symbol has had so far.</summary>
    public long LastId(int symbol) => _ids[symbol] - 1;

    /// <summary>Appends <paramref name="trades"/> trades at <paramref name="perSecond"/> on the exchange's clock; rising ones gain a tick each.</summary>
    public FrameTape Make(int trades, double perSecond, ref long clock, bool rising)
    {
        var tape = new FrameTape(trades) { From = clock, Until = clock + (long)(trades * 1_000 / perSecond) };
        for (var i = 0; i < trades; i++)
        {
            var time = Start + clock + (long)(i * 1_000 / perSecond);
            var symbol = rising ? i % Symbols : _random.Next(Symbols);
            CloseMinutes(tape, symbol, time);
            _prices[symbol] = rising
                ? _prices[symbol] + 1
                : Math.Clamp(_prices[symbol] + _random.Next(-3, 4), StartPrice - Band, StartPrice + Band);
            var quantity = _random.Next(1, 2_000_000);
            var id = _ids[symbol]++;
            _sums[symbol].Add(_prices[symbol], quantity);
            tape.Add(string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"stream":"c{{{symbol:000}}}usdt@aggTrade","data":{"e":"aggTrade","E":{{{time + 1}}},"s":"C{{{symbol:000}}}USDT","a":{{{id}}},"p":"{{{Money(_prices[symbol], PriceScale)}}}","q":"{{{Money(quantity, QuantityScale)}}}","f":{{{id}}},"l":{{{id}}},"T":{{{time}}},"m":true,"M":true}}"""));
        }

        clock = tape.Until;
        return tape;
    }

    private void CloseMinutes(FrameTape tape, int symbol, long time)
    {
        ref var sum = ref _sums[symbol];
        var minute = time / Minute * Minute;
        if (sum.Start == 0)
        {
            sum.Start = minute;
        }

        while (sum.Start < minute)
        {
            tape.Add(sum.Frame(symbol, _prices[symbol]));
            sum = new MinuteSum { Start = sum.Start + Minute };
        }
    }

    public static string Money(Int128 value, int scale)
    {
        var text = value.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{text[..^scale]}.{text[^scale..]}{new string('0', Math.Max(0, 8 - scale))}";
    }

    private struct MinuteSum
    {
        public long Start;
        private long _open;
        private long _high;
        private long _low;
        private long _close;
        private long _count;
        private Int128 _volume;
        private Int128 _quote;

        public void Add(long price, long quantity)
        {
            (_open, _high, _low) = _count == 0 ? (price, price, price) : (_open, Math.Max(_high, price), Math.Min(_low, price));
            _close = price;
            _count++;
            _volume += quantity;
            _quote += (Int128)price * quantity;
        }

        public readonly string Frame(int symbol, long last)
        {
            var (open, high, low, close) = _count == 0 ? (last, last, last, last) : (_open, _high, _low, _close);
            return string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"stream":"c{{{symbol:000}}}usdt@kline_1m","data":{"e":"kline","E":{{{Start + Minute}}},"s":"C{{{symbol:000}}}USDT","k":{"t":{{{Start}}},"T":{{{Start + Minute - 1}}},"s":"C{{{symbol:000}}}USDT","i":"1m","f":0,"L":0,"o":"{{{Money(open, PriceScale)}}}","c":"{{{Money(close, PriceScale)}}}","h":"{{{Money(high, PriceScale)}}}","l":"{{{Money(low, PriceScale)}}}","v":"{{{Money(_volume, QuantityScale)}}}","n":{{{_count}}},"x":true,"q":"{{{Money(_quote, PriceScale + QuantityScale)}}}","V":"0","Q":"0","B":"0"} }}""");
        }
    }
}

/// <summary>Frames one after the other, with where each ends.</summary>
internal sealed class FrameTape(int trades)
{
    private byte[] _bytes = new byte[trades * 190];
    private readonly List<int> _ends = new(trades);
    private int _length;

    public int Trades => trades;

    /// <summary>Milliseconds after the market's start that the tape spans.</summary>
    public required long From { get; init; }

    public required long Until { get; init; }

    public int[] Ends => [.. _ends];

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    public void Add(string frame)
    {
        var needed = _length + Encoding.UTF8.GetMaxByteCount(frame.Length);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }

        _length += Encoding.UTF8.GetBytes(frame, _bytes.AsSpan(_length));
        _ends.Add(_length);
    }
}
