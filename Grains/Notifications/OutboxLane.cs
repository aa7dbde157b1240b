using System.Collections.Concurrent;
using CryptoAI.Grains.Operations;
using CryptoAI.Storage.Notifications;
using Microsoft.Extensions.Logging;

namespace CryptoAI.Grains.Notifications;

/// <summary>
/// Drains the outbox of one channel, in order of priority. When the channel is down, nothing is taken out of the outbox but one
/// delivery now and then to try it with, so that what waits keeps its order and loses no attempts.
/// </summary>
internal sealed partial class OutboxLane(
    DeliveryChannel channel, OutboxStore outbox, NotificationOptions options, OutboxMetrics metrics, TimeProvider time, ILogger log)
{
    // What is over and not recorded yet. Only of the batch under way.
    private readonly ConcurrentBag<Settlement> _settled = [];
    private int _timesDown;
    private DateTimeOffset _downUntil;

    /// <summary>Claims a batch and attempts it.</summary>
    /// <returns>Whether more may be due.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken cancellation)
    {
        var started = time.GetUtcNow();
        if (started < _downUntil)
        {
            return false;
        }

        var limit = _timesDown > 0 ? 1 : channel.Batch;
        var claimed = await outbox.ClaimAsync(channel.Channel, limit, started, options.Lease, cancellation);
        if (claimed.Length == 0)
        {
            return false;
        }

        using var down = new CancellationTokenSource();
        try
        {
            if (channel.Parallelism == 1)
            {
                foreach (var delivery in claimed)
                {
                    await TakeAsync(delivery, started, down, cancellation);
                }
            }
            else
            {
                await Parallel.ForEachAsync(
                    claimed,
                    new ParallelOptions { MaxDegreeOfParallelism = channel.Parallelism },
                    async (delivery, _) => await TakeAsync(delivery, started, down, cancellation));
            }
        }
        finally
        {
            await RecordAsync();
            await channel.RestAsync(cancellation);
        }

        return claimed.Length == limit && !down.IsCancellationRequested;
    }

    /// <summary>When a failed delivery is attempted again.</summary>
    internal TimeSpan Backoff(int attempt, double chance)
    {
        var doubled = options.FirstBackoff.Ticks * Math.Pow(2, Math.Min(attempt - 1, 40));
        return TimeSpan.FromTicks((long)(Math.Min(doubled, options.MaxBackoff.Ticks) * (0.5 + chance)));
    }

    private async Task TakeAsync(Delivery delivery, DateTimeOffset claimedAt, CancellationTokenSource down, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (down.IsCancellationRequested || cancellation.IsCancellationRequested || now + options.AttemptTimeout > claimedAt + options.Lease)
        {
            // Its turn comes again, at its old place and under a claim of its own.
            await outbox.GiveBackAsync(delivery, null, delivery.DueAt, CancellationToken.None);
            return;
        }

        var decision = DeliveryRules.Decide(delivery, now);
        if (decision.SkipBecause is { } reason)
        {
            _settled.Add(new Settlement(delivery, reason));
        }
        else if (decision.WaitUntil is { } until)
        {
            await outbox.GiveBackAsync(delivery, null, until, cancellation);
        }
        else
        {
            await AttemptAsync(delivery, down, cancellation);
        }
    }

    private async Task AttemptAsync(Delivery delivery, CancellationTokenSource down, CancellationToken cancellation)
    {
        try
        {
            using var timeout = new CancellationTokenSource(options.AttemptTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            var nowhere = await channel.SendAsync(delivery, either.Token);
            _timesDown = 0;
            _settled.Add(new Settlement(delivery, nowhere));
            if (nowhere is null && !channel.RecordsTogether)
            {
                await RecordAsync();
            }
        }
        catch (ChannelDownException exception)
        {
            await PauseAsync(exception.Message, down);
            if (exception.IsAttempt)
            {
                await FailAsync(delivery, exception.Message, isPermanent: false, retryAfter: null, cancellation);
            }
            else
            {
                await outbox.GiveBackAsync(delivery, exception.Message, delivery.DueAt, cancellation);
            }
        }
        catch (DeliveryFailedException exception)
        {
            _timesDown = 0;
            await FailAsync(delivery, exception.Message, exception.IsPermanent, exception.RetryAfter, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var reason = $"not done within {options.AttemptTimeout.TotalSeconds:0.#} s";
            await PauseAsync(reason, down);
            await FailAsync(delivery, reason, isPermanent: false, retryAfter: null, cancellation);
        }
    }

    /// <summary>Takes what is over out of the outbox. What could not be recorded comes again when its claim ends.</summary>
    private async Task RecordAsync()
    {
        var settled = new List<Settlement>();
        while (_settled.TryTake(out var settlement))
        {
            settled.Add(settlement);
        }

        if (settled.Count > 0)
        {
            // Also when the process is stopping, so that it need not be delivered again.
            await outbox.SettleAsync(settled, time.GetUtcNow(), CancellationToken.None);
            foreach (var settlement in settled)
            {
                metrics.Settled(channel.Channel, settlement.SkippedBecause is null ? "delivered" : "skipped");
            }
        }
    }

    private async Task FailAsync(Delivery delivery, string reason, bool isPermanent, TimeSpan? retryAfter, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (isPermanent || delivery.Attempt >= options.MaxAttempts)
        {
            await outbox.BuryAsync(delivery, reason, now, cancellation);
            metrics.Settled(delivery.Channel, "dead");
            LogDead(delivery.Channel, delivery.Notification.Id, delivery.Attempt, reason);
            return;
        }

        var pause = Backoff(delivery.Attempt, Random.Shared.NextDouble());
        await outbox.RetryAsync(delivery, reason, now + (retryAfter > pause ? retryAfter.Value : pause), cancellation);
        metrics.Failed(delivery.Channel);
    }

    private async Task PauseAsync(string reason, CancellationTokenSource down)
    {
        if (down.IsCancellationRequested)
        {
            return;
        }

        await down.CancelAsync();
        var pause = Math.Min(options.FirstChannelPause.Ticks * Math.Pow(2, Math.Min(_timesDown, 30)), options.MaxChannelPause.Ticks);
        _timesDown++;
        _downUntil = time.GetUtcNow() + TimeSpan.FromTicks((long)(pause * (0.5 + (Random.Shared.NextDouble() / 2))));
        metrics.Down(channel.Channel);
        LogDown(channel.Channel, reason, (_downUntil - time.GetUtcNow()).TotalSeconds);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Channel} is down, tried again in {Seconds:0.0} s: {Reason}")]
    private partial void LogDown(Interfaces.Notifications.NotificationChannel channel, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Channel}: notification {Id} is given up after {Attempts} attempts: {Reason}")]
    private partial void LogDead(Interfaces.Notifications.NotificationChannel channel, long id, int attempts, string reason);
}
