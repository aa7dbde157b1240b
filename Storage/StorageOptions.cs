using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Storage;

/// <summary>Section <c>Storage</c>: bounds and paces of what this process writes.</summary>
public sealed class StorageOptions
{
    /// <summary>Closed candles that may wait for the database; more are refused and must be backfilled later.</summary>
    [Range(1, 10_000_000)]
    public int SnapshotBuffer { get; set; } = 200_000;

    /// <summary>Candles written in one transaction.</summary>
    [Range(1, 1_000_000)]
    public int SnapshotBatch { get; set; } = 10_000;

    /// <summary>How often live figures go to the database.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan QuoteInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long stopping may take to write what still waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ShutdownFlush { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Outgoing calls that may wait to be logged; more are dropped and counted.</summary>
    [Range(1, 1_000_000)]
    public int ApiLogBuffer { get; set; } = 10_000;

    /// <summary>Keeps one of so many successful calls of an endpoint; 1 keeps all. Failed calls are always kept.</summary>
    [Range(1, 1_000_000)]
    public int ApiLogSuccessEvery { get; set; } = 1;

    /// <summary>Days that external_api_logs keeps.</summary>
    [Range(1, 3650)]
    public int ApiLogRetentionDays { get; set; } = 14;
}
