using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Exchange.Market;

/// <summary>
/// The fast path: an aggTrade exactly as the exchange writes it, raw or combined. It accepts nothing that the slow path
/// would not decode to the same trade; at the first doubt it gives the frame up.
/// </summary>
public sealed partial class FrameDecoder
{
    private const int LongestFastPair = 16;
    private const ulong Zeros = 0x3030_3030_3030_3030;
    private const ulong HighBits = 0x8080_8080_8080_8080;

    private static readonly Literal StreamOpen = new("{\"stream"u8);
    private static readonly Literal StreamColon = new("am\":\""u8);
    private static readonly Literal EventOpen = new("{\"e\":\"ag"u8);
    private static readonly Literal EventMiddle = new("gTrade\","u8);
    private static readonly Literal EventTimeKey = new("\"E\":"u8);
    private static readonly Literal DataHead = new("@aggTrad"u8);
    private static readonly Literal DataMiddle = new("e\",\"data"u8);
    private static readonly Literal DataColon = new("\":"u8);
    private static readonly Literal SymbolKey = new(",\"s\":\""u8);
    private static readonly Literal IdKey = new("\",\"a\":"u8);
    private static readonly Literal PriceKey = new(",\"p\":\""u8);
    private static readonly Literal QuantityKey = new("\",\"q\":\""u8);
    private static readonly Literal FirstKey = new("\",\"f\":"u8);
    private static readonly Literal LastKey = new(",\"l\":"u8);
    private static readonly Literal TimeKey = new(",\"T\":"u8);
    private static readonly Literal MakerKey = new(",\"m\":"u8);
    private static readonly Literal MatchKey = new(",\"M\":"u8);
    private static readonly uint True = MemoryMarshal.Read<uint>("true"u8);
    private static readonly uint Fals = MemoryMarshal.Read<uint>("fals"u8);

    private bool TryDecodeUsual(ReadOnlySpan<byte> frame, out DecodedFrame decoded)
    {
        Unsafe.SkipInit(out decoded);
        if (!BitConverter.IsLittleEndian)
        {
            return false;
        }

        var cursor = new Cursor(frame);
        UInt128 streamPair = 0;
        var pairLength = 0;
        var isCombined = cursor.Expect(StreamOpen);
        if (isCombined)
        {
            cursor.Position -= 2;
            if (!cursor.Expect(StreamColon) || !cursor.TryPair((byte)'@', out streamPair, out pairLength)
                || !cursor.Expect(DataHead) || !cursor.Expect(DataMiddle) || !cursor.Expect(DataColon))
            {
                return false;
            }
        }

        if (!cursor.Expect(EventOpen) || !cursor.Expect(EventMiddle) || !cursor.Expect(EventTimeKey)
            || !cursor.TryDigits(out var eventTime) || !cursor.Expect(SymbolKey)
            || !cursor.TryPair((byte)'"', out var pair, out var length))
        {
            return false;
        }

        ref readonly var entry = ref Find(pair);
        // The lengths as well: the keys end with zeros, and so may what a frame has between its quotes.
        if (entry.Pair != pair || entry.Length != length || (isCombined && (entry.StreamPair != streamPair || length != pairLength)))
        {
            return false;
        }

        var index = entry.Index;
        if (!cursor.Expect(IdKey) || !cursor.TryDigits(out var id)
            || !cursor.Expect(PriceKey) || !cursor.TryDecimal(_priceScales[index], out var price)
            || !cursor.Expect(QuantityKey) || !cursor.TryDecimal(_quantityScales[index], out var quantity)
            || !cursor.Expect(FirstKey) || !cursor.TryDigits(out var first)
            || !cursor.Expect(LastKey) || !cursor.TryDigits(out var last)
            || !cursor.Expect(TimeKey) || !cursor.TryDigits(out var time)
            || !cursor.TryEnd(isCombined))
        {
            return false;
        }

        var count = last - first;
        if (price == 0 || quantity == 0 || count < 0 || count >= int.MaxValue
            || !JsonFields.IsTime(time) || !JsonFields.IsTime(eventTime))
        {
            return false;
        }

        decoded = new(index, new(id, time, price, quantity, (int)count + 1), null, eventTime);
        return true;
    }

