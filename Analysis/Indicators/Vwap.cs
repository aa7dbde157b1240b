namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Volume-weighted average price of the UTC day so far: Σ typical price·volume / Σ volume, typical price = (high + low +
/// close)/3 (the candle form of Berkowitz, Logue and Noser, 1988).
/// </summary>
/// <remarks>
/// A series that starts in the middle of a day says nothing until the next day, so that the value of a candle does not
/// depend on how much history was loaded.
/// </remarks>
public sealed class Vwap
{
    private const long DayMs = 86_400_000;

    private long day = long.MinValue;
    private bool wholeDay;
    private double value;
    private double volume;

    /// <summary>In the unit of the prices; NaN before the first whole day, and while the day has no volume.</summary>
    public double Value { get; private set; } = double.NaN;

    /// <param name="openTimeMs">Start of the candle, Unix milliseconds.</param>
    public double Add(long openTimeMs, double high, double low, double close, double candleVolume)
    {
        var candleDay = Math.DivRem(openTimeMs, DayMs).Quotient;
        if (candleDay != day)
        {
            wholeDay = day != long.MinValue || openTimeMs % DayMs == 0;
            day = candleDay;
            value = 0;
            volume = 0;
        }

        value += (high + low + close) / 3 * candleVolume;
        volume += candleVolume;
        Value = wholeDay && volume > 0 ? value / volume : double.NaN;
        return Value;
    }
}

/// <summary>
/// Volume-weighted average price since the first candle added (Shannon, Maximum Trading Gains with Anchored VWAP, 2023).
/// </summary>
public sealed class AnchoredVwap
{
    private CompensatedSum value;
    private CompensatedSum volume;

    /// <summary>In the unit of the prices; NaN while there was no volume.</summary>
    public double Value => volume.Value > 0 ? value.Value / volume.Value : double.NaN;

    public double Add(double high, double low, double close, double candleVolume)
    {
        value.Add((high + low + close) / 3 * candleVolume);
        volume.Add(candleVolume);
        return Value;
    }
}
