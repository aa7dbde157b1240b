namespace CryptoAI.Exchange.Simulation;

/// <summary>Allows so many events within any stretch of time. Not safe for several threads at once.</summary>
internal sealed class RateWindow(int most, TimeSpan stretch, TimeProvider time)
{
    private readonly Queue<long> recent = new();

    /// <summary>Counts an event; false when it is one too many, which is not counted.</summary>
    internal bool TryTake()
    {
        var now = time.GetTimestamp();
        while (recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= stretch)
        {
            recent.Dequeue();
        }

        if (recent.Count == most)
        {
            return false;
        }

        recent.Enqueue(now);
        return true;
    }
}
