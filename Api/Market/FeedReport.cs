using System.ComponentModel;

namespace CryptoAI.Api.Market;

/// <summary>Where prices come from and how whole they are.</summary>
public sealed record FeedReport
{
    [Description("binance or simulated.")]
    public required string Source { get; init; }

    public required bool IsSimulated { get; init; }

    [Description("The same in a sentence for people.")]
    public required string Notice { get; init; }

    [Description("When source and symbols were decided.")]
    public required DateTimeOffset ResolvedAt { get; init; }

    [Description("When this report was made; the ages are from then.")]
    public required DateTimeOffset Time { get; init; }

    public required IReadOnlyList<ShardReport> Shards { get; init; }

    public required IReadOnlyList<SymbolReport> Symbols { get; init; }
}

/// <summary>One connection to the exchange. Counts are since its grain was activated.</summary>
public sealed record ShardReport
{
    public required int Shard { get; init; }

    [Description("False as well when the shard does not answer.")]
    public required bool Connected { get; init; }

    public long? Frames { get; init; }

    public long? Trades { get; init; }

    [Description("Frames that could not be read.")]
    public long? MalformedFrames { get; init; }

    public long? OversizedFrames { get; init; }

    [Description("Well-formed frames of no interest.")]
    public long? IgnoredFrames { get; init; }

    [Description("Connections lost and made again.")]
    public long? Reconnects { get; init; }

    [Description("Connections replaced as planned.")]
    public long? Rotations { get; init; }

    [Description("Symbols subscribed again because they fell silent.")]
    public long? StaleResubscriptions { get; init; }

    public DateTimeOffset? LastFrameAt { get; init; }

    public static ShardReport From(int shard, FeedShardStatus? status) => new()
    {
        Shard = shard,
        Connected = status?.Connected ?? false,
        Frames = status?.Frames,
        Trades = status?.Trades,
        MalformedFrames = status?.MalformedFrames,
        OversizedFrames = status?.OversizedFrames,
        IgnoredFrames = status?.IgnoredFrames,
        Reconnects = status?.Reconnects,
        Rotations = status?.Rotations,
        StaleResubscriptions = status?.StaleResubscriptions,
        LastFrameAt = status?.LastFrameAt,
    };
}

/// <summary>How whole one symbol is. Counts are since its grain was activated; null when it does not answer.</summary>
public sealed record SymbolReport
{
    public required string Symbol { get; init; }

    [Description("The exchange's own name: BTCUSDT.")]
    public required string Pair { get; init; }

    [Description("History is loaded and trades are contiguous up to the newest.")]
    public required bool IsLive { get; init; }

    [Description("Seconds since anything about the symbol came over the wire.")]
    public double? LastMessageAgeSeconds { get; init; }

    [Description("Seconds since its last trade, by the exchange's time.")]
    public double? LastTradeAgeSeconds { get; init; }

    public DateTimeOffset? LastClosedMinute { get; init; }

    [Description("Holes in trade ids or minutes.")]
    public long? GapsFound { get; init; }

    [Description("Equal to gapsFound when nothing is open.")]
    public long? GapsRepaired { get; init; }

    [Description("1m candles found equal to the exchange's own.")]
    public long? MinutesReconciled { get; init; }

    [Description("1m candles that differed and were replaced by the exchange's.")]
    public long? MinutesDiffering { get; init; }

    [Description("Trades ignored because they were seen before.")]
    public long? Duplicates { get; init; }

    [Description("Closed candles not yet confirmed by the database.")]
    public int? Unwritten { get; init; }

    public static SymbolReport From(SymbolInfo info, SymbolAge? age, Continuity? continuity, DateTimeOffset now) => new()
    {
        Symbol = info.Symbol,
        Pair = info.Pair,
        IsLive = continuity?.IsLive ?? false,
        LastMessageAgeSeconds = Seconds(now, age?.LastMessageAt),
        LastTradeAgeSeconds = Seconds(now, continuity?.LastTradeAt),
        LastClosedMinute = continuity?.LastClosedMinute,
        GapsFound = continuity?.GapsFound,
        GapsRepaired = continuity?.GapsRepaired,
        MinutesReconciled = continuity?.MinutesReconciled,
        MinutesDiffering = continuity?.MinutesDiffering,
        Duplicates = continuity?.Duplicates,
        Unwritten = continuity?.UnwrittenCandles,
    };

    private static double? Seconds(DateTimeOffset now, DateTimeOffset? then) =>
        then is { } moment ? Math.Round(Math.Max(0, (now - moment).TotalSeconds), 3) : null;
}
