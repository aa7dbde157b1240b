using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CryptoAI.Exchange.Simulation;

internal enum Opcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>
/// The framing of RFC 6455, server side. By hand, so that one write carries many frames, pings and pongs are seen, and what is
/// wrong on purpose can be sent.
/// </summary>
internal static class WebSocketFrames
{
    internal const int LongestHeader = 10;

    /// <summary>The handshake's answer to a key (RFC 6455, 4.2.2).</summary>
    internal static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    /// <summary>Writes the header of an unfragmented, unmasked frame; gives its length.</summary>
    internal static int WriteHeader(Span<byte> into, Opcode opcode, int length)
    {
        into[0] = (byte)(0x80 | (byte)opcode);
        switch (length)
        {
            case < 126:
                into[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                into[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)length);
                return 4;
            default:
                into[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(into[2..], (ulong)length);
                return 10;
        }
    }

    /// <summary>
    /// Reads a client's frame at the start of a buffer and takes off its mask. False when it has not come whole yet; a frame that
    /// breaks the protocol has <see cref="ClientFrame.Broken"/> set.
    /// </summary>
    internal static bool TryRead(Span<byte> buffer, out ClientFrame frame)
    {
        frame = default;
        if (buffer.Length < 2)
        {
            return false;
        }

        var masked = (buffer[1] & 0x80) != 0;
        var header = 2;
        var length = (ulong)(buffer[1] & 0x7F);
        if (length == 126)
        {
            if (buffer.Length < 4)
            {
                return false;
            }

            (length, header) = (BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]), 4);
        }
        else if (length == 127)
        {
            if (buffer.Length < 10)
            {
                return false;
            }

            (length, header) = (BinaryPrimitives.ReadUInt64BigEndian(buffer[2..]), 10);
        }

        var broken = !masked || (buffer[0] & 0x70) != 0 || length > StreamConnection.LongestMessage;
        if (broken)
        {
            frame = new ClientFrame(Opcode.Close, false, 0, 0, true);
            return true;
        }

        if (buffer.Length < header + 4 + (int)length)
        {
            return false;
        }

        var payload = buffer.Slice(header + 4, (int)length);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= buffer[header + (i & 3)];
        }

        frame = new ClientFrame((Opcode)(buffer[0] & 0x0F), (buffer[0] & 0x80) != 0, header + 4, (int)length, false);
        return true;
    }
}

/// <summary>Where a client's frame lies in the buffer it was read from.</summary>
internal readonly record struct ClientFrame(Opcode Opcode, bool IsFinal, int Start, int Length, bool Broken);
