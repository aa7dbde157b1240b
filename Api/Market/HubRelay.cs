namespace CryptoAI.Api.Market;

/// <summary>
/// This node's ear for rare events of one grain, which go to everyone on the hub. Observation is a lease that is renewed, and each renewal is answered with
/// the newest event, so that one that was not heard is told then.
/// </summary>
internal abstract partial class HubRelay<TEvent>(string what, TimeProvider time, ILogger log) : BackgroundService
    where TEvent : class
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether the grain was asked before: what the first look finds is no news, the API shows it.</summary>
    public bool HasLooked { get; private set; }

    /// <summary>Renews the lease.</summary>
    /// <returns>The newest event; null: none.</returns>
    protected abstract Task<TEvent?> ObserveAsync();

    /// <summary>Tells an event, unless it was told before.</summary>
    protected abstract Task TellAsync(TEvent now);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Renewal, time);
        try
        {
            do
            {
                try
                {
                    if (await ObserveAsync().WaitAsync(Patience, time, stoppingToken) is { } newest)
                    {
                        await TellAsync(newest);
                    }

                    HasLooked = true;
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogNotObserved(what, exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of the {What} are not heard, again in 10 s: {Reason}")]
    private partial void LogNotObserved(string what, string reason);
}
