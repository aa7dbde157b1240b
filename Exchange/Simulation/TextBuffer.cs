using System.Buffers;
using System.Buffers.Text;

namespace CryptoAI.Exchange.Simulation;

/// <summary>A growing buffer of UTF-8 text. Numbers are written as the exchange writes them: amounts with eight decimals.</summary>
internal sealed class TextBuffer : IDisposable
{
    private const int Decimals = 8;
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(4096);

    internal int Length { get; set; }

    internal ReadOnlySpan<byte> Span => bytes.AsSpan(0, Length);

    internal ReadOnlyMemory<byte> Memory => bytes.AsMemory(0, Length);

    internal TextBuffer Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
        return this;
    }

    internal TextBuffer Add(string text)
    {
        Length += System.Text.Encoding.UTF8.GetBytes(text, Room(text.Length * 3));
        return this;
    }

    internal TextBuffer Add(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out var written);
        Length += written;
        return this;
    }

    internal TextBuffer Add(bool value) => Add(value ? "true"u8 : "false"u8);

    /// <summary>A quoted decimal: 123 at scale 2 is "1.23000000".</summary>
    internal TextBuffer AddDecimal(Int128 value, int scale)
    {
        var room = Room(64);
        var at = 0;
        room[at++] = (byte)'"';
        if (value < 0)
        {
            room[at++] = (byte)'-';
            value = -value;
        }

        var unit = PowersOfTen[scale];
        ulong whole, fraction;
        if (value <= ulong.MaxValue)
        {
            (whole, fraction) = Math.DivRem((ulong)value, unit);
        }
        else
        {
            var (high, low) = Int128.DivRem(value, unit);
            (whole, fraction) = ((ulong)high, (ulong)low);
        }

        Utf8Formatter.TryFormat(whole, room[at..], out var written);
        at += written;
        room[at++] = (byte)'.';
        fraction *= PowersOfTen[Decimals - scale];
        for (var i = Decimals - 1; i >= 0; i--)
        {
            (fraction, var digit) = Math.DivRem(fraction, 10);
            room[at + i] = (byte)('0' + digit);
        }

        at += Decimals;
        room[at++] = (byte)'"';
        Length += at;
        return this;
    }

    private static ReadOnlySpan<ulong> PowersOfTen => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        Length = 0;
    }

    private Span<byte> Room(int count)
    {
        if (bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, Length + count));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        return bytes.AsSpan(Length);
    }
}
