namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Hull moving average (Hull 2005): the WMA over √n of 2·WMA(n/2) − WMA(n). Half and root are cut to whole numbers; where others
/// round them, odd periods differ slightly.
/// </summary>
/// <param name="period">n, at least 2.</param>
public sealed class Hma(int period)
{
    private readonly Wma half = new(period / 2);
    private readonly Wma whole = new(period);
    private readonly Wma smooth = new((int)Math.Sqrt(period));

    /// <summary>In the unit of the values; NaN until <c>period</c> + ⌊√<c>period</c>⌋ − 1 values were added.</summary>
    public double Value => smooth.Value;

    public double Add(double value)
    {
        var raw = (2 * half.Add(value)) - whole.Add(value);
        return double.IsNaN(raw) ? Value : smooth.Add(raw);
    }
}
