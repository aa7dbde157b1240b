using System.Text.Json;
using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;

namespace CryptoAI.Grains.Timing;

/// <summary>From a rule's plan to the stored signal.</summary>
internal static class SignalMapping
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static Signal FromPlan(SignalPlan plan, Candle candle) => new(
        0,
        candle.Symbol,
        plan.Side == PositionSide.Long ? SignalSide.Long : SignalSide.Short,
        plan.Rule,
        candle.Timeframe,
        (decimal)plan.Entry,
        (decimal)plan.Target,
        (decimal)plan.Stop,
        Math.Round((decimal)plan.RiskReward, 4),
        plan.RiskLevel,
        Math.Round((decimal)plan.Confidence, 4),
        plan.HorizonHours,
        SignalStatus.Active,
        SignalOutcome.Open,
        null,
        DateTimeOffset.FromUnixTimeMilliseconds(plan.CreatedAt),
        DateTimeOffset.FromUnixTimeMilliseconds(plan.ExpiresAt),
        null);

    /// <summary>trading_signals.ai_analysis: the rule and the numbers that decided, each with the limit it had to keep.</summary>
    public static string ReasonsJson(SignalPlan plan) => JsonSerializer.Serialize(
        new { source = "rules", rule = plan.Rule, reasons = plan.Reasons }, Json);

    /// <summary>trading_signals.market_context: the deciding candle and the indicators at its close.</summary>
    public static string ContextJson(Candle candle) => JsonSerializer.Serialize(
        new
        {
            timeframe = candle.Timeframe.Code(),
            candle.OpenTime,
            candle.Open,
            candle.High,
            candle.Low,
            candle.Close,
            candle.Volume,
            candle.Indicators,
        },
        Json);
}
