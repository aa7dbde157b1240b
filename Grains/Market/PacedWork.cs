namespace CryptoAI.Grains.Market;

/// <summary>
/// One kind of work that a grain does beside its messages: at most one run at a time, and after a failure not again before a
/// growing, jittered pause. It runs on the grain's scheduler, as turns of the grain.
/// </summary>
internal sealed class PacedWork(TimeProvider time, Func<Task> action, Action<Exception, TimeSpan> onFailure)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private DateTimeOffset _notBefore;
    private TimeSpan _pause = FirstPause;
    private TimeSpan _wait = FirstPause;

    /// <summary>The run under way, or the last one.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a run unless one is under way or the pause after a failure is not over.</summary>
    public void Start()
    {
        if (Running.IsCompleted && time.GetUtcNow() >= _notBefore)
        {
            Running = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await action();
            _pause = _wait = FirstPause;
        }
        catch (OperationCanceledException)
        {
            // The grain is being deactivated.
        }
        catch (NotReadyException)
        {
            // Soon again: it is a matter of seconds, or else of something that asking every second would only burden.
            _notBefore = time.GetUtcNow() + _wait;
            _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        }
        catch (Exception exception)
        {
            var pause = _pause * (0.5 + Random.Shared.NextDouble());
            _notBefore = time.GetUtcNow() + pause;
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            onFailure(exception, pause);
        }
    }
}
