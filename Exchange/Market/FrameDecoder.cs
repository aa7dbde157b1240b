using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>What a frame said.</summary>
/// <param name="SymbolIndex">Index into the decoder's symbols; -1 when the frame names none of them. Also set for an ignored kline of a known symbol.</param>
/// <param name="Trade">At the symbol's scales as the decoder states them; only for <see cref="FrameKind.Trade"/>.</param>
/// <param name="Kline">Only for <see cref="FrameKind.ClosedKline"/>.</param>
/// <param name="EventTime">When the exchange sent it, Unix milliseconds; the trade's time where it does not say; 0 if neither is known.</param>
public readonly record struct DecodedFrame(int SymbolIndex, Trade Trade, Kline? Kline, long EventTime)
{
    internal static readonly DecodedFrame Nothing = new(-1, default, null, 0);
}

/// <summary>
/// From the UTF-8 bytes of a frame straight to a trade in the symbol's integer scale, without objects in between. Frames in the
/// exchange's usual form take a fast path that compares and converts eight bytes at a time; any other valid JSON
/// (other field order, blanks, escapes, unknown fields, numbers as strings or bare, raw or combined) takes an exact slow one. One
/// reader at a time; no input makes it throw.
/// </summary>
public sealed partial class FrameDecoder
{
    private const int LongestPair = 64;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _indexes;
    private readonly byte[] _priceScales;
    private readonly byte[] _quantityScales;
    private readonly FastEntry[] _table;
    private readonly int _tableShift;

    /// <param name="symbols">Distinct pairs; their position is the <see cref="DecodedFrame.SymbolIndex"/>.</param>
    public FrameDecoder(IReadOnlyList<SymbolInfo> symbols)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        var indexes = new Dictionary<string, int>(symbols.Count, StringComparer.Ordinal);
        _priceScales = new byte[symbols.Count];
        _quantityScales = new byte[symbols.Count];
        for (var index = 0; index < symbols.Count; index++)
        {
            indexes.Add(symbols[index].Pair, index);
            _priceScales[index] = Math.Min(symbols[index].PriceScale, (byte)SymbolInfo.MaxScale);
            _quantityScales[index] = Math.Min(symbols[index].QuantityScale, (byte)SymbolInfo.MaxScale);
        }

