using System.Text;

namespace CryptoAI.Exchange.Simulation;

/// <summary>Makes bad frames out of good ones.</summary>
internal static class FrameCorruption
{
    /// <summary>A candle with wrong prices and sums that looks well-formed.</summary>
    internal static CandleSum Lie(CandleSum truth)
    {
        truth.High += 7;
        truth.Close = truth.High;
        truth.Volume += 13;
        truth.Amount += 13 * (Int128)truth.High;
        return truth;
    }

    /// <summary>One of: cut short, random bytes, a text where a number belongs, numbers out of range, an invalid UTF-8 byte inside.</summary>
    /// <param name="frame">The good frame.</param>
    /// <param name="prefix">Where its payload begins: what is cut or changed lies behind.</param>
    /// <param name="faults">The dice.</param>
    internal static byte[] Corrupt(ReadOnlySpan<byte> frame, int prefix, FaultInjector faults)
    {
        var copy = frame.ToArray();
        switch (faults.Throw(6))
        {
            case 0:
                return copy[..(prefix + 1 + faults.Throw(copy.Length - prefix - 2))];
            case 1:
                faults.Throw(copy.AsSpan());
                return copy;
            case 2:
                return Replace(frame, "\"E\":", "\"E\":\"yesterday\",\"was\":");
            case 3:
                return Replace(frame, "\"p\":\"", "\"p\":\"-99999999999999999999999999999");
            case 4:
                return Replace(frame, "\"T\":", "\"T\":null,\"t\":[{}],\"x\":");
            default:
                copy[prefix + faults.Throw(copy.Length - prefix)] = 0xFF;
                return copy;
        }
    }

    /// <summary>An event that no one knows, or the same stream with an event of another type.</summary>
    internal static byte[] Unknown(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> prefix, FaultInjector faults) =>
        faults.Throw(2) == 0
            ? [.. prefix, .. "{\"e\":\"somethingNew\",\"E\":1,\"nested\":{\"e\":\"aggTrade\",\"list\":[1,2,{\"a\":3}]}}}"u8]
            : Replace(frame, "{\"e\":\"", "{\"futureField\":{\"a\":[true,null,\"\\u00e9\\\"\"]},\"e\":\"re");

    /// <summary>A frame of so many bytes: the good one with a long unknown field.</summary>
    internal static byte[] Oversized(ReadOnlySpan<byte> frame, int bytes)
    {
        var padding = new byte[Math.Max(1, bytes - frame.Length - 9)];
        padding.AsSpan().Fill((byte)'x');
        return [.. frame[..^2], .. ",\"pad\":\""u8, .. padding, .. "\"}}"u8];
    }

    private static byte[] Replace(ReadOnlySpan<byte> frame, string old, string replacement)
    {
        var text = Encoding.UTF8.GetString(frame);
        var at = text.LastIndexOf(old, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(at < 0 ? text[..^3] : string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + old.Length)));
    }
}
