using System.Text;

namespace CryptoAI.Grains.Market;

/// <summary>Offending bytes for a log line: cut short, and nothing in them can break the line.</summary>
internal static class FrameText
{
    private const int MaxBytes = 160;

    public static string Cut(ReadOnlySpan<byte> frame)
    {
        var text = new StringBuilder(MaxBytes + 16);
        foreach (var value in frame[..Math.Min(frame.Length, MaxBytes)])
        {
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
        }

        return frame.Length > MaxBytes ? text.Append("… ").Append(frame.Length).Append(" bytes").ToString() : text.ToString();
    }
}
