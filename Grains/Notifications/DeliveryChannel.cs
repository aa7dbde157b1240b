using CryptoAI.Grains.Interfaces.Notifications;
using CryptoAI.Storage.Notifications;

namespace CryptoAI.Grains.Notifications;

/// <summary>A way out. What it delivers may come twice, when a process dies between the delivery and its record: it carries an id by which the receiving end shows it once.</summary>
internal abstract class DeliveryChannel
{
    public abstract NotificationChannel Channel { get; }

    /// <summary>Deliveries claimed at once.</summary>
    public abstract int Batch { get; }

    /// <summary>Deliveries attempted at once. One keeps the order of priority exactly.</summary>
    public abstract int Parallelism { get; }

    /// <summary>
    /// Whether deliveries of a batch may be recorded together at its end. Costs one statement instead of one each, and delivers the batch again
    /// when the process dies before.
    /// </summary>
    public virtual bool RecordsTogether => false;

    /// <summary>Delivers. Gives null when it was taken, or why there is nothing to deliver to.</summary>
    /// <exception cref="DeliveryFailedException">This delivery was not taken.</exception>
    /// <exception cref="ChannelDownException">Nothing can be delivered at the moment.</exception>
    public abstract Task<string?> SendAsync(Delivery delivery, CancellationToken cancellation);

    /// <summary>No more deliveries for now: connections may be closed.</summary>
    public virtual Task RestAsync(CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>A delivery was refused or lost.</summary>
/// <param name="isPermanent">Another attempt would be refused as well.</param>
/// <param name="retryAfter">What the other side asked for.</param>
internal sealed class DeliveryFailedException(string message, bool isPermanent, TimeSpan? retryAfter = null) : Exception(message)
{
    public bool IsPermanent => isPermanent;

    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>The channel as a whole cannot be used: its server is away, does not answer, or refuses us.</summary>
/// <param name="isAttempt">It went down in the middle of this delivery, which may be the cause.</param>
internal sealed class ChannelDownException(string message, Exception? inner = null, bool isAttempt = false) : Exception(message, inner)
{
    public bool IsAttempt => isAttempt;
}
