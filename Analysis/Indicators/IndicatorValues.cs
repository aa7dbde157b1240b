namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Indicator values at the close of one candle, NaN while a series is too short for one. Price-like ones are in the unit of
/// the prices, RSI, ADX and ±DI go from 0 to 100, OBV is in the unit of the volume.
/// </summary>
public readonly record struct IndicatorValues()
{
    public double Sma20 { get; init; } = double.NaN;

    public double Sma50 { get; init; } = double.NaN;

    public double Sma200 { get; init; } = double.NaN;

    public double Ema12 { get; init; } = double.NaN;

    public double Ema20 { get; init; } = double.NaN;

    public double Ema26 { get; init; } = double.NaN;

    public double Ema50 { get; init; } = double.NaN;

    public double Ema100 { get; init; } = double.NaN;

    public double Rsi14 { get; init; } = double.NaN;

    public double Macd { get; init; } = double.NaN;

    public double MacdSignal { get; init; } = double.NaN;

    public double MacdHistogram { get; init; } = double.NaN;

    public double BollingerUpper { get; init; } = double.NaN;

    public double BollingerMiddle { get; init; } = double.NaN;

    public double BollingerLower { get; init; } = double.NaN;

    public double Atr14 { get; init; } = double.NaN;

    public double Adx14 { get; init; } = double.NaN;

    public double PlusDi14 { get; init; } = double.NaN;

    public double MinusDi14 { get; init; } = double.NaN;

    /// <summary>Volume-weighted average price of the UTC day so far.</summary>
    public double Vwap { get; init; } = double.NaN;

    /// <summary>On-balance volume since the first candle added.</summary>
    public double Obv { get; init; } = double.NaN;
}
