namespace CryptoAI.Api.Operations;

/// <summary>Says something once, after the host has started, however long what it asks for takes to come.</summary>
internal abstract class StartNotice(IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs once, when the host listens.</summary>
    protected abstract Task SayAsync(CancellationToken stop);

    /// <summary>Asks until there is an answer. Tells the reason once when it has to wait.</summary>
    protected async Task<T> AnswerAsync<T>(Func<Task<T>> ask, Action<string> tellWaiting, CancellationToken stop)
    {
        for (var isWaiting = false; ; isWaiting = true)
        {
            try
            {
                return await ask();
            }
            catch (Exception exception) when (FailureHandler.Absence(exception) is not null && !stop.IsCancellationRequested)
            {
                if (!isWaiting)
                {
                    tellWaiting(exception.Message);
                }
            }

            await Task.Delay(Pause, time, stop);
        }
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await started.Task.WaitAsync(stoppingToken);
            await SayAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before there was anything to say.
        }
    }
}
