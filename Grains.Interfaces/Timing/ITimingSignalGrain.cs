using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Interfaces.Timing;

/// <summary>Watches one asset's candles, issues signals and follows each to its outcome. Key: the asset, BTC.</summary>
[Alias("ITimingSignalGrain")]
public interface ITimingSignalGrain : IGrainWithStringKey
{
    /// <summary>Signals still being followed, newest first.</summary>
    [Alias("GetActive")]
    Task<Signal[]> GetActiveAsync();

    /// <summary>Adds or renews an observer of this symbol's signals; it is dropped 30 s after its last renewal.</summary>
    [Alias("Observe")]
    Task ObserveAsync(IMarketObserver observer);
}

public enum SignalSide : byte
{
    Long,
    Short,
}

/// <summary>trading_signals.status: active until target or stop is hit (executed), time runs out (expired), or it is withdrawn (cancelled).</summary>
public enum SignalStatus : byte
{
    Active,
    Executed,
    Expired,
    Cancelled,
}

public enum SignalOutcome : byte
{
    Open,
    TargetHit,
    StopHit,
    TimedOut,
    Withdrawn,
}

/// <summary>One trading signal. Prices are USD; <paramref name="RiskReward"/> is reward divided by risk, from entry.</summary>
/// <param name="Rule">Which rule issued it: trend_pullback or breakout.</param>
/// <param name="ReturnPercent">What the signal made at its end, in percent of entry, signed for its side; null while open.</param>
[GenerateSerializer, Immutable, Alias("signal")]
public sealed record Signal(
    [property: Id(0)] long Id,
    [property: Id(1)] string Symbol,
    [property: Id(2)] SignalSide Side,
    [property: Id(3)] string Rule,
    [property: Id(4)] Timeframe Timeframe,
    [property: Id(5)] decimal EntryPrice,
    [property: Id(6)] decimal TargetPrice,
    [property: Id(7)] decimal StopLoss,
    [property: Id(8)] decimal RiskReward,
    [property: Id(9)] string RiskLevel,
    [property: Id(10)] decimal Confidence,
    [property: Id(11)] int TimeHorizonHours,
    [property: Id(12)] SignalStatus Status,
    [property: Id(13)] SignalOutcome Outcome,
    [property: Id(14)] decimal? ReturnPercent,
    [property: Id(15)] DateTimeOffset CreatedAt,
    [property: Id(16)] DateTimeOffset ExpiresAt,
    [property: Id(17)] DateTimeOffset? EndedAt);