        _indexes = indexes.GetAlternateLookup<ReadOnlySpan<char>>();
        (_table, _tableShift) = BuildTable(symbols);
    }

    /// <summary>Decimals of the symbol's prices; only ever grows.</summary>
    public int PriceScale(int symbolIndex) => _priceScales[symbolIndex];

    /// <summary>Decimals of the symbol's quantities; only ever grows.</summary>
    public int QuantityScale(int symbolIndex) => _quantityScales[symbolIndex];

    /// <summary>Decodes one frame. After <see cref="FrameKind.ScaleRaised"/> the same frame decodes to a trade at the new scales.</summary>
    public FrameKind Decode(ReadOnlySpan<byte> frame, out DecodedFrame decoded) =>
        TryDecodeUsual(frame, out decoded) ? FrameKind.Trade : DecodeAny(frame, out decoded);

    private FrameKind DecodeAny(ReadOnlySpan<byte> frame, out DecodedFrame decoded)
    {
        decoded = DecodedFrame.Nothing;
        if (!Utf8.IsValid(frame))
        {
            return FrameKind.Malformed;
        }

        try
        {
            var reader = new Utf8JsonReader(frame);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                reader.Read();
                return FrameKind.Ignored;
            }

            // To the end first, so that a truncated or trailing part spoils the whole frame.
            var root = reader;
            var payload = reader;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isData = reader.ValueTextEquals("data"u8);
                reader.Read();
                if (isData)
                {
                    payload = reader.TokenType == JsonTokenType.StartObject ? reader : root;
                }

                reader.Skip();
            }

            reader.Read();
            return DecodePayload(payload, out decoded);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped lone surrogate.
            decoded = DecodedFrame.Nothing;
            return FrameKind.Malformed;
        }
    }

    private FrameKind DecodePayload(Utf8JsonReader payload, out DecodedFrame decoded)
    {
        decoded = DecodedFrame.Nothing;
        var kind = FrameKind.Ignored;
        var symbolIndex = -1;
        var hasSymbol = false;
        var reader = payload;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonFields.ShortName(ref reader);
            reader.Read();
            if (name == (byte)'e')
            {
                kind = KindOf(ref reader);
            }
            else if (name == (byte)'s')
            {
                hasSymbol = reader.TokenType == JsonTokenType.String;
                symbolIndex = hasSymbol ? IndexOf(ref reader) : -1;
            }

            reader.Skip();
        }

        switch (kind)
        {
            case FrameKind.Trade when !hasSymbol:
                return FrameKind.Malformed;
            case FrameKind.Trade when symbolIndex >= 0:
                return DecodeTrade(ref payload, symbolIndex, out decoded);
            case FrameKind.ClosedKline:
                return DecodeKline(ref payload, hasSymbol, symbolIndex, out decoded);
            case FrameKind.ServerShutdown:
                return FrameKind.ServerShutdown;
            default:
                return FrameKind.Ignored;
        }
    }

    private FrameKind DecodeTrade(ref Utf8JsonReader payload, int symbolIndex, out DecodedFrame decoded)
    {
        decoded = DecodedFrame.Nothing;
        var fields = TradeFields.Read(ref payload);
        var priceScale = Math.Max(_priceScales[symbolIndex], fields.Price.Decimals);
        var quantityScale = Math.Max(_quantityScales[symbolIndex], fields.Quantity.Decimals);
        if (!fields.TryToTrade(priceScale, quantityScale, out var trade))
        {
            return FrameKind.Malformed;
        }

        if (priceScale > _priceScales[symbolIndex] || quantityScale > _quantityScales[symbolIndex])
        {
            _priceScales[symbolIndex] = priceScale;
            _quantityScales[symbolIndex] = quantityScale;
            decoded = new(symbolIndex, default, null, 0);
            return FrameKind.ScaleRaised;
        }

        decoded = new(symbolIndex, trade, null, fields.EventTime >= 0 ? fields.EventTime : trade.Time);
        return FrameKind.Trade;
    }

    private FrameKind DecodeKline(ref Utf8JsonReader payload, bool hasSymbol, int symbolIndex, out DecodedFrame decoded)
    {
        decoded = DecodedFrame.Nothing;
        var eventTime = JsonFields.Missing;
        KlineFields? fields = null;
        while (payload.Read() && payload.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonFields.ShortName(ref payload);
            payload.Read();
            if (name == (byte)'E')
            {
                eventTime = JsonFields.Time(ref payload);
            }
            else if (name == (byte)'k')
            {
                fields = payload.TokenType == JsonTokenType.StartObject ? KlineFields.ReadObject(ref payload) : null;
            }

            payload.Skip();
        }

        if (!hasSymbol || fields is not { IsClosed: { } isClosed } kline || eventTime == JsonFields.Invalid)
        {
            return FrameKind.Malformed;
        }

        if (symbolIndex < 0 || !isClosed || !kline.IsMinute)
        {
            decoded = new(symbolIndex, default, null, Math.Max(0, eventTime));
            return FrameKind.Ignored;
        }

        if (kline.ToKline(Timeframe.M1) is not { } closed)
        {
            return FrameKind.Malformed;
        }

        decoded = new(symbolIndex, default, closed, Math.Max(0, eventTime));
        return FrameKind.ClosedKline;
    }

    private static FrameKind KindOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return FrameKind.Ignored;
        }

        return reader.ValueTextEquals("aggTrade"u8) ? FrameKind.Trade
            : reader.ValueTextEquals("kline"u8) ? FrameKind.ClosedKline
            : reader.ValueTextEquals("serverShutdown"u8) ? FrameKind.ServerShutdown
            : FrameKind.Ignored;
    }

    private int IndexOf(ref Utf8JsonReader reader)
    {
        Span<byte> bytes = stackalloc byte[LongestPair];
        Span<char> characters = stackalloc char[LongestPair];
        return JsonFields.TryCopy(ref reader, bytes, out var length)
            && _indexes.TryGetValue(characters[..Encoding.UTF8.GetChars(bytes[..length], characters)], out var index)
            ? index
            : -1;
    }
}
