namespace CryptoAI.Analysis.Timing;

/// <summary>Whether a position gains when the price rises or when it falls.</summary>
public enum PositionSide : byte
{
    Long,
    Short,
}

/// <summary>
/// One number that decided: its name, what it was, and the limit that it had to keep. Prices are in the candles' unit.
/// </summary>
public readonly record struct SignalReason(string Name, double Value, double Limit);

/// <summary>A signal that a rule proposes at the close of a candle. Prices are in the candles' unit.</summary>
/// <param name="Rule">trend_pullback or breakout.</param>
/// <param name="Entry">The close of the deciding candle.</param>
/// <param name="RiskReward">(target − entry)/(entry − stop), after rounding to the tick.</param>
/// <param name="RiskLevel">low, medium, high or extreme: how far the price swings in a day, from the ATR.</param>
/// <param name="Confidence">From 0.2 to 0.8: how far within its conditions the rule was. A score, not a probability.</param>
/// <param name="CreatedAt">End of the deciding candle, Unix milliseconds.</param>
/// <param name="ExpiresAt">When it ends if neither target nor stop was reached, Unix milliseconds.</param>
/// <param name="HorizonHours">From creation to expiry, in whole hours.</param>
public sealed record SignalPlan(
    string Rule,
    PositionSide Side,
    double Entry,
    double Target,
    double Stop,
    double RiskReward,
    string RiskLevel,
    double Confidence,
    long CreatedAt,
    long ExpiresAt,
    int HorizonHours,
    IReadOnlyList<SignalReason> Reasons);
