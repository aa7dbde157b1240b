using CryptoAI.Api.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>What a client is sent and when, on a clock that the test moves.</summary>
public sealed class ConflationTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly MarketBroadcast _broadcast;
    private readonly HubClientProbe _far = new();
    private readonly MarketClient _client;

    public ConflationTests()
    {
        _broadcast = HubClientProbe.CreateBroadcast(_clock);
        _client = _broadcast.Connect("client", _far.WriteAsync, _far.Abort);
    }

    public void Dispose() => _broadcast.Dispose();

    [Fact]
    public void A_lone_price_after_a_rest_is_sent_at_once()
    {
        Subscribe("BTC");
        Price("BTC", 100, id: 1);

        _broadcast.Pass().ShouldBeNull();

        var sent = _far.Of("price").ShouldHaveSingleItem().EnumerateArray().ShouldHaveSingleItem();
        sent.GetProperty("symbol").GetString().ShouldBe("BTC");
        sent.GetProperty("price").GetRawText().ShouldBe("100");
        sent.GetProperty("tradeId").GetInt64().ShouldBe(1);
        sent.GetProperty("time").GetInt64().ShouldBe(Some.Noon.ToUnixTimeMilliseconds() + 1);
    }

    [Fact]
    public void Prices_within_the_interval_wait_for_its_end_and_the_latest_wins()
    {
        Subscribe("BTC");
        Price("BTC", 100, id: 1);
        _broadcast.Pass();
        Advance(30);
        Price("BTC", 101, id: 2);
        _broadcast.Pass().ShouldBe(TimeSpan.FromMilliseconds(70));
        Price("BTC", 102, id: 3);
        Advance(69);
        _broadcast.Pass().ShouldBe(TimeSpan.FromMilliseconds(1));
        _far.Of("price").Count().ShouldBe(1);

        Advance(1);
        _broadcast.Pass();

        _far.Of("price").Last().EnumerateArray().ShouldHaveSingleItem().GetProperty("tradeId").GetInt64().ShouldBe(3);
    }

    [Fact]
    public void At_most_ten_messages_a_second_reach_a_client_and_none_of_its_symbols_is_forgotten()
    {
        Subscribe("BTC", "ETH");
        for (var i = 1; i <= 5000; i++)
        {
            Price("BTC", i, i);
            if (i == 2500)
            {
                Price("ETH", 7, 1);
            }

            _broadcast.Pass();
            Advance(0.2);
        }

        Advance(100);
        _broadcast.Pass();
        _far.Of("price").Count().ShouldBeInRange(10, 11);
        _far.Of("price").Last().EnumerateArray().Single().GetProperty("tradeId").GetInt64().ShouldBe(5000);
        _far.Of("price").SelectMany(message => message.EnumerateArray()).Count(tick => tick.GetProperty("symbol").GetString() == "ETH").ShouldBe(1);
    }

    [Fact]
    public void A_price_of_a_symbol_that_is_not_followed_is_not_sent_and_does_not_delay_one_that_is()
    {
        Subscribe("BTC");
        Price("ETH", 7, 1);
        _broadcast.Pass().ShouldBeNull();
        _far.Received.ShouldBeEmpty();
        Price("BTC", 100, 1);
        _broadcast.Pass();
        _far.Of("price").Count().ShouldBe(1);
    }

    [Fact]
    public void A_new_subscription_begins_with_the_current_prices()
    {
        Price("BTC", 100, 1);
        Price("ETH", 7, 1);
        _broadcast.Pass();
        Subscribe("ETH");
        _broadcast.Pass();
        _far.Of("price").Single().EnumerateArray().Single().GetProperty("symbol").GetString().ShouldBe("ETH");

        Advance(1000);
        Subscribe("BTC", "ETH");
        _broadcast.Pass();
        _far.Of("price").Last().GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void A_client_that_unsubscribes_gets_nothing_more()
    {
        Subscribe("BTC");
        _broadcast.Unsubscribe(_client);
        Price("BTC", 100, 1);
        _broadcast.PostClosed("BTC", [Some.Candle(0)]);
        _broadcast.PostSignal(Some.Signal(1));
        _broadcast.Pass();
        _far.Received.ShouldBeEmpty();
    }

    [Fact]
    public void Closed_candles_are_each_sent_and_open_ones_conflated()
    {
        Subscribe("BTC");
        for (var i = 0; i < 20; i++)
        {
            _broadcast.PostOpenCandle(Some.Candle(1, isClosed: false, close: 100 + i));
            _broadcast.PostClosed("BTC", [Some.Candle(i - 100)]);
            _broadcast.Pass();
        }

        var candles = _far.Of("candle").SelectMany(message => message.EnumerateArray()).ToArray();
        candles.Count(candle => candle.GetProperty("isClosed").GetBoolean()).ShouldBe(20);
        candles.Count(candle => !candle.GetProperty("isClosed").GetBoolean()).ShouldBe(1);
    }

    [Fact]
    public void An_open_candle_is_not_sent_after_it_closed()
    {
        Subscribe("BTC");
        _broadcast.PostOpenCandle(Some.Candle(0, isClosed: false, close: 101));
        _broadcast.Pass();
        _broadcast.PostOpenCandle(Some.Candle(0, isClosed: false, close: 102));
        _broadcast.PostClosed("BTC", [Some.Candle(0, close: 103)]);
        Advance(10_000);
        _broadcast.Pass();

        _far.Of("candle").SelectMany(message => message.EnumerateArray()).Select(candle => candle.GetProperty("close").GetDecimal()).ShouldBe([101, 103]);
    }

    [Fact]
    public void Only_candles_of_followed_timeframes_are_sent()
    {
        _broadcast.Subscribe(_client, ["BTC"], [Timeframe.M5, Timeframe.H1]);
        _broadcast.PostClosed("BTC", [Some.Candle(59), Some.Candle(55, Timeframe.M5), Some.Candle(45, Timeframe.M15), Some.Candle(0, Timeframe.H1)]);
        _far.Of("candle").Single().EnumerateArray().Select(candle => candle.GetProperty("timeframe").GetString()).ShouldBe(["5m", "1h"]);
        _broadcast.PostClosed("BTC", [Some.Candle(60)]);
        _far.Of("candle").Count().ShouldBe(1);
    }

    [Fact]
    public void A_client_that_takes_nothing_is_cut_off_after_its_patience()
    {
        Subscribe("BTC");
        _far.StopReading();
        Price("BTC", 100, 1);
        _broadcast.Pass();
        Advance(9_999);
        _broadcast.CutStalled();
        _far.WasAborted.ShouldBeFalse();
        Advance(1);
        _broadcast.CutStalled();
        _far.WasAborted.ShouldBeTrue();
    }

    [Fact]
    public void A_client_whose_queue_is_full_is_cut_off_and_what_waits_never_exceeds_the_bound()
    {
        Subscribe("BTC");
        _far.StopReading();
        var posted = 0;
        while (!_far.WasAborted)
        {
            _broadcast.PostClosed("BTC", [.. Enumerable.Range(0, 100).Select(i => Some.Candle(i))]);
            posted++;
            posted.ShouldBeLessThan(200);
        }

        posted.ShouldBeGreaterThan(10);
        _far.Received.Count.ShouldBe(1);
        _client.IsCut.ShouldBeTrue();
    }

    [Fact]
    public void A_client_that_was_slow_gets_the_latest_prices_and_every_candle_once_it_reads_again()
    {
        Subscribe("BTC", "ETH");
        _far.StopReading();
        Price("BTC", 100, 1);
        _broadcast.Pass();
        for (var i = 2; i <= 50; i++)
        {
            Advance(100);
            Price("BTC", 100 + i, i);
            Price("ETH", i, i);
            _broadcast.PostClosed("BTC", [Some.Candle(i)]);
            _broadcast.Pass();
        }

        _far.Received.Count.ShouldBe(1);
        _far.ReadAgain();
        _broadcast.Pass();

        _far.Of("candle").Count().ShouldBe(49);
        _far.Of("price").Count().ShouldBe(2);
        _far.Of("price").Last().EnumerateArray().Select(tick => tick.GetProperty("tradeId").GetInt64()).ShouldBe([50, 50]);
    }

    [Fact]
    public void Clients_that_follow_the_same_share_a_message()
    {
        var frames = new List<HubFrame>();
        foreach (var name in (string[])["a", "b"])
        {
            var client = _broadcast.Connect(name, frame =>
            {
                frames.Add(frame);
                return Task.CompletedTask;
            }, static () => { });
            _broadcast.Subscribe(client, ["BTC", "ETH"], []);
        }

        Price("BTC", 100, 1);
        _broadcast.Pass();
        frames.Count.ShouldBe(2);
        frames[0].ShouldBeSameAs(frames[1]);
    }

    [Fact]
    public async Task A_client_that_left_is_forgotten()
    {
        Subscribe("BTC");
        _broadcast.FollowedSymbols().ShouldBe(["BTC"]);
        await _broadcast.DisconnectAsync(_client);
        Price("BTC", 100, 1);
        _broadcast.Pass();
        _far.Received.ShouldBeEmpty();
        _broadcast.FollowedSymbols().ShouldBeEmpty();
    }

    private void Advance(double milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private void Subscribe(params string[] symbols) => _broadcast.Subscribe(_client, symbols, [Timeframe.M1]);

    private void Price(string symbol, decimal price, long id) => _broadcast.PostPrices([Some.Price(symbol, price, id)]);
}
