using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.Grains.History;

/// <summary>An exchange whose minutes have holes, or that answers nothing for a while; else the one behind it.</summary>
internal sealed class PatchyFeed(IMarketFeed feed) : IMarketFeed
{
    /// <summary>Which minutes it never had.</summary>
    public Func<DateTimeOffset, bool> Lacks { get; set; } = static _ => false;

    /// <summary>So many answers to come hold no minutes.</summary>
    public int EmptyAnswers { get; set; }

    public string Source => feed.Source;

    public long Now => feed.Now;

    public async Task<Kline[]> GetKlinesAsync(string pair, Timeframe timeframe, long from, long to, CancellationToken cancellation)
    {
        var klines = await feed.GetKlinesAsync(pair, timeframe, from, to, cancellation);
        if (timeframe != Timeframe.M1)
        {
            return klines;
        }

        return EmptyAnswers-- > 0 ? [] : Array.FindAll(klines, kline => !Lacks(DateTimeOffset.FromUnixTimeMilliseconds(kline.OpenTime)));
    }

    public Task MeasureClockAsync(CancellationToken cancellation) => feed.MeasureClockAsync(cancellation);

    public Task<IReadOnlyList<SymbolInfo>> GetSymbolsAsync(CancellationToken cancellation) => feed.GetSymbolsAsync(cancellation);

    public Task<IReadOnlyDictionary<string, decimal>> GetQuoteVolumesAsync(CancellationToken cancellation) => feed.GetQuoteVolumesAsync(cancellation);

    public Task<TradePage> GetTradesFromIdAsync(SymbolInfo symbol, long fromId, int limit, CancellationToken cancellation) =>
        feed.GetTradesFromIdAsync(symbol, fromId, limit, cancellation);

    public Task<TradePage> GetTradesFromTimeAsync(SymbolInfo symbol, long from, long to, CancellationToken cancellation) =>
        feed.GetTradesFromTimeAsync(symbol, from, to, cancellation);

    public IFeedStream OpenStream(IReadOnlyList<SymbolInfo> symbols) => feed.OpenStream(symbols);
}
