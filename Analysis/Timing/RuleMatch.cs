namespace CryptoAI.Analysis.Timing;

/// <summary>A rule whose conditions hold: what it saw, and the price that the stop must lie beyond.</summary>
/// <param name="Swing">Extreme price of the move that the signal bets against; NaN when the stop follows from the ATR alone.</param>
/// <param name="Confidence">From 0.2 to 0.8.</param>
internal sealed record RuleMatch(string Rule, PositionSide Side, double Swing, double Confidence, SignalReason[] Reasons)
{
    /// <summary>
    /// 0.2 where every condition is only just met, 0.8 where each is met by its full measure. A mean of scores clipped to
    /// 0..1: no claim about how often such a signal wins.
    /// </summary>
    public static double Score(double a, double b, double c) => 0.2 + (0.6 * (Clip(a) + Clip(b) + Clip(c)) / 3);

    private static double Clip(double score) => double.IsNaN(score) ? 0 : Math.Clamp(score, 0, 1);
}