    private ref readonly FastEntry Find(UInt128 pair)
    {
        var slot = (int)(Hash(pair) >> _tableShift);
        while (true)
        {
            // The table is at most half full, so an empty entry ends every search.
            ref readonly var entry = ref _table[slot];
            if (entry.Pair == pair || entry.Pair == 0)
            {
                return ref entry;
            }

            slot = (slot + 1) & (_table.Length - 1);
        }
    }

    private static uint Hash(UInt128 pair) => (uint)((((ulong)pair ^ BitOperations.RotateLeft((ulong)(pair >> 64), 29)) * 0x9E37_79B9_7F4A_7C15) >> 32);

    private static (FastEntry[] Table, int Shift) BuildTable(IReadOnlyList<SymbolInfo> symbols)
    {
        var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, symbols.Count * 2)));
        var table = new FastEntry[1 << bits];
        for (var index = 0; index < symbols.Count; index++)
        {
            var pair = symbols[index].Pair;
            if (pair.Length is 0 or > LongestFastPair || !Ascii.IsValid(pair) || pair.AsSpan().ContainsAny('"', '\\', '@') || pair.Any(char.IsControl))
            {
                continue;
            }

            var key = Key(pair);
            var slot = (int)(Hash(key) >> (32 - bits));
            while (table[slot].Pair != 0)
            {
                slot = (slot + 1) & (table.Length - 1);
            }

            table[slot] = new() { Pair = key, StreamPair = Key(pair.ToLowerInvariant()), Length = pair.Length, Index = index };
        }

        return (table, 32 - bits);
    }

    private static UInt128 Key(string pair)
    {
        Span<byte> bytes = stackalloc byte[LongestFastPair];
        bytes.Clear();
        Encoding.ASCII.GetBytes(pair, bytes);
        return MemoryMarshal.Read<UInt128>(bytes);
    }

    private struct FastEntry
    {
        public UInt128 Pair;
        public UInt128 StreamPair;
        public int Length;
        public int Index;
    }

    /// <summary>Up to eight bytes to compare at once.</summary>
    private readonly struct Literal
    {
        public readonly ulong Bytes;
        public readonly ulong Mask;
        public readonly int Length;

        public Literal(ReadOnlySpan<byte> text)
        {
            Span<byte> padded = stackalloc byte[8];
            padded.Clear();
            text.CopyTo(padded);
            Bytes = MemoryMarshal.Read<ulong>(padded);
            Length = text.Length;
            Mask = ulong.MaxValue >> (64 - (8 * text.Length));
        }
    }

    /// <summary>A position in the frame. Every read is checked against the frame's end first.</summary>
    private ref struct Cursor(ReadOnlySpan<byte> frame)
    {
        public nint Position;

        private readonly ref byte _start = ref MemoryMarshal.GetReference(frame);
        private readonly nint _end = frame.Length;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Expect(in Literal literal)
        {
            if (Position + 8 > _end || (Eight() & literal.Mask) != literal.Bytes)
            {
                return false;
            }

            Position += literal.Length;
            return true;
        }

        /// <summary>The bytes before the terminator, 1 to 16 of them; the position moves onto the terminator.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryPair(byte terminator, out UInt128 pair, out int length)
        {
            pair = 0;
            length = 0;
            if (Position + 24 > _end)
            {
                return false;
            }

            var text = Vector128.LoadUnsafe(ref _start, (nuint)Position);
            var matches = Vector128.Equals(text, Vector128.Create(terminator)).ExtractMostSignificantBits();
            length = BitOperations.TrailingZeroCount(matches);
            if (length is 0 or >= LongestFastPair)
            {
                return false;
            }

            var low = text.AsUInt64().ToScalar();
            var high = text.AsUInt64().GetElement(1);
            var shift = 8 * length;
            pair = shift >= 64
                ? new(high & ((1UL << (shift - 64)) - 1), low)
                : new(0, low & ((1UL << shift) - 1));
            Position += length;
            return true;
        }

        /// <summary>A JSON integer of 1 to 15 digits.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryDigits(out long value)
        {
            value = 0;
            if (Position + 16 > _end)
            {
                return false;
            }

            var digits = Eight() ^ Zeros;
            var others = NotDigits(digits);
            if (others != 0)
            {
                var count = BitOperations.TrailingZeroCount(others) >> 3;
                if (count == 0)
                {
                    return false;
                }

                Position += count;
                value = ToNumber(digits << (64 - (8 * count)));
                return count == 1 || (byte)digits != 0;
            }

            Position += 8;
            var more = Eight() ^ Zeros;
            others = NotDigits(more);
            if (others == 0 || (byte)digits == 0)
            {
                return false;
            }

            var moreCount = BitOperations.TrailingZeroCount(others) >> 3;
            Position += moreCount;
            // Two shifts, because a shift by 64 is a shift by 0.
            value = (ToNumber(digits) * ScaledNumber.PowerOfTen(moreCount)) + ToNumber(more << (32 - (4 * moreCount)) << (32 - (4 * moreCount)));
            return true;
        }

        /// <summary>digits[.digits] of at most 15 and 8 digits, as an integer of 10^-scale; false when it is finer or too large.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryDecimal(int scale, out long value)
        {
            if (!TryDigits(out value))
            {
                return false;
            }

            var unit = ScaledNumber.PowerOfTen(scale);
            if (value >= long.MaxValue / 100_000_000 && value > (long.MaxValue / unit) - 1)
            {
                return false;
            }

            value *= unit;
            if (Unsafe.Add(ref _start, Position) != (byte)'.')
            {
                return true;
            }

            Position++;
            if (Position + 8 > _end)
            {
                return false;
            }

            var digits = Eight() ^ Zeros;
            var count = BitOperations.TrailingZeroCount(NotDigits(digits)) >> 3;
            Position += count;
            var unused = 32 - (4 * count);
            digits = digits << unused << unused >> unused >> unused;
            var coarser = 32 - (4 * scale);
            value += ToNumber(digits << coarser << coarser);
            return count != 0 && (digits >> (4 * scale) >> (4 * scale)) == 0;
        }

        /// <summary>The maker flags and the closing braces, up to the frame's last byte.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryEnd(bool isCombined)
        {
            if (!Expect(MakerKey) || !TryBoolean() || (Expect(MatchKey) && !TryBoolean()))
            {
                return false;
            }

            return _end - Position == (isCombined ? 2 : 1)
                && Unsafe.Add(ref _start, Position) == (byte)'}'
                && Unsafe.Add(ref _start, _end - 1) == (byte)'}';
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private bool TryBoolean()
        {
            if (Position + 5 > _end)
            {
                return false;
            }

            // Without branches: buyers and sellers alternate at random.
            var text = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref _start, Position));
            var isTrue = text == True;
            var isFalse = (text == Fals) & (Unsafe.Add(ref _start, Position + 4) == (byte)'e');
            Position += isFalse ? 5 : 4;
            return isTrue | isFalse;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly ulong Eight() => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref _start, Position));

        /// <summary>The high bit of every byte that is above 9. TrailingZeroCount of 0 is 64, which is eight digits.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong NotDigits(ulong digits) => (((digits & ~HighBits) + 0x7676_7676_7676_7676) | digits) & HighBits;

        /// <summary>Eight digits 0 to 9, the first in the lowest byte, added up in pairs, fours and eights.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static long ToNumber(ulong digits)
        {
            digits = (digits * 10) + (digits >> 8);
            return (long)(uint)((((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064)
                + (((digits >> 16) & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001)) >> 32);
        }
    }
}
