using CryptoAI.Grains.Interfaces.Operations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Operations.Tasks;

/// <summary>Has every job looked at, from every silo: when the silo that ran one is gone, the next call activates its grain elsewhere.</summary>
internal sealed partial class TaskKeeper(IGrainFactory grains, JobCatalogue jobs, IOptions<TaskOptions> options, TimeProvider time, ILogger<TaskKeeper> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        try
        {
            do
            {
                foreach (var (job, _) in jobs.All)
                {
                    try
                    {
                        await grains.GetGrain<IBackgroundTaskGrain>(job.Name).LookAsync();
                    }
                    catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                    {
                        LogUnreachable(exception.Message, job.Name);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Task {Name} cannot be reached: {Reason}")]
    private partial void LogUnreachable(string reason, string name);
}
