using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CryptoAI.Grains.Notifications;

/// <summary>Delivers what the outbox holds, each channel by itself. Every silo runs one; claims keep them apart.</summary>
internal sealed partial class OutboxPump(
    IEnumerable<DeliveryChannel> channels,
    OutboxStore outbox,
    IOptions<NotificationOptions> options,
    OutboxMetrics metrics,
    TimeProvider time,
    ILogger<OutboxPump> log) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private const int ForgetBatch = 1_000;

    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Deliver)
        {
            return Task.CompletedTask;
        }

        var lanes = channels.Select(channel =>
        {
            var lane = new OutboxLane(channel, outbox, options.Value, metrics, time, log);
            var interval = channel.Channel == NotificationChannel.Hub ? options.Value.HubInterval : options.Value.Interval;
            return RepeatAsync(lane.RunOnceAsync, interval, $"Delivering to {channel.Channel}", stoppingToken);
        });
        return Task.WhenAll([
            .. lanes,
            RepeatAsync(ForgetSecretsAsync, SweepInterval, "Deleting secrets", stoppingToken),
            RepeatAsync(ForgetAsync, SweepInterval, "Deleting old notifications", stoppingToken)]);
    }

    private async Task<bool> ForgetSecretsAsync(CancellationToken cancellation)
    {
        await outbox.ForgetSecretsAsync(time.GetUtcNow(), cancellation);
        return false;
    }

    /// <summary>A batch of what is older than is kept; more may be left.</summary>
    private async Task<bool> ForgetAsync(CancellationToken cancellation) =>
        await outbox.ForgetAsync(time.GetUtcNow().AddDays(-options.Value.KeepDays), ForgetBatch, cancellation) == ForgetBatch;

    private async Task RepeatAsync(Func<CancellationToken, Task<bool>> run, TimeSpan interval, string what, CancellationToken stop)
    {
        var failing = false;
        while (!stop.IsCancellationRequested)
        {
            var pause = interval;
            try
            {
                pause = await run(stop) ? TimeSpan.Zero : interval;
                failing = false;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // As a rule the database is away. What was claimed comes again when the claim ends.
                if (!failing)
                {
                    LogFailed(exception, what);
                }

                failing = true;
                pause = FailurePause;
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed; trying again.")]
    private partial void LogFailed(Exception exception, string what);
}
