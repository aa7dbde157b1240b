using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>The hub of the running product, over real sockets.</summary>
[Collection(nameof(ProductFixture))]
public sealed class HubTests(ProductFixture product)
{
    private readonly ApiRig _rig = product.Rig;

    [Fact]
    public async Task A_subscription_answers_with_what_it_accepted_and_prices_follow()
    {
        await using var client = await _rig.ConnectAsync();
        var answer = await client.InvokeAsync("Subscribe", (string[])["btc", "ETH", "NOPE", "BTC"], (string[])["1m", "7m"]);
        Texts(answer.GetProperty("symbols")).ShouldBe(["BTC", "ETH"]);
        Texts(answer.GetProperty("timeframes")).ShouldBe(["1m"]);
        Texts(answer.GetProperty("rejected")).ShouldBe(["NOPE", "7m"]);

        var seen = new HashSet<string>();
        long lastTrade = 0;
        for (var i = 0; i < 10 || !seen.Contains("BTC"); i++)
        {
            foreach (var tick in (await client.NextAsync("price")).EnumerateArray())
            {
                var symbol = tick.GetProperty("symbol").GetString()!;
                seen.Add(symbol);
                tick.GetProperty("price").GetDecimal().ShouldBePositive();
                if (symbol == "BTC")
                {
                    tick.GetProperty("tradeId").GetInt64().ShouldBeGreaterThan(lastTrade);
                    lastTrade = tick.GetProperty("tradeId").GetInt64();
                }
            }
        }

        seen.ShouldBeSubsetOf(["BTC", "ETH"]);
    }

    [Fact]
    public async Task A_new_subscription_replaces_the_one_before_and_none_ends_it()
    {
        var others = Broadcast.Clients;
        await using var client = await _rig.ConnectAsync();
        MarketClient[] mine = [.. Broadcast.Clients.Except(others)];
        mine.ShouldNotBeEmpty();
        await client.InvokeAsync("Subscribe", (string[])["BTC"], Array.Empty<string>());
        await client.NextAsync("price");
        await Eventually.TrueAsync(async () => await TryAsync(() => client.InvokeAsync("Subscribe", (string[])["ETH"], Array.Empty<string>())));
        Texts((await client.NextAsync("price")).EnumerateArray().Last().GetProperty("symbol")).ShouldNotBeEmpty();
        await client.InvokeAsync("Unsubscribe");
        Broadcast.Clients.ShouldAllBe(other => other.Subscription.Symbols.Length == 0 || !mine.Contains(other));
    }

    [Theory]
    [InlineData("null", "[]", "symbols")]
    [InlineData("[]", "null", "timeframes")]
    [InlineData("[]", "[\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\",\"1m\"]", "timeframes")]
    public async Task A_bad_subscription_is_refused_with_its_field(string symbols, string timeframes, string field)
    {
        await using var client = await _rig.ConnectAsync();
        var refusal = await Should.ThrowAsync<HubRefusedException>(client.InvokeAsync(
            "Subscribe", JsonDocument.Parse(symbols).RootElement, JsonDocument.Parse(timeframes).RootElement));
        refusal.Message.ShouldContain(field);
    }

    [Fact]
    public async Task More_than_200_symbols_are_refused_and_200_are_not()
    {
        await using var client = await _rig.ConnectAsync();
        var many = Enumerable.Range(0, 201).Select(i => $"S{i}").ToArray();
        (await Should.ThrowAsync<HubRefusedException>(client.InvokeAsync("Subscribe", many, Array.Empty<string>()))).Message.ShouldContain("200");
        (await client.InvokeAsync("Subscribe", many[..200], Array.Empty<string>())).GetProperty("rejected").GetArrayLength().ShouldBe(200);
    }

    [Fact]
    public async Task Subscriptions_in_a_tight_loop_are_refused()
    {
        await using var client = await _rig.ConnectAsync();
        // They are carried out one after the other: on a busy machine not all of them within 50 ms of the one before.
        var calls = Enumerable.Range(0, 200).Select(_ => TryAsync(() => client.InvokeAsync("Subscribe", (string[])["BTC"], Array.Empty<string>()))).ToArray();
        (await Task.WhenAll(calls)).ShouldContain(false);
    }

    [Fact]
    public async Task An_oversized_message_ends_the_connection_and_nothing_else()
    {
        await using var good = await _rig.ConnectAsync();
        await using var bad = await _rig.ConnectAsync();
        await bad.SendAsync(new string(' ', 40_000));
        await bad.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        await good.InvokeAsync("Unsubscribe");
    }

