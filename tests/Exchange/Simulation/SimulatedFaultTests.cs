using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Exchange.Simulation;

public sealed class SimulatedFaultTests
{
    private const string Streams = "/stream?streams=btcusdt@aggTrade/btcusdt@kline_1m/ethusdt@aggTrade";

    [Fact]
    public async Task Dropped_connections_end_and_new_ones_are_taken()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var first = await client.ListenAsync(Streams);
        await using var second = await client.ListenAsync("/ws");
        await Eventually.TrueAsync(() => client.Exchange.Connections == 2);

        client.Exchange.Faults.Inject(new Fault(FaultKind.DropConnections));

        await Eventually.TrueAsync(() => first.HasEnded && second.HasEnded);
        first.CloseStatus.ShouldBeNull();
        client.Exchange.Faults.Injected[FaultKind.DropConnections].ShouldBe(2);
        await using var third = await client.ListenAsync(Streams);
    }

    [Fact]
    public async Task Connections_are_refused_as_often_as_asked()
    {
        await using var client = await SimulatedClient.StartAsync();
        client.Exchange.Faults.Inject(new Fault(FaultKind.RefuseConnections) { Count = 2 });
        await Should.ThrowAsync<WebSocketException>(client.ListenAsync("/ws"));
        await Should.ThrowAsync<WebSocketException>(client.ListenAsync("/ws"));
        await using var listener = await client.ListenAsync("/ws");
    }

    [Fact]
    public async Task A_stall_of_one_symbol_silences_it_alone_and_what_it_swallows_stays_in_rest()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync(Streams);
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Stall) { Symbol = "BTCUSDT" });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(2));
        client.Exchange.Faults.Clear();
        var until = client.Now;
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));

        await ExpectLastAsync(client, listener, "BTCUSDT");
        await ExpectLastAsync(client, listener, "ETHUSDT");
        Trades(listener, "BTCUSDT").Min(tick => tick.Time).ShouldBeGreaterThan(until);
        Trades(listener, "ETHUSDT").ShouldBe(await client.AllTicksAsync("ETHUSDT", from, client.Now + 1));
        (await client.AllTicksAsync("BTCUSDT", from, until + 1)).Count.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task A_stall_of_everything_ends_by_itself()
    {
        await using var client = await SimulatedClient.StartAsync(options => options.ClockSpeed = 5);
        var since = Stopwatch.GetTimestamp();
        client.Exchange.Faults.Inject(new Fault(FaultKind.Stall) { Duration = TimeSpan.FromSeconds(1) });
        await using var listener = await client.ListenAsync(Streams);
        await Eventually.TrueAsync(() => listener.Count > 0);
        Stopwatch.GetElapsedTime(since).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9));
        client.Exchange.Faults.InForce.ShouldBeEmpty();
    }

    [Fact]
    public async Task Holes_leave_out_trades_that_rest_still_has()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync(Streams);
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Hole) { Probability = 0.2, Symbol = "BTCUSDT" });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(3));
        client.Exchange.Faults.Clear();
        await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(30));

        await ExpectLastAsync(client, listener, "BTCUSDT");
        var all = await client.AllTicksAsync("BTCUSDT", from, client.Now + 1);
        var seen = Trades(listener, "BTCUSDT");
        (all.Count - seen.Length).ShouldBe((int)client.Exchange.Faults.Injected[FaultKind.Hole]);
        ((double)seen.Length / all.Count).ShouldBeInRange(0.7, 0.95);
        seen.ShouldBeSubsetOf(all);
    }

    [Fact]
    public async Task Duplicates_come_twice_and_reordered_frames_lose_only_their_order()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync(Streams);
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Duplicate) { Probability = 0.3 });
        client.Exchange.Faults.Inject(new Fault(FaultKind.Reorder) { Amount = TimeSpan.FromMilliseconds(300) });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));
        client.Exchange.Faults.Clear();

        var all = await client.AllTicksAsync("BTCUSDT", from, client.Now + 1);
        await Eventually.TrueAsync(() => Trades(listener, "BTCUSDT").Distinct().Count() == all.Count);
        var seen = Trades(listener, "BTCUSDT");
        seen.Distinct().OrderBy(tick => tick.Id).ShouldBe(all);
        seen.Length.ShouldBeGreaterThan(all.Count);
        seen.Zip(seen.Skip(1)).Count(pair => pair.Second.Id < pair.First.Id).ShouldBeGreaterThan(all.Count / 10);
    }

    [Fact]
    public async Task Delayed_frames_come_late_and_in_order()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync("/ws/btcusdt@aggTrade");
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Delay) { Amount = TimeSpan.FromMilliseconds(700) });
        var since = Stopwatch.GetTimestamp();
        await client.Exchange.AdvanceAsync(TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(() => listener.Count > 0);

        Stopwatch.GetElapsedTime(since).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(650));
        var all = await client.AllTicksAsync("BTCUSDT", from, client.Now + 1);
        await Eventually.TrueAsync(() => listener.Count == all.Count);
        Trades(listener, "BTCUSDT").ShouldBe(all);
    }

    [Fact]
    public async Task Final_klines_are_left_out_or_lie_while_rest_is_right()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync(Streams);
        client.Exchange.Faults.Inject(new Fault(FaultKind.OmitKlineClose) { Count = 1 });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));
        client.Exchange.Faults.Inject(new Fault(FaultKind.LyingKline) { Count = 1 });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(2));

        await ExpectLastAsync(client, listener, "BTCUSDT");
        var told = listener.Events("kline").Select(message => message.GetProperty("k"))
            .Where(k => k.GetProperty("x").GetBoolean()).Select(Bar.FromStream).ToArray();
        var truth = (await client.BarsAsync("symbol=BTCUSDT&interval=1m&limit=4"))[..3];
        told.Select(bar => bar.OpenTime).ShouldBe(truth[1..].Select(bar => bar.OpenTime));
        told[0].ShouldNotBe(truth[1]);
        told[1].ShouldBe(truth[2]);
    }

    [Fact]
    public async Task Malformed_frames_take_the_place_of_good_ones()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync("/ws/btcusdt@aggTrade");
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Malformed) { Probability = 0.5 });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));
        var all = await client.AllTicksAsync("BTCUSDT", from, client.Now + 1);

        // .NET's client refuses a text frame of invalid UTF-8, so it may have gone early: that is the fault's point.
        await Eventually.TrueAsync(() => listener.HasEnded || listener.Count == all.Count);
        var bad = listener.Raw.Count(frame => !IsGoodTrade(frame));
        bad.ShouldBeGreaterThan(listener.Count / 5);
        bad.ShouldBeLessThanOrEqualTo((int)client.Exchange.Faults.Injected[FaultKind.Malformed]);
    }

    [Fact]
    public async Task Oversized_frames_and_unknown_events_come_besides_the_good_ones()
    {
        await using var client = await SimulatedClient.StartAsync();
        await using var listener = await client.ListenAsync("/stream?streams=btcusdt@aggTrade");
        var from = client.Now + 1;
        client.Exchange.Faults.Inject(new Fault(FaultKind.Oversized) { Bytes = 1_000_000, Count = 1 });
        client.Exchange.Faults.Inject(new Fault(FaultKind.UnknownEvent) { Count = 20 });
        await client.Exchange.AdvanceAsync(TimeSpan.FromMinutes(1));

        var all = await client.AllTicksAsync("BTCUSDT", from, client.Now + 1);
        await Eventually.TrueAsync(() => listener.Count == all.Count + 21);
        listener.Raw.Count(frame => frame.Length is > 999_000 and <= 1_000_000).ShouldBe(1);
        listener.Events("somethingNew").Length.ShouldBeGreaterThan(0);
        (listener.Events("somethingNew").Length + listener.Events("reaggTrade").Length).ShouldBe(20);
        listener.Events("aggTrade").Where(trade => !trade.TryGetProperty("pad", out _)).Select(Tick.Parse).ShouldBe(all);
    }

    [Fact]
    public async Task A_shutdown_is_announced_before_the_connections_end()
    {
        var clock = new ManualClock();
        await using var client = await SimulatedClient.StartAsync(time: clock);
        await using var wrapped = await client.ListenAsync("/stream");
        await using var bare = await client.ListenAsync("/ws");
        await Eventually.TrueAsync(() => client.Exchange.Connections == 2);
        client.Exchange.Faults.Inject(new Fault(FaultKind.ServerShutdown) { Amount = TimeSpan.FromMilliseconds(500) });

        await Eventually.TrueAsync(() => wrapped.Count == 1 && bare.Count == 1);
        (wrapped.HasEnded || bare.HasEnded).ShouldBeFalse();
        await clock.DriveAsync(() => wrapped.HasEnded && bare.HasEnded, TimeSpan.FromSeconds(1));
        wrapped.Texts.Single().ShouldBe($$$"""{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":{{{client.Now}}}}}""");
        bare.Texts.Single().ShouldBe($$$"""{"e":"serverShutdown","E":{{{client.Now}}}}""");
    }

    [Fact]
    public async Task Rest_answers_what_it_is_told_to()
    {
        await using var client = await SimulatedClient.StartAsync();
        var faults = client.Exchange.Faults;
        const string Klines = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=5";

        faults.Inject(new Fault(FaultKind.RestTooManyRequests) { Count = 1, Path = "klines", Amount = TimeSpan.FromSeconds(7) });
        (await client.TryAsync("/api/v3/time")).Status.ShouldBe(200);
        using (var response = await client.Http.GetAsync(new Uri(Klines, UriKind.Relative)))
        {
            ((int)response.StatusCode).ShouldBe(429);
            response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
        }

        faults.Inject(new Fault(FaultKind.RestBanned) { Count = 1 });
        (await client.TryAsync(Klines)).Status.ShouldBe(418);
        faults.Inject(new Fault(FaultKind.RestError) { Count = 1 });
        (await client.TryAsync(Klines)).Status.ShouldBe(500);
        faults.Inject(new Fault(FaultKind.RestTruncated) { Count = 1 });
        await Should.ThrowAsync<HttpRequestException>(client.TryAsync(Klines));
        faults.Inject(new Fault(FaultKind.RestRefuse) { Count = 1 });
        await Should.ThrowAsync<HttpRequestException>(client.TryAsync(Klines));
        faults.Inject(new Fault(FaultKind.RestSlow) { Count = 1, Amount = TimeSpan.FromMilliseconds(400) });
        var since = Stopwatch.GetTimestamp();
        (await client.TryAsync(Klines)).Status.ShouldBe(200);
        Stopwatch.GetElapsedTime(since).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(350));
        faults.InForce.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_process_can_ask_for_faults_and_move_the_clock()
    {
        await using var client = await SimulatedClient.StartAsync();
        var before = client.Now;
        using var fault = await client.Http.PostAsJsonAsync(
            new Uri("/simulation/faults", UriKind.Relative), new { kind = "restError", count = 3, path = "time", seconds = 60, probability = 1.0 });
        fault.IsSuccessStatusCode.ShouldBeTrue();
        (await client.TryAsync("/api/v3/time")).Status.ShouldBe(500);
        var state = await client.GetAsync("/simulation/faults");
        state.GetProperty("inForce")[0].GetProperty("kind").GetString().ShouldBe("restError");
        state.GetProperty("injected").GetProperty("restError").GetInt64().ShouldBe(1);

        using var ended = await client.Http.DeleteAsync(new Uri("/simulation/faults", UriKind.Relative));
        (await client.TryAsync("/api/v3/time")).Status.ShouldBe(200);
        using var moved = await client.Http.PostAsync(new Uri("/simulation/clock?advance=61000", UriKind.Relative), null);
        moved.IsSuccessStatusCode.ShouldBeTrue();
        client.Now.ShouldBe(before + 61_000);

        using var unknown = new StringContent("""{"kind":"earthquake"}""", Encoding.UTF8, "application/json");
        using var refused = await client.Http.PostAsync(new Uri("/simulation/faults", UriKind.Relative), unknown);
        ((int)refused.StatusCode).ShouldBe(400);
        using var improbable = new StringContent("""{"kind":"hole","probability":2}""", Encoding.UTF8, "application/json");
        using var refusedToo = await client.Http.PostAsync(new Uri("/simulation/faults", UriKind.Relative), improbable);
        ((int)refusedToo.StatusCode).ShouldBe(400);
    }

    private static Tick[] Trades(Listener listener, string pair) =>
        [.. listener.Events("aggTrade").Where(trade => trade.GetProperty("s").GetString() == pair).Select(Tick.Parse)];

    /// <summary>Waits until the newest trade that REST knows has come over the stream, and with it all before it.</summary>
    private static async Task ExpectLastAsync(SimulatedClient client, Listener listener, string pair)
    {
        var last = (await client.TicksAsync($"symbol={pair}&limit=1")).Single();
        await Eventually.TrueAsync(() => Trades(listener, pair).Contains(last));
    }

    private static bool IsGoodTrade(byte[] frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame);
            return Tick.Parse(document.RootElement).Price < 10_000_000 && document.RootElement.GetProperty("E").GetInt64() > 0;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            return false;
        }
    }
}
