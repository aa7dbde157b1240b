using System.Diagnostics;
using System.Net;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;
using Xunit.Abstractions;

namespace CryptoAI.Tests.Exchange.Simulation;

public sealed class SimulatedRestTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("BTCUSDT", 3)]
    [InlineData("TRXUSDT", 30)]
    public async Task Klines_of_every_timeframe_are_the_sums_of_the_aggregate_trades(string pair, int hours)
    {
        await using var client = await SimulatedClient.StartAsync();
        var now = client.Now;
        var from = Timeframe.D1.Floor(now) - (hours > 24 ? Timeframe.D1.Milliseconds() : -9 * 3_600_000L);
        var ticks = await client.AllTicksAsync(pair, from, now + 1);
        ticks.Count.ShouldBeGreaterThan(1000);

        foreach (var timeframe in Timeframes.All)
        {
            var length = timeframe.Milliseconds();
            var first = timeframe.Floor(from + length - 1);
            if (first > now)
            {
                continue;
            }

            var bars = new List<Bar>();
            for (var open = first; open <= now; open += 1000 * length)
            {
                bars.AddRange(await client.BarsAsync($"symbol={pair}&interval={timeframe.Code()}&startTime={open}&limit=1000"));
            }

            bars.Count.ShouldBe((int)((now - first) / length) + 1);
            var byOpen = ticks.ToLookup(tick => timeframe.Floor(tick.Time));
            var close = ticks.LastOrDefault(tick => tick.Time < first)?.Price ?? bars[0].Open;
            for (var i = 0; i < bars.Count; i++)
            {
                bars[i].ShouldBe(Bar.Of(first + (i * length), length, [.. byOpen[first + (i * length)]], close), $"{pair} {timeframe.Code()} {i}");
                close = bars[i].Close;
            }
        }
    }

    [Fact]
    public async Task Pages_of_aggregate_trades_join_without_hole_or_overlap()
    {
        await using var client = await SimulatedClient.StartAsync();
        var all = await client.AllTicksAsync("ETHUSDT", client.Now - 3_600_000, client.Now + 1);

        all.Count.ShouldBeGreaterThan(3000);
        for (var i = 1; i < all.Count; i++)
        {
            all[i].Id.ShouldBe(all[i - 1].Id + 1);
            all[i].FirstRaw.ShouldBe(all[i - 1].LastRaw + 1);
        }

        (await client.TicksAsync("symbol=ETHUSDT&limit=10")).ShouldBe(all[^10..]);
        (await client.TicksAsync($"symbol=ETHUSDT&endTime={all[^11].Time - 1}&limit=3"))[^1].Time.ShouldBeLessThan(all[^11].Time);
        (await client.TicksAsync($"symbol=ETHUSDT&startTime={all[100].Time}&endTime={all[120].Time}"))
            .ShouldBe(all.Where(tick => tick.Time >= all[100].Time && tick.Time <= all[120].Time));
        (await client.TicksAsync($"symbol=ETHUSDT&fromId={all[^1].Id + 1}")).ShouldBeEmpty();
        (await client.TicksAsync($"symbol=ETHUSDT&startTime={client.Now + 1}")).ShouldBeEmpty();
        (await client.TicksAsync("symbol=ETHUSDT&fromId=9223372036854775807")).ShouldBeEmpty();
        (await client.TicksAsync("symbol=ETHUSDT&fromId=0&limit=5")).Length.ShouldBe(5);
    }

    [Fact]
    public async Task Klines_keep_to_their_bounds()
    {
        await using var client = await SimulatedClient.StartAsync();
        var minute = Timeframe.M1.Floor(client.Now);

        (await client.BarsAsync("symbol=BTCUSDT&interval=1m")).Length.ShouldBe(500);
        (await client.BarsAsync("symbol=BTCUSDT&interval=1m&limit=5000")).Length.ShouldBe(1000);
        (await client.BarsAsync("symbol=BTCUSDT&interval=1m&limit=2")).Select(bar => bar.OpenTime).ShouldBe([minute - 60_000, minute]);
        (await client.BarsAsync($"symbol=BTCUSDT&interval=1m&endTime={minute - 1}&limit=2")).Select(bar => bar.OpenTime)
            .ShouldBe([minute - 120_000, minute - 60_000]);
        (await client.BarsAsync($"symbol=BTCUSDT&interval=1m&startTime={minute - 180_001}&endTime={minute - 60_001}"))
            .Select(bar => bar.OpenTime).ShouldBe([minute - 180_000, minute - 120_000]);
        (await client.BarsAsync($"symbol=BTCUSDT&interval=1m&startTime={minute + 60_000}")).ShouldBeEmpty();
        (await client.BarsAsync("symbol=BTCUSDT&interval=1d&startTime=0")).Length.ShouldBe(4);
        (await client.BarsAsync($"symbol=BTCUSDT&interval=1m&startTime={minute * 1000}")).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("/api/v3/klines?interval=1m", 400, -1102)]
    [InlineData("/api/v3/klines?symbol=NOSUCH&interval=1m", 400, -1121)]
    [InlineData("/api/v3/klines?symbol=btcusdt&interval=1m", 400, -1100)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT", 400, -1102)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&interval=7m", 400, -1120)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0", 400, -1130)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=x", 400, -1100)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=", 400, -1105)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&interval=1m&wrong=1", 400, -1104)]
    [InlineData("/api/v3/klines?symbol=BTCUSDT&symbol=BTCUSDT&interval=1m", 400, -1101)]
    [InlineData("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", 400, -1128)]
    [InlineData("/api/v3/ticker/24hr?symbol=BTCUSDT&symbols=[\"ETHUSDT\"]", 400, -1128)]
    [InlineData("/api/v3/ticker/24hr?type=HUGE", 400, -1139)]
    [InlineData("/api/v3/exchangeInfo?symbols=BTCUSDT", 400, -1100)]
    public async Task Errors_are_the_documented_ones(string path, int status, int code)
    {
        await using var client = await SimulatedClient.StartAsync();
        var (actual, body) = await client.TryAsync(path);

        actual.ShouldBe(status, body);
        using var document = System.Text.Json.JsonDocument.Parse(body);
        document.RootElement.GetProperty("code").GetInt32().ShouldBe(code, body);
        document.RootElement.GetProperty("msg").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task The_error_body_is_the_documented_text()
    {
        await using var client = await SimulatedClient.StartAsync();
        (await client.TryAsync("/api/v3/klines?symbol=NOSUCH&interval=1m")).Body.ShouldBe("""{"code":-1121,"msg":"Invalid symbol."}""");
        (await client.TryAsync("/api/v3/nothing")).Status.ShouldBe(404);
        (await client.TryAsync("/")).Body.ShouldContain("simulated exchange");
    }

    [Fact]
    public async Task Exchange_information_and_tickers_name_every_symbol()
    {
        await using var client = await SimulatedClient.StartAsync();
        var information = await client.GetAsync("/api/v3/exchangeInfo");
        information.GetProperty("serverTime").GetInt64().ShouldBe(client.Now);
        var bitcoin = information.GetProperty("symbols")[0];
        bitcoin.GetProperty("symbol").GetString().ShouldBe("BTCUSDT");
        bitcoin.GetProperty("status").GetString().ShouldBe("TRADING");
        bitcoin.GetProperty("filters")[0].GetProperty("tickSize").GetString().ShouldBe("0.01000000");
        bitcoin.GetProperty("filters")[1].GetProperty("stepSize").GetString().ShouldBe("0.00001000");
        information.GetProperty("symbols")[12].GetProperty("status").GetString().ShouldBe("BREAK");
        (await client.GetAsync("/api/v3/exchangeInfo?symbols=[\"ETHUSDT\",\"BTCUSDT\"]")).GetProperty("symbols").GetArrayLength().ShouldBe(2);
        (await client.GetAsync("/api/v3/time")).GetProperty("serverTime").GetInt64().ShouldBe(client.Now);

        var tickers = await client.GetAsync("/api/v3/ticker/24hr");
        tickers.GetArrayLength().ShouldBe(13);
        var ticks = await client.AllTicksAsync("BNBUSDT", client.Now - 86_400_000 + 1, client.Now + 1);
        var ticker = await client.GetAsync("/api/v3/ticker/24hr?symbol=BNBUSDT");
        Bar.Decimal(ticker.GetProperty("quoteVolume")).ShouldBe(ticks.Sum(tick => tick.Price * tick.Quantity));
        Bar.Decimal(ticker.GetProperty("lastPrice")).ShouldBe(ticks[^1].Price);
        Bar.Decimal(ticker.GetProperty("highPrice")).ShouldBe(ticks.Max(tick => tick.Price));
        (await client.TicksAsync("symbol=LUNAUSDT")).ShouldBeEmpty();
        (await client.BarsAsync("symbol=LUNAUSDT&interval=1m")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Weight_is_counted_and_limited_and_who_goes_on_is_banned()
    {
        // The count begins anew with each minute: this one does not end.
        await using var client = await SimulatedClient.StartAsync(options => (options.WeightPerMinute, options.RefusalsBeforeBan) = (100, 3), new ManualClock());
        var statuses = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            using var response = await client.Http.GetAsync(new Uri("/api/v3/exchangeInfo", UriKind.Relative));
            statuses.Add((int)response.StatusCode);
            response.Headers.GetValues("X-MBX-USED-WEIGHT-1M").Single().ShouldBe((Math.Min(i + 1, 9) * 20).ToString());
            if (response.StatusCode != HttpStatusCode.OK)
            {
                response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 120);
                (await response.Content.ReadAsStringAsync()).ShouldStartWith("""{"code":-1003,"msg":""");
            }
        }

        statuses.ShouldBe([200, 200, 200, 200, 200, 429, 429, 429, 418, 418]);
    }

    [Fact]
    public async Task A_whole_backfill_is_quick()
    {
        await using var client = await SimulatedClient.StartAsync(options =>
        {
            options.HistoryDays = 30;
            options.Coins = 60;
        });
        var process = Process.GetCurrentProcess();
        var (cpu, since, allocated) = (process.TotalProcessorTime, Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        var before = GC.GetTotalMemory(true);
        foreach (var symbol in client.Exchange.Market.Symbols.Take(50))
        {
            for (var page = 0; page < 3; page++)
            {
                (await client.GetAsync($"/api/v3/klines?symbol={symbol.Pair}&interval=1m&limit=1000&endTime={client.Now - (page * 60_000_000L)}"))
                    .GetArrayLength().ShouldBe(1000);
            }

            foreach (var (interval, count) in new[] { ("5m", 300), ("15m", 300), ("1h", 300), ("4h", 184), ("1d", 31) })
            {
                (await client.GetAsync($"/api/v3/klines?symbol={symbol.Pair}&interval={interval}&limit=300"))
                    .GetArrayLength().ShouldBe(count);
            }
        }

        process.Refresh();
        output.WriteLine(
            $"50 symbols: {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s, {(process.TotalProcessorTime - cpu).TotalSeconds:0.0} s CPU of server, client and parsing, "
            + $"{(GC.GetTotalAllocatedBytes() - allocated) >> 20} MB allocated, {(GC.GetTotalMemory(true) - before) >> 20} MB kept, {process.WorkingSet64 >> 20} MB resident");
    }
}
