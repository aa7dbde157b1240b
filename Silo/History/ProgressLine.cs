using System.Globalization;

namespace CryptoAI.Silo.History;

/// <summary>Shows how far something is: a bar that is drawn over on a terminal, nothing but the reports elsewhere. Thread-safe.</summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, TimeProvider time) : IDisposable
{
    private const int Width = 30;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _drawnAt;
    private int _drawn;

    /// <param name="title">Of what.</param>
    /// <param name="part">0 to 1.</param>
    public void Show(string title, double part)
    {
        if (!isTerminal)
        {
            return;
        }

        lock (_lock)
        {
            if (_drawn > 0 && time.GetElapsedTime(_drawnAt) < Pace)
            {
                return;
            }

            var done = (int)Math.Round(Math.Clamp(part, 0, 1) * Width);
            var line = string.Create(
                CultureInfo.InvariantCulture, $"[{new string('#', done)}{new string('.', Width - done)}] {part,4:P0} {(title.Length <= 60 ? title : title[..60])}");
            output.Write('\r' + line.PadRight(_drawn));
            (_drawn, _drawnAt) = (line.Length, time.GetTimestamp());
        }
    }

    /// <summary>Writes whole lines, where the bar was.</summary>
    public void Write(IEnumerable<string> lines)
    {
        lock (_lock)
        {
            Clear();
            foreach (var line in lines)
            {
                output.WriteLine(line);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Clear();
        }
    }

    private void Clear()
    {
        if (_drawn > 0)
        {
            output.Write('\r' + new string(' ', _drawn) + '\r');
            _drawn = 0;
        }
    }
}
