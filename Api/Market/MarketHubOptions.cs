using System.ComponentModel.DataAnnotations;

namespace CryptoAI.Api.Market;

/// <summary>How the hub serves its clients. Section <c>Hub</c>.</summary>
public sealed class MarketHubOptions
{
    public const string Section = "Hub";

    /// <summary>Most symbols one client may follow.</summary>
    public const int MaxSymbols = 200;

    /// <summary>Least time between two price messages to a client; a price after a rest goes out at once.</summary>
    [Range(10, 10_000)]
    public int PriceIntervalMilliseconds { get; set; } = 100;

    /// <summary>Least time between two messages with open candles to a client.</summary>
    [Range(50, 60_000)]
    public int OpenCandleIntervalMilliseconds { get; set; } = 500;

    /// <summary>Bytes that may wait for a client that reads slower than candles close; beyond it the client is cut off.</summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 1024 * 1024;

    /// <summary>Seconds after which a client that takes nothing is cut off.</summary>
    [Range(1, 120)]
    public int SlowClientSeconds { get; set; } = 10;

    internal TimeSpan PriceInterval => TimeSpan.FromMilliseconds(PriceIntervalMilliseconds);

    internal TimeSpan OpenCandleInterval => TimeSpan.FromMilliseconds(OpenCandleIntervalMilliseconds);
}