    [Theory]
    [InlineData("{\"type\":1,\"target\":\"NoSuch\",\"arguments\":[],\"invocationId\":\"9\"}")]
    [InlineData("{\"type\":1,\"target\":\"Subscribe\",\"arguments\":[1,2],\"invocationId\":\"9\"}")]
    [InlineData("{\"type\":1,\"target\":\"Subscribe\",\"arguments\":[],\"invocationId\":\"9\"}")]
    [InlineData("{\"type\":99}")]
    [InlineData("not json")]
    public async Task Malformed_messages_do_no_harm_to_others(string message)
    {
        await using var bad = await _rig.ConnectAsync();
        await bad.SendAsync(message);
        await using var good = await _rig.ConnectAsync();
        await good.InvokeAsync("Subscribe", (string[])["BTC"], Array.Empty<string>());
        await good.NextAsync("price");
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetBuffer(4096, 4096);
        await socket.ConnectAsync(new UriBuilder(new Uri(_rig.Address, "/hubs/market")) { Scheme = "ws" }.Uri, CancellationToken.None);
        var before = Broadcast.Clients.ToArray();
        await SendAsync(socket, """{"protocol":"json","version":1}""");
        await Eventually.TrueAsync(() => Broadcast.Clients.Except(before).Any());
        await SendAsync(socket, """{"type":1,"target":"Subscribe","arguments":[["BTC"],["1d"]],"invocationId":"1"}""");
        MarketClient? slow = null;
        await Eventually.TrueAsync(() => (slow = Broadcast.Clients.Except(before).FirstOrDefault(client => client.Subscription.Symbols.Length > 0)) is not null);

        // What the sockets between hold differs by machine, so it is filled until it overflows.
        var candles = Enumerable.Range(0, 100).Select(i => Some.Candle(i, Timeframe.D1)).ToArray();
        for (var i = 0; i < 20_000 && !slow!.IsCut; i++)
        {
            Broadcast.PostClosed("BTC", candles);
        }

        slow!.IsCut.ShouldBeTrue();
        await Eventually.TrueAsync(() => !Broadcast.Clients.Contains(slow));
        (await _rig.Http.GetStringAsync("/metrics")).ShouldContain("cryptoai_hub_clients_cut_total{reason=\"queue_full\"}");
    }

    [Fact]
    public async Task Closed_candles_arrive_once_in_order_as_the_API_has_them()
    {
        // A minute takes four seconds.
        var clock = new FastClock(Some.Noon.AddSeconds(20), 1);
        await using var rig = await ApiRig.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await rig.LiveAsync();
        clock.Speed = 15;
        await using var client = await rig.ConnectAsync();
        await client.InvokeAsync("Subscribe", (string[])["BTC"], (string[])["1m"]);

        // On a busy machine, whose seconds are minutes here, a minute may be passed over or corrected: in order it comes nevertheless.
        var closed = new SortedDictionary<DateTimeOffset, JsonElement>();
        while (!closed.Keys.Any(time => closed.ContainsKey(time.AddMinutes(1))))
        {
            Hear(await client.NextAsync("candle"));
        }

        clock.Speed = 1;
        var from = closed.Keys.First(time => closed.ContainsKey(time.AddMinutes(1)));
        await Eventually.TrueAsync(async () =>
        {
            while (client.Events.TryRead(out var next))
            {
                if (next.Name == "candle")
                {
                    Hear(next.Argument);
                }
            }

            var page = await rig.GetAsync($"/api/v1/cryptocurrencies/BTC/candles?timeframe=1m&limit=2&from={from.ToUnixTimeMilliseconds()}");
            string[] stored = [.. page.GetProperty("items").EnumerateArray().Select(Shown)];
            return stored.SequenceEqual([Shown(closed[from]), Shown(closed[from.AddMinutes(1)])]);
        });

        void Hear(JsonElement candles)
        {
            foreach (var candle in candles.EnumerateArray().Where(static candle => candle.GetProperty("isClosed").GetBoolean()))
            {
                var time = candle.GetProperty("openTime").GetDateTimeOffset();
                if (candle.GetProperty("provenance").GetString() != "repaired" && closed.Count > 0)
                {
                    time.ShouldBeGreaterThan(closed.Keys.Last());
                }

                closed[time] = candle;
            }
        }

        static string Shown(JsonElement candle) => string.Join(
            ' ',
            ((string[])["openTime", "open", "high", "low", "close", "volume", "baseVolume", "trades", "isClosed"]).Select(field => candle.GetProperty(field).GetRawText()));
    }

    private MarketBroadcast Broadcast => _rig.App.Services.GetRequiredService<MarketBroadcast>();

    private static Task SendAsync(ClientWebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json + "\u001e"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<bool> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (HubRefusedException)
        {
            return false;
        }
    }

    private static string[] Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [value.GetString()!];
}
