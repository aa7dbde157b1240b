namespace CryptoAI.Analysis.Indicators;

/// <summary>The range of the last <c>period</c> candles: its top is their highest high, its bottom their lowest low.</summary>
/// <param name="period">Candles, at least 1.</param>
public sealed class PriceRange(int period)
{
    private readonly SlidingWindow<Highest> highest = new(period);
    private readonly SlidingWindow<Lowest> lowest = new(period);

    /// <summary>Whether <c>period</c> candles were added.</summary>
    public bool IsFull => highest.IsFull;

    /// <summary>NaN, like everything here, until <c>period</c> candles were added.</summary>
    public double Top => IsFull ? highest.Value.Price : double.NaN;

    public double Bottom => IsFull ? lowest.Value.Price : double.NaN;

    public double Middle => 0.5 * (Top + Bottom);

    public void Add(double high, double low)
    {
        highest.Add(high);
        lowest.Add(low);
    }

    /// <summary>Where a price stands between bottom (0) and top (100); 50 where they are the same.</summary>
    public double PercentAt(double price)
    {
        var width = Top - Bottom;
        return width == 0 ? 50 : 100 * (price - Bottom) / width;
    }
}
