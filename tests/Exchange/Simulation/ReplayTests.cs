using System.Globalization;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Simulation;

public sealed class ReplayTests
{
    private const string Recording = "binance_spot_BTCUSDT_trades_20240808.csv.gz";
    private static readonly MarketSymbol Bitcoin = new("BTCUSDT", "BTC", "USDT", 2, 5);

    [RecordedDataFact(Recording)]
    public async Task Recorded_trades_come_live_and_by_rest_and_klines_are_their_direct_sums()
    {
        var file = ReadFile();
        file.Count.ShouldBe(19_904);
        var market = ReplayMarket.Open(Path.Combine(RecordedData.Folder!, Recording), Bitcoin);
        await using var client = await SimulatedClient.StartAsync(market, options => options.SlowClients = SlowClients.Wait);
        client.Now.ShouldBe(file[0].Time - 1);
        (await client.TicksAsync("symbol=BTCUSDT")).ShouldBeEmpty();
        (await client.BarsAsync("symbol=BTCUSDT&interval=1m")).ShouldBeEmpty();
        await using var listener = await client.ListenAsync("/stream?streams=btcusdt@aggTrade/btcusdt@kline_1m/btcusdt@kline_1d");

        await client.Exchange.AdvanceAsync(TimeSpan.FromMilliseconds(market.LastTime + 61_000 - client.Now));

        await Eventually.TrueAsync(() => listener.Count > file.Count && listener.Events("aggTrade").Length == file.Count && listener.Events("kline").Count(IsFinal) == 13);
        listener.Events("aggTrade").Select(Tick.Parse).ShouldBe(file);
        (await client.AllTicksAsync("BTCUSDT", 0, long.MaxValue)).ShouldBe(file);

        var finals = listener.Events("kline").Where(IsFinal).Select(message => message.GetProperty("k")).ToLookup(k => k.GetProperty("i").GetString());
        foreach (var timeframe in Timeframes.All)
        {
            var length = timeframe.Milliseconds();
            var expected = new List<Bar>();
            for (var open = timeframe.Floor(file[0].Time); open <= client.Now; open += length)
            {
                expected.Add(Bar.Of(open, length, [.. file.Where(tick => timeframe.Floor(tick.Time) == open)], expected.LastOrDefault()?.Close ?? 0));
            }

            (await client.BarsAsync($"symbol=BTCUSDT&interval={timeframe.Code()}")).ShouldBe(expected);
            if (finals[timeframe.Code()].Any())
            {
                finals[timeframe.Code()].Select(Bar.FromStream).ShouldBe(expected.Where(bar => bar.CloseTime < client.Now));
            }
        }
    }

    [RecordedDataFact(Recording)]
    public async Task A_recording_runs_by_itself_at_any_speed()
    {
        var market = ReplayMarket.Open(Path.Combine(RecordedData.Folder!, Recording), Bitcoin);
        var clock = new ManualClock();
        await using var client = await SimulatedClient.StartAsync(market, options => options.ClockSpeed = 1000, clock);
        await using var listener = await client.ListenAsync("/ws/btcusdt@aggTrade");

        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(50));
            return client.Now > market.LastTime && listener.Last is { } last && last.Contains("\"a\":19904,", StringComparison.Ordinal);
        });

        var live = listener.Events("aggTrade").Select(Tick.Parse).ToArray();
        live.ShouldBe((await client.AllTicksAsync("BTCUSDT", 0, long.MaxValue))[^live.Length..]);
    }

    [Theory]
    [InlineData("2024-08-08T23:54:15.342Z,1,61837.631,0.02,true")]
    [InlineData("2024-08-08T23:54:15.342Z,1,61837.63,0.02")]
    [InlineData("yesterday,1,61837.63,0.02,true")]
    [InlineData("2024-08-08T23:54:15.342Z,1,61837.63,0.02,true\n2024-08-08T23:54:16.342Z,3,61837.63,0.02,true")]
    [InlineData("2024-08-08T23:54:15.342Z,1,61837.63,0.02,true\n2024-08-08T23:54:15.341Z,2,61837.63,0.02,true")]
    [InlineData("")]
    public void A_recording_that_is_no_sequence_of_trades_is_refused(string lines)
    {
        using var csv = new StringReader("time_utc,trade_id,price,quantity,is_buyer_maker\n" + lines);
        Should.Throw<InvalidDataException>(() => ReplayMarket.Read(csv, Bitcoin));
    }

    private static bool IsFinal(System.Text.Json.JsonElement kline) => kline.GetProperty("k").GetProperty("x").GetBoolean();

    /// <summary>The file, read without the code under test.</summary>
    private static List<Tick> ReadFile()
    {
        using var csv = RecordedData.Open(Recording);
        csv.ReadLine();
        var ticks = new List<Tick>();
        while (csv.ReadLine()?.Split(',') is { } fields)
        {
            var raw = long.Parse(fields[1]);
            ticks.Add(new Tick(
                ticks.Count + 1, decimal.Parse(fields[2], CultureInfo.InvariantCulture), decimal.Parse(fields[3], CultureInfo.InvariantCulture), raw, raw,
                DateTimeOffset.Parse(fields[0], CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), fields[4] == "true"));
        }

        return ticks;
    }
}
