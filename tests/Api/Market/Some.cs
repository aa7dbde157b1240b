using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Timing;

namespace CryptoAI.Tests.Api.Market;

/// <summary>Plain market facts for tests.</summary>
internal static class Some
{
    public static readonly DateTimeOffset Noon = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static PriceTick Price(string symbol, decimal price, long tradeId = 1) =>
        new(symbol, price, Noon.ToUnixTimeMilliseconds() + tradeId, tradeId);

    public static Candle Candle(
        int minute, Timeframe timeframe = Timeframe.M1, bool isClosed = true, decimal close = 100, CandleProvenance provenance = CandleProvenance.Streamed) =>
        new("BTC", timeframe, Noon.AddMinutes(minute), 100, 110, 90, close, 1000, 10, 5, provenance, isClosed, Indicators: null);

    public static Signal Signal(long id, SignalStatus status = SignalStatus.Active) => new(
        id, "BTC", SignalSide.Long, "breakout", Timeframe.H1, 100, 110, 95, 2, "medium", 60, 24, status,
        status == SignalStatus.Active ? SignalOutcome.Open : SignalOutcome.TargetHit, null, Noon, Noon.AddHours(24), null);
}
