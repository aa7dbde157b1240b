using CryptoAI.Exchange.Market;
using Microsoft.Extensions.Options;

namespace CryptoAI.Api.Market;

/// <summary>
/// Asks every shard and every symbol's grain how they are. One report serves all who ask within a second, since it costs a
/// call for each symbol; a grain that does not answer is reported so.
/// </summary>
internal sealed class FeedReporter(IGrainFactory grains, MarketDirectory directory, IOptions<FeedOptions> feed, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SemaphoreSlim _turn = new(1);
    private FeedReport? _last;

    public async Task<FeedReport> GetAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_last is null || time.GetUtcNow() - _last.Time >= Fresh)
            {
                _last = await MakeAsync(await directory.GetAsync(cancellation));
            }

            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>What to tell people about the source.</summary>
    public string Notice(FollowedMarket market)
    {
        if (market.IsSimulated)
        {
            return "SIMULATED MARKET: these prices are invented by this program. No exchange is behind them.";
        }

        return feed.Value.HasOwnAddresses
            ? $"Prices come from {feed.Value.RestUrl}, which speaks Binance's protocol."
            : "Prices come from Binance's public market data.";
    }

    private async Task<FeedReport> MakeAsync(FollowedMarket market)
    {
        var universe = market.Universe;
        var shards = await Task.WhenAll(Enumerable.Range(0, feed.Value.Shards).Select(AnswerOfShardAsync));
        var continuities = await Task.WhenAll(universe.Symbols.Select(info => AnswerOfSymbolAsync(info.Symbol)));
        var now = time.GetUtcNow();
        var ages = new Dictionary<string, SymbolAge>(StringComparer.Ordinal);
        foreach (var age in shards.SelectMany(static shard => shard?.Symbols ?? []))
        {
            ages[age.Symbol] = age;
        }

        return new FeedReport
        {
            Source = universe.Source,
            IsSimulated = market.IsSimulated,
            Notice = Notice(market),
            ResolvedAt = universe.ResolvedAt,
            Time = now,
            Shards = [.. shards.Select(static (status, shard) => ShardReport.From(shard, status))],
            Symbols = [.. universe.Symbols.Select((info, i) => SymbolReport.From(info, ages.GetValueOrDefault(info.Symbol), continuities[i], now))],
        };
    }

    private Task<FeedShardStatus?> AnswerOfShardAsync(int shard) =>
        AnswerAsync(() => grains.GetGrain<IMarketFeedGrain>(shard).GetStatusAsync());

    private Task<Continuity?> AnswerOfSymbolAsync(string symbol) =>
        AnswerAsync(() => grains.GetGrain<ICryptocurrencyGrain>(symbol).GetContinuityAsync());

    private async Task<T?> AnswerAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask().WaitAsync(Patience, time);
        }
        catch (Exception exception) when (FailureHandler.Absence(exception) is not null)
        {
            return null;
        }
    }
}
