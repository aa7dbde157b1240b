namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// Ichimoku Kinko Hyo (Hosoda 1969). Each line is the middle of a range, (highest high + lowest low)/2. Span A is the mean of
/// conversion and base line, span B the middle of the longest range; both are drawn <c>shift</c> candles ahead, so the cloud that
/// stands over a candle was computed that many candles before. The lagging span is the close itself drawn <c>shift</c> candles
/// back and needs no value of its own.
/// </summary>
/// <param name="conversionPeriod">Tenkan-sen.</param>
/// <param name="basePeriod">Kijun-sen.</param>
/// <param name="spanPeriod">Senkou span B.</param>
/// <param name="shift">Candles that the cloud is drawn ahead, at least 1.</param>
public sealed class Ichimoku(int conversionPeriod = 9, int basePeriod = 26, int spanPeriod = 52, int shift = 26)
{
    private readonly PriceRange conversion = new(conversionPeriod);
    private readonly PriceRange baseRange = new(basePeriod);
    private readonly PriceRange span = new(spanPeriod);
    private readonly Delay shiftedA = new(shift);
    private readonly Delay shiftedB = new(shift);

    /// <summary>NaN, like every line, until its candles were added.</summary>
    public double Conversion => conversion.Middle;

    public double Base => baseRange.Middle;

    /// <summary>The cloud at this candle.</summary>
    public double SpanA { get; private set; } = double.NaN;

    /// <summary>The cloud at this candle.</summary>
    public double SpanB { get; private set; } = double.NaN;

    /// <summary>The cloud <c>shift</c> candles ahead.</summary>
    public double LeadingA => 0.5 * (Conversion + Base);

    /// <summary>The cloud <c>shift</c> candles ahead.</summary>
    public double LeadingB => span.Middle;

    public void Add(double high, double low)
    {
        conversion.Add(high, low);
        baseRange.Add(high, low);
        span.Add(high, low);
        SpanA = shiftedA.Add(LeadingA);
        SpanB = shiftedB.Add(LeadingB);
    }
}
