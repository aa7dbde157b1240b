using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Engine.Local.Hosting;

/// <summary>Bounds of one stream provider.</summary>
public sealed class LocalStreamOptions
{
    /// <summary>Publications that may wait for one subscriber; when it is full, publishing waits.</summary>
    [Range(1, 1_000_000)]
    public int QueueLength { get; set; } = 1024;

    /// <summary>How long a failing delivery is tried again before the subscriber is told of its loss and gets the next one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxDeliveryTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before the first repetition; it doubles up to <see cref="MaxRetryDelay"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);
}
