using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;

namespace CryptoAI.Tests.EndToEnd.Market;

public sealed class RecordedTradesTests(ITestOutputHelper output)
{
    private const string File = "binance_spot_BTCUSDT_trades_20240808.csv.gz";

    private static readonly MarketSymbol Btc = new("BTCUSDT", "BTC", "USDT", 2, 5);

    /// <summary>The recording goes through the wire, over midnight, and is compared with sums made straight from the file.</summary>
    [RecordedDataFact(File)]
    public async Task Recorded_trades_through_the_wire_give_the_candles_of_direct_aggregation()
    {
        var market = ReplayMarket.Open(Path.Combine(RecordedData.Folder!, File), Btc);
        var first = DateTimeOffset.FromUnixTimeMilliseconds(market.ClockOrigin!.Value);
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var clock = new FastClock(first.AddSeconds(-10), 1);
        await using var exchange = await TestExchange.StartAsync(clock, market, options => options.ClockOrigin = clock.GetUtcNow());
        await using var product = await Product.StartAsync(database.ConnectionString, exchange, ["BTCUSDT"], output);
        await Eventually.TrueAsync(() => exchange.Connections > 0);

        clock.Speed = 30;
        var last = DateTimeOffset.FromUnixTimeMilliseconds(market.LastTime);
        await clock.ReachAsync(last.AddSeconds(70));
        var through = Timeframe.M1.Floor(last).AddMinutes(1);
        await PriceRows.EqualTruthAsync(database.DataSource, exchange, ["BTCUSDT"], through);

        var direct = Aggregate();
        direct.Sum(row => row.Count).ShouldBe(19_904);
        var stored = await PriceRows.ReadAsync(database.DataSource, "BTC", Timeframe.M1);
        stored.Where(row => row.Time < through).ShouldBe(direct);
        (await PriceRows.ReadAsync(database.DataSource, "BTC", Timeframe.D1)).Count.ShouldBe(1, "the recording crosses midnight");
    }

    private static List<Row> Aggregate()
    {
        var rows = new List<Row>();
        using var file = RecordedData.Open(File);
        file.ReadLine();
        while (file.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            var time = Timeframe.M1.Floor(DateTimeOffset.Parse(fields[0], System.Globalization.CultureInfo.InvariantCulture));
            var price = decimal.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture);
            var quantity = decimal.Parse(fields[3], System.Globalization.CultureInfo.InvariantCulture);
            if (rows.Count == 0 || rows[^1].Time != time)
            {
                rows.Add(new Row(time, price, price, price, price, 0, 0, 0, 0));
            }

            var row = rows[^1];
            rows[^1] = row with
            {
                High = Math.Max(row.High, price),
                Low = Math.Min(row.Low, price),
                Close = price,
                Base = row.Base + quantity,
                Quote = row.Quote + (price * quantity),
                Cents = Math.Round(row.Quote + (price * quantity), 2, MidpointRounding.AwayFromZero),
                Count = row.Count + 1,
            };
        }

        return rows;
    }
}
