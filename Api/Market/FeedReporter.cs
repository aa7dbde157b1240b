namespace CryptoAI.Api.Market;

/// <summary>
/// Asks every shard and every symbol's grain how they are. One report serves all who ask within a second, since it costs a
/// call for each symbol; a grain that does not answer is reported so.
/// </summary>
internal sealed partial class FeedReporter(IGrainFactory grains, MarketDirectory directory, TimeProvider time, ILogger<FeedReporter> logger) : IDisposable
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

    private async Task<FeedReport> MakeAsync(FollowedMarket market)
    {
        var universe = market.Universe;
        var shards = await Task.WhenAll(Enumerable.Range(0, universe.Shards).Select(AnswerOfShardAsync));
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
            Notice = market.Notice,
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
        catch (Exception exception)
        {
            // That it does not answer is the report; why is for the log.
            LogNoAnswer(typeof(T).Name, exception.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "No {What} for the report: {Reason}")]
    private partial void LogNoAnswer(string what, string reason);
}
