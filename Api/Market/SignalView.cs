using System.ComponentModel;

namespace CryptoAI.Api.Market;

/// <summary>A trading signal as the API shows it.</summary>
public sealed record SignalView
{
    public required long Id { get; init; }

    public required string Symbol { get; init; }

    public required SignalSide Side { get; init; }

    [Description("The rule that issued it: trend_pullback or breakout.")]
    public required string Rule { get; init; }

    public required Timeframe Timeframe { get; init; }

    [Description("USD.")]
    public required decimal EntryPrice { get; init; }

    [Description("USD.")]
    public required decimal TargetPrice { get; init; }

    [Description("USD.")]
    public required decimal StopLoss { get; init; }

    [Description("Reward divided by risk, from entry.")]
    public required decimal RiskReward { get; init; }

    public required string RiskLevel { get; init; }

    public required decimal Confidence { get; init; }

    public required int TimeHorizonHours { get; init; }

    public required SignalStatus Status { get; init; }

    public required SignalOutcome Outcome { get; init; }

    [Description("What it made at its end, in percent of entry, signed for its side; null while open.")]
    public decimal? ReturnPercent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public static SignalView From(Signal signal) => new()
    {
        Id = signal.Id,
        Symbol = signal.Symbol,
        Side = signal.Side,
        Rule = signal.Rule,
        Timeframe = signal.Timeframe,
        EntryPrice = signal.EntryPrice,
        TargetPrice = signal.TargetPrice,
        StopLoss = signal.StopLoss,
        RiskReward = signal.RiskReward,
        RiskLevel = signal.RiskLevel,
        Confidence = signal.Confidence,
        TimeHorizonHours = signal.TimeHorizonHours,
        Status = signal.Status,
        Outcome = signal.Outcome,
        ReturnPercent = signal.ReturnPercent,
        CreatedAt = signal.CreatedAt,
        ExpiresAt = signal.ExpiresAt,
        EndedAt = signal.EndedAt,
    };
}
