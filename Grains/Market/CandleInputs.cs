using CryptoAI.Analysis.Timing;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Grains.Market;

internal static class CandleInputs
{
    /// <summary>A candle as indicators take it; its volume is in the asset itself.</summary>
    public static CandleInput ToInput(this Candle candle) => new(
        candle.OpenTime.ToUnixTimeMilliseconds(), (double)candle.Open, (double)candle.High, (double)candle.Low, (double)candle.Close,
        (double)candle.BaseVolume);
}
