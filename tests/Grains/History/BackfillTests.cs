using CryptoAI.Exchange.Market;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Silo.History;
using CryptoAI.Storage.Market;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.Grains.History;

/// <summary>History from the simulated exchange, over its REST protocol.</summary>
public sealed class BackfillTests
{
    [Fact]
    public async Task History_is_fetched_once_goes_on_where_it_stopped_and_replaces_what_files_said()
    {
        await using var rig = await HistoryRig.CreateAsync();
        await using var exchange = await SimulatedExchange.StartAsync(
            new SimulationOptions { Port = 0, Coins = 2, HistoryDays = 30 }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await using var feed = new BinanceFeed(
            new FeedOptions().At(exchange.RestUrl, exchange.StreamUrl), "simulated", TimeProvider.System, static _ => { }, NullLogger<BinanceFeed>.Instance);
        var info = (await feed.GetSymbolsAsync(CancellationToken.None))[0];
        var id = (await rig.Store.FindAsync(info.Symbol, create: true, CancellationToken.None))!.Value;
        var from = Timeframe.D1.Floor(DateTimeOffset.UtcNow).AddDays(-10);
        var backfill = new Backfill(feed, rig.Candles, rig.Store);

        // Of the first hours a file knew something else, and the fetching stops halfway.
        await using (var import = await rig.Store.BeginAsync(id, Timeframe.H1, CandleProvenance.Imported, replaceImported: false, CancellationToken.None))
        {
            await import.WriteAsync([new HistoricCandle(from.ToUnixTimeMilliseconds(), 1, 1, 1, 1, 1, 1, 1)], CancellationToken.None);
            await import.CommitAsync(CancellationToken.None);
        }

        var half = await RunAsync(from.AddDays(5));
        half.Counts.ShouldBe(new ImportCounts(119, 0, Replaced: 1, 0));
        var rest = await RunAsync(from.AddDays(9));
        rest.Counts.ShouldBe(new ImportCounts(96, 0, 0, 0), "only what is missing is fetched");
        rest.Gaps.ShouldBeEmpty();
        (await RunAsync(from.AddDays(9))).Read.ShouldBe(0);

        var stored = await rig.ReadAsync(Timeframe.H1, info.Symbol);
        var klines = await feed.GetKlinesAsync(
            info.Pair, Timeframe.H1, from.ToUnixTimeMilliseconds(), from.AddDays(9).ToUnixTimeMilliseconds(), CancellationToken.None);
        stored.Select(static candle => (candle.OpenTime.ToUnixTimeMilliseconds(), candle.Open, candle.Close, candle.Volume, candle.TradeCount, candle.Provenance))
            .ShouldBe(klines.Select(static kline => (kline.OpenTime, kline.Open, kline.Close, kline.QuoteVolume, (long)kline.TradeCount, CandleProvenance.Backfilled)));

        Task<HistoryReport> RunAsync(DateTimeOffset to) => backfill.RunAsync(info, id, Timeframe.H1, from, to, static _ => { }, CancellationToken.None);
    }
}
