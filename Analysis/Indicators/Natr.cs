namespace CryptoAI.Analysis.Indicators;

/// <summary>Normalized average true range (Forman 2006): 100·ATR/close, comparable between assets.</summary>
/// <param name="period">Wilder's period of the ATR, at least 1.</param>
public sealed class Natr(int period = 14)
{
    private readonly Atr range = new(period);

    /// <summary>Percent; NaN until <c>period</c> candles were added.</summary>
    public double Value { get; private set; } = double.NaN;

    public double Add(double high, double low, double close)
    {
        Value = 100 * range.Add(high, low, close) / close;
        return Value;
    }
}
