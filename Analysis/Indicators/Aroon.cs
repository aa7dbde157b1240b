namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Aroon (Chande 1995): how long ago the highest high and the lowest low of the last <c>period</c> + 1 candles were, as
/// 100·(period − candles since)/period. Of equal extremes the newest counts.
/// </summary>
/// <param name="period">Candles looked back, at least 1.</param>
public sealed class Aroon(int period = 25)
{
    private readonly NewestPeak highs = new(period + 1);
    private readonly NewestPeak lows = new(period + 1);
    private int added;

    /// <summary>0 to 100; NaN, like everything here, until <c>period</c> + 1 candles were added.</summary>
    public double Up { get; private set; } = double.NaN;

    /// <summary>0 to 100.</summary>
    public double Down { get; private set; } = double.NaN;

    /// <summary><see cref="Up"/> − <see cref="Down"/>.</summary>
    public double Oscillator => Up - Down;

    public void Add(double high, double low)
    {
        var sinceHigh = highs.Add(high);
        var sinceLow = lows.Add(-low);
        added = Math.Min(added + 1, period + 1);
        if (added > period)
        {
            Up = 100.0 * (period - sinceHigh) / period;
            Down = 100.0 * (period - sinceLow) / period;
        }
    }

    /// <summary>
    /// Finds how many values ago the largest of a window was. It keeps only values that no newer one reaches, largest first, so
    /// that each enters and leaves once.
    /// </summary>
    private sealed class NewestPeak(int length)
    {
        private readonly (long Index, double Value)[] queue = new (long, double)[length];
        private long count;
        private int first;
        private int kept;

        public long Add(double value)
        {
            if (kept > 0 && queue[first].Index <= count - length)
            {
                first = (first + 1) % length;
                kept--;
            }

            while (kept > 0 && queue[(first + kept - 1) % length].Value <= value)
            {
                kept--;
            }

            queue[(first + kept++) % length] = (count, value);
            return count++ - queue[first].Index;
        }
    }
}
