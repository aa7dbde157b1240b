using CryptoAI.Analysis.Indicators;
using CryptoAI.Analysis.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

/// <summary>Between the plain numbers of Analysis and the contracts.</summary>
internal static class CandleMapping
{
    public static Bar ToBar(this Kline kline) => new(
        kline.OpenTime, kline.Open, kline.High, kline.Low, kline.Close, kline.Volume, kline.QuoteVolume, kline.TradeCount);

    public static Bar ToBar(this Candle candle) => new(
        candle.OpenTime.ToUnixTimeMilliseconds(), candle.Open, candle.High, candle.Low, candle.Close, candle.BaseVolume, candle.Volume, candle.TradeCount);

    public static Candle ToCandle(
        this in Bar bar, string symbol, Timeframe timeframe, CandleProvenance provenance, bool isClosed, Indicators? indicators) => new(
        symbol,
        timeframe,
        DateTimeOffset.FromUnixTimeMilliseconds(bar.OpenTime),
        bar.Open,
        bar.High,
        bar.Low,
        bar.Close,
        bar.QuoteVolume,
        bar.Volume,
        bar.Count,
        provenance,
        isClosed,
        indicators);

    /// <summary>Adds a closed candle to its series and gives the values at its close.</summary>
    public static Indicators Append(this IndicatorSet set, in Bar bar)
    {
        set.Add(bar.OpenTime, (double)bar.Open, (double)bar.High, (double)bar.Low, (double)bar.Close, (double)bar.Volume);
        return set.Values.ToContract();
    }

    public static IndicatorValues ToValues(this Indicators? indicators) => indicators is null ? new IndicatorValues() : new IndicatorValues
    {
        Sma20 = Number(indicators.Sma20),
        Sma50 = Number(indicators.Sma50),
        Sma200 = Number(indicators.Sma200),
        Ema12 = Number(indicators.Ema12),
        Ema20 = Number(indicators.Ema20),
        Ema26 = Number(indicators.Ema26),
        Ema50 = Number(indicators.Ema50),
        Ema100 = Number(indicators.Ema100),
        Rsi14 = Number(indicators.Rsi14),
        Macd = Number(indicators.Macd),
        MacdSignal = Number(indicators.MacdSignal),
        MacdHistogram = Number(indicators.MacdHistogram),
        BollingerUpper = Number(indicators.BollingerUpper),
        BollingerMiddle = Number(indicators.BollingerMiddle),
        BollingerLower = Number(indicators.BollingerLower),
        Atr14 = Number(indicators.Atr14),
        Adx14 = Number(indicators.Adx14),
        PlusDi14 = Number(indicators.PlusDi14),
        MinusDi14 = Number(indicators.MinusDi14),
        Vwap = Number(indicators.Vwap),
        Obv = Number(indicators.Obv),
    };

    private static Indicators ToContract(this in IndicatorValues values) => new()
    {
        Sma20 = Known(values.Sma20),
        Sma50 = Known(values.Sma50),
        Sma200 = Known(values.Sma200),
        Ema12 = Known(values.Ema12),
        Ema20 = Known(values.Ema20),
        Ema26 = Known(values.Ema26),
        Ema50 = Known(values.Ema50),
        Ema100 = Known(values.Ema100),
        Rsi14 = Known(values.Rsi14),
        Macd = Known(values.Macd),
        MacdSignal = Known(values.MacdSignal),
        MacdHistogram = Known(values.MacdHistogram),
        BollingerUpper = Known(values.BollingerUpper),
        BollingerMiddle = Known(values.BollingerMiddle),
        BollingerLower = Known(values.BollingerLower),
        Atr14 = Known(values.Atr14),
        Adx14 = Known(values.Adx14),
        PlusDi14 = Known(values.PlusDi14),
        MinusDi14 = Known(values.MinusDi14),
        Vwap = Known(values.Vwap),
        Obv = Known(values.Obv),
    };

    private static double? Known(double value) => double.IsFinite(value) ? value : null;

    private static double Number(double? value) => value ?? double.NaN;
}
