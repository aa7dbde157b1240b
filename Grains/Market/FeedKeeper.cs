using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Market;

/// <summary>Keeps every feed shard of the cluster running: when the silo that held one is gone, the next call activates it elsewhere.</summary>
public sealed partial class FeedKeeper(IGrainFactory grains, IOptions<FeedOptions> options, TimeProvider time, ILogger<FeedKeeper> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                for (var shard = 0; shard < options.Value.Shards; shard++)
                {
                    try
                    {
                        await grains.GetGrain<IMarketFeedGrain>(shard).EnsureRunningAsync();
                    }
                    catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                    {
                        LogUnreachable(exception.Message, shard);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends, orderly or not.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Feed shard {Shard} cannot be reached: {Reason}")]
    private partial void LogUnreachable(string reason, int shard);
}
