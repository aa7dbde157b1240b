using System.Net.WebSockets;
using System.Text.Json;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Simulation;

public sealed class SimulatedStreamTests
{
    [Fact]
    public async Task Live_frames_are_the_history_that_rest_gives_afterwards()
    {
        await using var client = await SimulatedClient.StartAsync(options => options.SlowClients = SlowClients.Wait);
        var codes = Timeframes.All.Select(timeframe => timeframe.Code()).ToArray();
        var streams = string.Join('/', codes.Select(code => "linkusdt@kline_" + code).Append("linkusdt@aggTrade").Append("linkusdt@trade"));
        await using var listener = await client.ListenAsync("/stream?streams=" + streams);
        var from = client.Now + 1;

        // Over the end of a four-hour candle: 12:00:20 to 16:20:20.
        for (var i = 0; i < 26; i++)
        {
            await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(10));
        }

        var ticks = await client.AllTicksAsync("LINKUSDT", from, client.Now + 1);
        var count = (int)(ticks[^1].LastRaw - ticks[0].FirstRaw) + 1;

        // Raw trades come after the one that sums them up.
        await Eventually.TrueAsync(() => listener.Count > ticks.Count + count && listener.Events("trade").Length >= count);
        listener.Events("aggTrade").Select(Tick.Parse).ShouldBe(ticks);
        var raw = listener.Events("trade");
        raw.Select(trade => trade.GetProperty("t").GetInt64()).ShouldBe(Enumerable.Range(0, count).Select(i => ticks[0].FirstRaw + i));
        raw.Sum(trade => Bar.Decimal(trade.GetProperty("q"))).ShouldBe(ticks.Sum(tick => tick.Quantity));

        foreach (var timeframe in Timeframes.All)
        {
            var finals = listener.Events("kline").Select(message => message.GetProperty("k"))
                .Where(k => k.GetProperty("i").GetString() == timeframe.Code() && k.GetProperty("x").GetBoolean())
                .Select(Bar.FromStream).ToArray();
            var expected = (await client.BarsAsync($"symbol=LINKUSDT&interval={timeframe.Code()}&startTime={timeframe.Floor(from)}&limit=1000"))
                .Where(bar => bar.CloseTime < client.Now).ToArray();
            expected.Length.ShouldBe(timeframe == Timeframe.D1 ? 0 : (int)((client.Now - timeframe.Floor(from)) / timeframe.Milliseconds()));
            finals.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_quiet_minute_gets_its_final_kline_and_a_changed_one_its_updates()
    {
        await using var client = await SimulatedClient.StartAsync(options => options.TradesPerSecond = 0.02);
        await using var listener = await client.ListenAsync("/ws/bnbusdt@kline_1m");
        for (var i = 0; i < 200; i++)
        {
            await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(30));
        }

        await Eventually.TrueAsync(() => Finals(listener).Length == 100);
        var finals = Finals(listener);
        finals.Select(k => k.GetProperty("t").GetInt64()).ShouldBe(Enumerable.Range(0, 100).Select(i => Timeframe.M1.Floor(SimulatedClient.Noon.ToUnixTimeMilliseconds()) + (i * 60_000L)));
        var quiet = finals.Where(k => k.GetProperty("n").GetInt64() == 0).ToArray();
        quiet.Length.ShouldBeInRange(20, 99);
        quiet.ShouldAllBe(k => k.GetProperty("f").GetInt64() == -1 && k.GetProperty("o").GetString() == k.GetProperty("l").GetString());
        finals.Select(Bar.FromStream).ShouldBe((await client.BarsAsync("symbol=BNBUSDT&interval=1m&limit=101"))[..100]);

        var updates = listener.Events("kline").Select(message => message.GetProperty("k")).Where(k => !k.GetProperty("x").GetBoolean()).ToArray();
        updates.Length.ShouldBeGreaterThan(0);
        updates.ShouldAllBe(k => k.GetProperty("n").GetInt64() > 0);
    }

