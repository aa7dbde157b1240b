using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Storage.Market;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, encoded straight from the candle into one pooled buffer: a field costs no call
/// into the driver and the JSON no string. Format: PostgreSQL manual, COPY, "Binary Format"; numeric as in numeric_send().
/// </summary>
internal sealed class CopyBuffer : IBufferWriter<byte>, IDisposable
{
    private const short NumericNegative = 0x4000;
    private const int Base = 10_000;

    private static readonly UInt128[] PowersOfTen = [1, 10, 100, 1000];
    private static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly long PostgresEpochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly Utf8JsonWriter _json;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _length;

    public CopyBuffer() => _json = new Utf8JsonWriter(this, new JsonWriterOptions { SkipValidation = true });

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void WriteHeader() => Write(Signature);

    public void WriteTrailer() => Int16(-1);

    public void StartRow(short fields) => Int16(fields);

    public void WriteNull() => Int32(-1);

    public void WriteInt64(long value)
    {
        Int32(8);
        BinaryPrimitives.WriteInt64BigEndian(Take(8), value);
    }

    public void WriteTimestamp(DateTimeOffset time) => WriteInt64((time.UtcTicks - PostgresEpochTicks) / TimeSpan.TicksPerMicrosecond);

    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        Int32(utf8.Length);
        Write(utf8);
    }

    /// <summary>Exact: all digits that the decimal has.</summary>
    public void WriteNumeric(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0xFF;
        var rest = new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);

        // Digits go out in groups of four, aligned at the decimal point.
        rest *= PowersOfTen[(4 - (scale % 4)) % 4];
        Span<short> groups = stackalloc short[9];
        var count = 0;
        while (rest > ulong.MaxValue)
        {
            (rest, var group) = UInt128.DivRem(rest, Base);
            groups[count++] = (short)group;
        }

        for (var small = (ulong)rest; small != 0; small /= Base)
        {
            groups[count++] = (short)(small % Base);
        }

        var weight = count - ((scale + 3) / 4) - 1;
        var first = 0;
        while (first < count && groups[first] == 0)
        {
            first++;
        }

        var digits = count - first;
        Int32(8 + (2 * digits));
        Int16((short)digits);
        Int16((short)(digits == 0 ? 0 : weight));
        Int16(bits[3] < 0 && digits > 0 ? NumericNegative : (short)0);
        Int16((short)scale);
        for (var i = count - 1; i >= first; i--)
        {
            Int16(groups[i]);
        }
    }

    /// <summary>A jsonb field, NULL when no indicator is known.</summary>
    public void WriteIndicators(Indicators? indicators)
    {
        var start = _length;
        Int32(-1);
        var version = Take(1);
        version[0] = 1;
        _json.Reset();
        if (IndicatorsJson.Write(_json, indicators))
        {
            BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), _length - start - 4);
        }
        else
        {
            _length = start + 4;
        }
    }

    public void Dispose()
    {
        _json.Dispose();
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_length);
    }

    private void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    private void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    private void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int count)
    {
        Reserve(count);
        var span = _bytes.AsSpan(_length, count);
        _length += count;
        return span;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + count));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
