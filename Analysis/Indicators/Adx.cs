namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Directional movement (Wilder 1978). +DM is the rise of the high and −DM the fall of the low against the candle before;
/// only the larger of the two counts, and only if positive. ±DI = 100·(Wilder average of ±DM)/(Wilder average of the true
/// range), DX = 100·|+DI − −DI|/(+DI + −DI), ADX = the Wilder average of DX. All from 0 to 100; a quotient of nothing by
/// nothing (a market that stands still) is 0.
/// </summary>
/// <param name="period">Candles averaged; Wilder's is 14.</param>
public sealed class Adx(int period = 14)
{
    private readonly Ema upward = Ema.Wilder(period);
    private readonly Ema downward = Ema.Wilder(period);
    private readonly Ema range = Ema.Wilder(period);
    private readonly Ema index = Ema.Wilder(period);
    private double previousHigh = double.NaN;
    private double previousLow;
    private double previousClose;

    /// <summary>ADX; NaN until 2·<c>period</c> candles were added.</summary>
    public double Value => index.Value;

    /// <summary>+DI; NaN until <c>period</c> + 1 candles were added.</summary>
    public double PlusDi { get; private set; } = double.NaN;

    /// <summary>−DI; NaN until <c>period</c> + 1 candles were added.</summary>
    public double MinusDi { get; private set; } = double.NaN;

    public void Add(double high, double low, double close)
    {
        if (!double.IsNaN(previousHigh))
        {
            var rise = high - previousHigh;
            var fall = previousLow - low;
            var up = upward.Add(rise > fall && rise > 0 ? rise : 0);
            var down = downward.Add(fall > rise && fall > 0 ? fall : 0);
            var trueRange = range.Add(Atr.TrueRange(high, low, previousClose));
            if (!double.IsNaN(trueRange))
            {
                PlusDi = Percent(up, trueRange);
                MinusDi = Percent(down, trueRange);
                index.Add(Percent(Math.Abs(PlusDi - MinusDi), PlusDi + MinusDi));
            }
        }

        previousHigh = high;
        previousLow = low;
        previousClose = close;
    }

    private static double Percent(double part, double whole) => whole == 0 ? 0 : 100 * part / whole;
}