    [Fact]
    public async Task Control_messages_are_answered_as_documented()
    {
        await using var client = await SimulatedClient.StartAsync(options => options.MessagesPerSecond = 1000);
        await using var listener = await client.ListenAsync("/ws");

        (await listener.AskAsync("""{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","nosuch@aggTrade"],"id":1}""")).ShouldBe("""{"result":null,"id":1}""");
        (await listener.AskAsync("""{"method":"LIST_SUBSCRIPTIONS","id":"abc"}""")).ShouldBe("""{"result":["btcusdt@aggTrade","nosuch@aggTrade"],"id":"abc"}""");
        (await listener.AskAsync("""{"method":"UNSUBSCRIBE","params":["nosuch@aggTrade"],"id":null}""")).ShouldBe("""{"result":null,"id":null}""");
        (await listener.AskAsync("""{"method":"GET_PROPERTY","params":["combined"],"id":2}""")).ShouldBe("""{"result":false,"id":2}""");
        (await listener.AskAsync("""{"method":"GET_PROPERTY","params":["wrong"],"id":2}""")).ShouldBe("""{"code":0,"msg":"Unknown property","id":2}""");
        (await listener.AskAsync("""{"method":"SET_PROPERTY","params":["combined",1],"id":2}""")).ShouldContain("expected Boolean");
        (await listener.AskAsync("""{"method":"DANCE","id":3}""")).ShouldContain("unknown variant");
        (await listener.AskAsync("""{"method":"LIST_SUBSCRIPTIONS"}""")).ShouldContain("request ID");
        (await listener.AskAsync("{nonsense")).ShouldStartWith("{\"code\":3,");

        await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(() => listener.Events("aggTrade").Length > 10);
        listener.Messages[^1].TryGetProperty("stream", out _).ShouldBeFalse();

        (await listener.AskAsync("""{"method":"SET_PROPERTY","params":["combined",true],"id":5}""")).ShouldBe("""{"result":null,"id":5}""");
        await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(() => listener.Messages[^1].TryGetProperty("stream", out var name) && name.GetString() == "btcusdt@aggTrade");

        (await listener.AskAsync("""{"method":"UNSUBSCRIBE","params":["btcusdt@aggTrade"],"id":6}""")).ShouldBe("""{"result":null,"id":6}""");
        var before = listener.Count;
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(2));
        await listener.AskAsync("""{"method":"LIST_SUBSCRIPTIONS","id":7}""");
        listener.Count.ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_stream_that_is_subscribed_again_goes_on_without_the_past()
    {
        await using var client = await SimulatedClient.StartAsync(options => options.MessagesPerSecond = 1000);
        await using var listener = await client.ListenAsync("/stream");
        await listener.AskAsync("""{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@kline_1m"],"id":1}""");
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));
        await listener.AskAsync("""{"method":"UNSUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@kline_1m"],"id":2}""");
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1.6));
        await listener.AskAsync("""{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@kline_1m"],"id":3}""");
        var again = client.Now;
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(2));

        var ticks = await client.AllTicksAsync("BTCUSDT", again + 1, client.Now + 1);
        await Eventually.TrueAsync(() => listener.Events("aggTrade").LastOrDefault() is { ValueKind: JsonValueKind.Object } last && Tick.Parse(last) == ticks[^1]);
        listener.Events("aggTrade").Select(Tick.Parse).Where(tick => tick.Time > again).ShouldBe(ticks);
        var finals = Finals(listener).Select(Bar.FromStream).Where(bar => bar.CloseTime > again).ToArray();
        finals.Length.ShouldBe(2);
        finals.ShouldBe(await client.BarsAsync($"symbol=BTCUSDT&interval=1m&startTime={finals[0].OpenTime}&endTime={finals[1].OpenTime}"));
    }

    [Fact]
    public async Task Who_sends_more_than_five_messages_a_second_is_disconnected()
    {
        await using var client = await SimulatedClient.StartAsync(time: new ManualClock());
        await using var listener = await client.ListenAsync("/ws");
        for (var i = 0; i < 6; i++)
        {
            await listener.SendAsync($$"""{"method":"LIST_SUBSCRIPTIONS","id":{{i}}}""");
        }

        await Eventually.TrueAsync(() => listener.HasEnded);
        listener.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        listener.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Streams_and_connections_are_limited()
    {
        await using var client = await SimulatedClient.StartAsync(options =>
        {
            options.StreamsPerConnection = 3;
            options.ConnectionsPerFiveMinutes = 3;
        });
        await using var listener = await client.ListenAsync("/stream?streams=btcusdt@trade/ethusdt@trade");
        (await listener.AskAsync("""{"method":"SUBSCRIBE","params":["a@trade","b@trade"],"id":1}""")).ShouldContain("too many parameters");
        (await listener.AskAsync("""{"method":"SUBSCRIBE","params":["a@trade"],"id":1}""")).ShouldBe("""{"result":null,"id":1}""");
        await Should.ThrowAsync<WebSocketException>(client.ListenAsync("/stream?streams=a/b/c/d"));
        await using var third = await client.ListenAsync("/ws");
        await Should.ThrowAsync<WebSocketException>(client.ListenAsync("/ws"));
    }

    [Fact]
    public async Task Old_connections_are_closed()
    {
        var clock = new ManualClock();
        await using var client = await SimulatedClient.StartAsync(options => options.ConnectionLifetime = TimeSpan.FromHours(1), clock);
        await using var listener = await client.ListenAsync("/ws/btcusdt@trade");
        await TendAsync(client, clock, TimeSpan.FromMinutes(59.9));
        listener.HasEnded.ShouldBeFalse();
        await TendAsync(client, clock, TimeSpan.FromMinutes(0.1));
        await Eventually.TrueAsync(() => listener.HasEnded);
        listener.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await Eventually.TrueAsync(() => client.Exchange.Connections == 0);
    }

    [Fact]
    public async Task Clients_are_pinged_and_those_that_do_not_answer_are_cut()
    {
        var clock = new ManualClock();
        await using var client = await SimulatedClient.StartAsync(
            options => (options.PingInterval, options.PongTimeout) = (TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1)), clock);

        // This client answers pings only while it reads.
        using var deaf = new ClientWebSocket();
        await deaf.ConnectAsync(new Uri(client.Exchange.StreamUrl, "/ws"), CancellationToken.None);
        await using var listener = await client.ListenAsync("/ws");
        await TendAsync(client, clock, TimeSpan.FromSeconds(20));

        // The first answer comes after the ping, the second after the pong.
        await listener.AskAsync("""{"method":"LIST_SUBSCRIPTIONS","id":1}""");
        await listener.AskAsync("""{"method":"LIST_SUBSCRIPTIONS","id":2}""");
        client.Exchange.Connections.ShouldBe(2);
        await TendAsync(client, clock, TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() => client.Exchange.Connections == 1);
        listener.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_the_others_get_everything()
    {
        await using var client = await SimulatedClient.StartAsync(options =>
        {
            options.QueuedBytesPerConnection = 1_000_000;
            options.TradesPerSecond = 5000;
        });
        using var slow = new ClientWebSocket();
        await slow.ConnectAsync(new Uri(client.Exchange.StreamUrl, "/ws/btcusdt@trade"), CancellationToken.None);
        await using var quick = await client.ListenAsync("/ws/ethusdt@aggTrade");
        await Eventually.TrueAsync(() => client.Exchange.Connections == 2);
        var from = client.Now + 1;

        // What does not fit the bound has room in the sockets' own buffers first, some megabytes.
        for (var i = 0; i < 400 && client.Exchange.Connections > 1; i++)
        {
            await client.Exchange.AdvanceAsync(TimeSpan.FromMilliseconds(500));
            var last = (await client.TicksAsync("symbol=ETHUSDT&limit=1")).Single();
            await Eventually.TrueAsync(() => quick.Last?.Contains($"\"a\":{last.Id},", StringComparison.Ordinal) ?? last.Time < from);
        }

        client.Exchange.Connections.ShouldBe(1);
        quick.HasEnded.ShouldBeFalse();
        Trades(quick).ShouldBe(await client.AllTicksAsync("ETHUSDT", from, client.Now + 1));
    }

    [Fact]
    public async Task A_burst_waits_for_its_clients_when_told_to()
    {
        await using var client = await SimulatedClient.StartAsync(options =>
        {
            options.QueuedBytesPerConnection = 65_536;
            options.TradesPerSecond = 2000;
            options.SlowClients = SlowClients.Wait;
        });
        await using var listener = await client.ListenAsync("/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade");
        var from = client.Now + 1;

        await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(60));

        var count = (await client.AllTicksAsync("BTCUSDT", from, client.Now + 1)).Count + (await client.AllTicksAsync("ETHUSDT", from, client.Now + 1)).Count;
        count.ShouldBeGreaterThan(10_000);
        await Eventually.TrueAsync(() => listener.Count == count);
    }

    [Fact]
    public async Task On_a_running_clock_trades_come_when_their_time_comes()
    {
        await using var client = await SimulatedClient.StartAsync(options =>
        {
            options.ClockSpeed = 1;
            options.ClockOrigin = null;
            options.ClockOffset = TimeSpan.FromMinutes(-7);
        });
        var (before, now, after) = (DateTimeOffset.UtcNow, client.Now, DateTimeOffset.UtcNow);
        now.ShouldBeInRange(before.AddMinutes(-7).ToUnixTimeMilliseconds(), after.AddMinutes(-7).ToUnixTimeMilliseconds());
        await using var listener = await client.ListenAsync("/ws/btcusdt@aggTrade");
        await Eventually.TrueAsync(() => listener.Count >= 10);

        var events = listener.Events("aggTrade");
        events.ShouldAllBe(trade => trade.GetProperty("E").GetInt64() >= trade.GetProperty("T").GetInt64());
        var live = events.Select(Tick.Parse).ToArray();
        (await client.TicksAsync($"symbol=BTCUSDT&fromId={live[0].Id}"))[..10].ShouldBe(live[..10]);
    }

    /// <summary>Moves the local clock on and lets the exchange look after its connections.</summary>
    private static async Task TendAsync(SimulatedClient client, ManualClock clock, TimeSpan by)
    {
        clock.Advance(by);
        // The first round may have begun before; the second has not.
        await client.Exchange.AdvanceAsync(TimeSpan.Zero);
        await client.Exchange.AdvanceAsync(TimeSpan.Zero);
    }

    private static Tick[] Trades(Listener listener) => [.. listener.Events("aggTrade").Select(Tick.Parse)];

    private static JsonElement[] Finals(Listener listener) =>
        [.. listener.Events("kline").Select(message => message.GetProperty("k")).Where(k => k.GetProperty("x").GetBoolean())];
}
