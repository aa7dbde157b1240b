using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Storage.Market;

namespace CryptoAI.Grains.Alerts;

/// <summary>
/// The candles that cover a span of the past, as finely as they are stored: minutes where there are any, longer candles for
/// the time before.
/// </summary>
internal sealed record MissedCandles(Candle[] Closed, Candle? Open)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Minutes that the grain itself still has in memory for sure.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(100);

    /// <param name="since">Where the span begins; more than a year is cut.</param>
    public static async Task<MissedCandles> ReadAsync(
        CandleStore store, ICryptocurrencyGrain grain, long cryptoId, string symbol, DateTimeOffset since, CancellationToken cancellation)
    {
        var open = await grain.GetOpenCandlesAsync();
        var now = open.Length > 0 ? open[0].OpenTime : DateTimeOffset.UtcNow;
        since = Timeframe.M1.Floor(since > now - Longest ? since : now - Longest);
        var covered = new bool[Math.Max(0, (int)(now - since).TotalMinutes)];
        var chosen = new List<Candle>();

        // The newest minutes may not be in the database yet.
        Cover(await grain.GetMinutesFromAsync(since > now - Recent ? since : now - Recent), since, covered, chosen);
        foreach (var timeframe in Timeframes.All)
        {
            if (Array.IndexOf(covered, false) < 0)
            {
                break;
            }

            Cover(
                await store.ReadAsync(cryptoId, symbol, timeframe, timeframe.Floor(since), now, int.MaxValue, newestFirst: false, cancellation),
                since,
                covered,
                chosen);
        }

        return new MissedCandles([.. chosen.OrderBy(candle => candle.OpenTime)], open.Length > 0 ? open[0] : null);
    }

    /// <summary>Takes the candles that reach a minute no finer one has covered.</summary>
    private static void Cover(Candle[] candles, DateTimeOffset since, bool[] covered, List<Candle> chosen)
    {
        foreach (var candle in candles)
        {
            var first = (int)(candle.OpenTime - since).TotalMinutes;
            var end = Math.Min(covered.Length, first + candle.Timeframe.Minutes());
            var isNew = false;
            for (var i = Math.Max(0, first); i < end; i++)
            {
                isNew |= !covered[i];
                covered[i] = true;
            }

            if (isNew)
            {
                chosen.Add(candle);
            }
        }
    }
}
