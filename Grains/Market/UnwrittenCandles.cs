namespace CryptoAI.Grains.Market;

/// <summary>Closed candles handed to the snapshot writer and not yet confirmed, in order.</summary>
internal sealed class UnwrittenCandles
{
    private readonly Queue<(Task Committed, int Count)> _batches = new();

    public int Count { get; private set; }

    public void Add(Task committed, int count)
    {
        _batches.Enqueue((committed, count));
        Count += count;
    }

    /// <summary>Forgets what is confirmed. True when a batch was lost, so that history must be looked through again.</summary>
    public bool Prune()
    {
        var lost = false;
        while (_batches.TryPeek(out var oldest) && oldest.Committed.IsCompleted)
        {
            _batches.Dequeue();
            Count -= oldest.Count;
            lost |= !oldest.Committed.IsCompletedSuccessfully;
        }

        return lost;
    }
}
