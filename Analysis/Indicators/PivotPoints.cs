namespace CryptoAI.Analysis.Indicators;

/// <summary>How levels follow from a period's high H, low L and close C; P = (H + L + C)/3 in all, and R = H − L.</summary>
public enum PivotMethod
{
    /// <summary>Floor traders': 2P − L, P + R, H + 2(P − L), and below 2P − H, P − R, L − 2(H − P).</summary>
    Classic,

    /// <summary>P ± 0.382·R, P ± 0.618·R, P ± R.</summary>
    Fibonacci,

    /// <summary>Stott's: C ± 1.1·R/12, C ± 1.1·R/6, C ± 1.1·R/4.</summary>
    Camarilla,
}

/// <summary>
/// Pivot points (Person 2004): levels for a UTC day, or a week from Monday, out of the one before. A series that starts in the
/// middle of a period says nothing until the first whole one is over. In the unit of the prices.
/// </summary>
public sealed class PivotPoints(PivotMethod method = PivotMethod.Classic, bool weekly = false)
{
    private const long DayMs = 86_400_000;

    /// <summary>1970-01-01 was a Thursday.</summary>
    private const long FirstMondayMs = 4 * DayMs;

    private long period = long.MinValue;
    private bool isWhole;
    private double high;
    private double low;
    private double close;

    /// <summary>P; NaN, like every level, before the first whole period is over.</summary>
    public double Pivot { get; private set; } = double.NaN;

    public double R1 { get; private set; } = double.NaN;

    public double R2 { get; private set; } = double.NaN;

    public double R3 { get; private set; } = double.NaN;

    public double S1 { get; private set; } = double.NaN;

    public double S2 { get; private set; } = double.NaN;

    public double S3 { get; private set; } = double.NaN;

    /// <param name="openTimeMs">Start of the candle, Unix milliseconds.</param>
    public void Add(long openTimeMs, double candleHigh, double candleLow, double candleClose)
    {
        var (length, offset) = weekly ? (7 * DayMs, FirstMondayMs) : (DayMs, 0);
        var (current, within) = Math.DivRem(openTimeMs - offset, length);
        if (current != period)
        {
            if (isWhole)
            {
                SetLevels();
            }

            isWhole = period != long.MinValue || within == 0;
            period = current;
            high = candleHigh;
            low = candleLow;
        }

        high = Math.Max(high, candleHigh);
        low = Math.Min(low, candleLow);
        close = candleClose;
    }

    private void SetLevels()
    {
        var range = high - low;
        Pivot = (high + low + close) / 3;
        switch (method)
        {
            case PivotMethod.Classic:
                (R1, R2, R3) = ((2 * Pivot) - low, Pivot + range, high + (2 * (Pivot - low)));
                (S1, S2, S3) = ((2 * Pivot) - high, Pivot - range, low - (2 * (high - Pivot)));
                break;
            case PivotMethod.Fibonacci:
                (R1, R2, R3) = (Pivot + (0.382 * range), Pivot + (0.618 * range), Pivot + range);
                (S1, S2, S3) = (Pivot - (0.382 * range), Pivot - (0.618 * range), Pivot - range);
                break;
            default:
                (R1, R2, R3) = (close + (1.1 * range / 12), close + (1.1 * range / 6), close + (1.1 * range / 4));
                (S1, S2, S3) = (close - (1.1 * range / 12), close - (1.1 * range / 6), close - (1.1 * range / 4));
                break;
        }
    }
}
