using CryptoAI.Exchange.Simulation;

namespace CryptoAI.Tests.EndToEnd.Rig;

/// <summary>A market of one symbol whose every trade is written by the test.</summary>
internal static class ScriptedMarket
{
    public static readonly string[] Pairs = ["BTCUSDT"];

    private static readonly MarketSymbol Btc = new("BTCUSDT", "BTC", "USDT", 2, 3);

    /// <param name="from">First trade.</param>
    /// <param name="to">End.</param>
    /// <param name="step">Time between moments.</param>
    /// <param name="at">The trades of a moment: prices in USD, with the quantity of each.</param>
    public static ReplayMarket Write(
        DateTimeOffset from, DateTimeOffset to, TimeSpan step, Func<DateTimeOffset, (decimal Quantity, decimal[] Prices)> at)
    {
        var trades = new List<MarketTrade>();
        for (var time = from; time < to; time += step)
        {
            var (quantity, prices) = at(time);
            foreach (var price in prices)
            {
                var id = trades.Count + 1;
                trades.Add(new MarketTrade(id, time.ToUnixTimeMilliseconds(), (long)(price * 100), (long)(quantity * 1000), id, 1, BuyerIsMaker: false));
            }
        }

        return new ReplayMarket((Btc, [.. trades]));
    }
}
