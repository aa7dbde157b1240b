namespace CryptoAI.Grains.Market;

/// <summary>Lets a number of callers in at a time; of those that wait, the one of the lowest rank comes next. Thread-safe.</summary>
internal sealed class RankedGate(int places)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, (int Rank, long Arrival)> _waiting = new();
    private int _free = places;
    private long _arrivals;

    /// <summary>Waits for a place, which <see cref="Leave"/> gives back. Cancelled, it took none.</summary>
    public async Task EnterAsync(int rank, CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn, (rank, _arrivals++));
        }

        await using var registration = cancellation.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    public void Leave()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }
}
