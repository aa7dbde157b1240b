namespace CryptoAI.Analysis.Indicators;

/// <summary>
/// The indicators that are kept for every symbol and timeframe, updated candle by candle in constant time on average.
/// About 4 kB, allocated once. Not safe for concurrent use.
/// </summary>
public sealed class IndicatorSet
{
    /// <summary>Candles after which no value is missing (VWAP: the first whole UTC day, if that comes later).</summary>
    public const int WarmUpCandles = 200;

    private readonly Sma sma20 = new(20);
    private readonly Sma sma50 = new(50);
    private readonly Sma sma200 = new(200);
    private readonly Ema ema12 = new(12);
    private readonly Ema ema20 = new(20);
    private readonly Ema ema26 = new(26);
    private readonly Ema ema50 = new(50);
    private readonly Ema ema100 = new(100);
    private readonly Rsi rsi = new();
    private readonly Macd macd = new();
    private readonly Bollinger bollinger = new();
    private readonly Atr atr = new();
    private readonly Adx adx = new();
    private readonly Vwap vwap = new();
    private readonly Obv obv = new();
    private IndicatorValues values = new();

    /// <summary>Candles added.</summary>
    public long Count { get; private set; }

    /// <summary>Start of the last candle added, Unix milliseconds; <see cref="long.MinValue"/> before the first.</summary>
    public long LastOpenTime { get; private set; } = long.MinValue;

    /// <summary>The values at the close of the last candle added.</summary>
    public ref readonly IndicatorValues Values => ref values;

    /// <summary>Adds the next closed candle. A candle of the past or with a number that is none throws, and nothing changes.</summary>
    /// <param name="openTimeMs">Start of the candle, Unix milliseconds, later than the one before.</param>
    /// <param name="volume">In the base asset, not negative.</param>
    /// <exception cref="ArgumentException">The candle is not later than the one before, or not finite.</exception>
    public void Add(long openTimeMs, double open, double high, double low, double close, double volume)
    {
        if (openTimeMs <= LastOpenTime)
        {
            throw new ArgumentException($"Candle {openTimeMs} does not follow {LastOpenTime}.", nameof(openTimeMs));
        }

        if (!double.IsFinite(open + high + low + close + volume))
        {
            throw new ArgumentException($"Candle {openTimeMs} is not finite: {open}, {high}, {low}, {close}, volume {volume}.", nameof(close));
        }

        LastOpenTime = openTimeMs;
        Count++;
        macd.Add(close);
        bollinger.Add(close);
        adx.Add(high, low, close);
        values = new IndicatorValues
        {
            Sma20 = sma20.Add(close),
            Sma50 = sma50.Add(close),
            Sma200 = sma200.Add(close),
            Ema12 = ema12.Add(close),
            Ema20 = ema20.Add(close),
            Ema26 = ema26.Add(close),
            Ema50 = ema50.Add(close),
            Ema100 = ema100.Add(close),
            Rsi14 = rsi.Add(close),
            Macd = macd.Line,
            MacdSignal = macd.Signal,
            MacdHistogram = macd.Histogram,
            BollingerUpper = bollinger.Upper,
            BollingerMiddle = bollinger.Middle,
            BollingerLower = bollinger.Lower,
            Atr14 = atr.Add(high, low, close),
            Adx14 = adx.Value,
            PlusDi14 = adx.PlusDi,
            MinusDi14 = adx.MinusDi,
            Vwap = vwap.Add(openTimeMs, high, low, close, volume),
            Obv = obv.Add(close, volume),
        };
    }
}
