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
    // Requests are counted: none may be asked again because this machine is slow.
    private static readonly FeedOptions Patient = new() { RequestTimeout = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task History_is_fetched_once_goes_on_where_it_stopped_and_replaces_what_files_said()
    {
        await using var rig = await HistoryRig.CreateAsync();
        await using var exchange = await SimulatedExchange.StartAsync(
            new SimulationOptions { Port = 0, Coins = 2, HistoryDays = 30 }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await using var feed = new BinanceFeed(
            Patient.At(exchange.RestUrl, exchange.StreamUrl), "simulated", TimeProvider.System, static _ => { }, NullLogger<BinanceFeed>.Instance);
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

    [Fact]
    public async Task What_the_exchange_does_not_have_is_asked_for_once()
    {
        await using var rig = await HistoryRig.CreateAsync();
        await using var exchange = await SimulatedExchange.StartAsync(
            new SimulationOptions { Port = 0, Coins = 1, HistoryDays = 6 }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var requests = 0;
        await using var real = new BinanceFeed(
            Patient.At(exchange.RestUrl, exchange.StreamUrl), "simulated", TimeProvider.System,
            call => requests += call.Endpoint.Contains("klines", StringComparison.Ordinal) ? 1 : 0, NullLogger<BinanceFeed>.Instance);
        var feed = new PatchyFeed(real);
        var info = (await feed.GetSymbolsAsync(CancellationToken.None))[0];
        var id = (await rig.Store.FindAsync(info.Symbol, create: true, CancellationToken.None))!.Value;
        var today = Timeframe.D1.Floor(DateTimeOffset.UtcNow);

        // An outage of two hours, of which a file knows a minute; before the listing there is nothing for a year.
        var outage = today.AddDays(-2).AddHours(5);
        feed.Lacks = at => at >= outage && at < outage.AddHours(2);
        await using (var import = await rig.Store.BeginAsync(id, Timeframe.M1, CandleProvenance.Imported, replaceImported: false, CancellationToken.None))
        {
            await import.WriteAsync([new HistoricCandle(outage.AddMinutes(7).ToUnixTimeMilliseconds(), 1, 1, 1, 1, 1, 1, 1)], CancellationToken.None);
            await import.CommitAsync(CancellationToken.None);
        }

        var first = await RunAsync(today.AddDays(-365));
        first.Read.ShouldBeGreaterThan(4 * 1440);
        first.Gaps.ShouldBe([new HistoryGap(outage, outage.AddMinutes(119), 120)]);
        requests.ShouldBeLessThan(20, "a year of minutes has a hundred chunks");
        (await rig.ScalarAsync<long>("select count(*) from price_data where absent_since is not null")).ShouldBe(2);

        requests = 0;
        (await RunAsync(today.AddDays(-365))).Gaps.ShouldBe(first.Gaps);
        (await RunAsync(today.AddDays(-100))).Read.ShouldBe(0);
        requests.ShouldBe(0);

        // More of the past is asked for, and only that; what is known by then is one span.
        (await RunAsync(today.AddDays(-400))).Read.ShouldBe(0);
        requests.ShouldBeInRange(1, 14);
        await RunAsync(today.AddDays(-400).AddHours(-1));
        requests = 0;
        await RunAsync(today.AddDays(-400).AddHours(-1));
        requests.ShouldBe(0);

        // Where it is not known, one request tells of a hole between candles.
        await rig.ExecuteAsync("update price_data set absent_since = null");
        (await RunAsync(today.AddDays(-3))).Gaps.ShouldBe(first.Gaps);
        requests.ShouldBe(1);
        (await rig.ReadAsync(Timeframe.M1, info.Symbol)).Single(static candle => candle.Provenance == CandleProvenance.Imported).OpenTime.ShouldBe(outage.AddMinutes(7));

        Task<HistoryReport> RunAsync(DateTimeOffset from) =>
            new Backfill(feed, rig.Candles, rig.Store).RunAsync(info, id, Timeframe.M1, from, today.AddDays(-1), static _ => { }, CancellationToken.None);
    }

    [Fact]
    public async Task An_empty_answer_alone_is_not_believed_for_good()
    {
        await using var rig = await HistoryRig.CreateAsync();
        await using var exchange = await SimulatedExchange.StartAsync(
            new SimulationOptions { Port = 0, Coins = 1, HistoryDays = 6 }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await using var real = new BinanceFeed(
            Patient.At(exchange.RestUrl, exchange.StreamUrl), "simulated", TimeProvider.System, static _ => { }, NullLogger<BinanceFeed>.Instance);
        var feed = new PatchyFeed(real);
        var info = (await feed.GetSymbolsAsync(CancellationToken.None))[0];
        var id = (await rig.Store.FindAsync(info.Symbol, create: true, CancellationToken.None))!.Value;
        var today = Timeframe.D1.Floor(DateTimeOffset.UtcNow);
        var backfill = new Backfill(feed, rig.Candles, rig.Store);

        feed.EmptyAnswers = 1;
        (await RunAsync()).Counts.New.ShouldBe((4 * 1440) - 5_000, "the first chunk came out empty");
        (await rig.ScalarAsync<long>("select count(*) from price_data where absent_since is not null")).ShouldBe(0);

        (await RunAsync()).Counts.New.ShouldBe(5_000);

        Task<HistoryReport> RunAsync() =>
            backfill.RunAsync(info, id, Timeframe.M1, today.AddDays(-5), today.AddDays(-1), static _ => { }, CancellationToken.None);
    }
}
