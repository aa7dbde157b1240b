using System.Collections.Concurrent;
using System.Globalization;
using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>The REST calls: what is asked, what is understood, what is refused.</summary>
public sealed class BinanceRestTests : IAsyncLifetime
{
    private static readonly SymbolInfo Btc = Frames.Symbols[0];

    private readonly ManualClock _clock = new();
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private RestStub _stub = null!;
    private BinanceFeed _feed = null!;

    public async Task InitializeAsync()
    {
        _stub = await RestStub.StartAsync(_clock);
        _feed = Feed(new() { RestUrl = _stub.Url, MaxResponseBytes = 1_048_576 });
    }

    public async Task DisposeAsync()
    {
        await _feed.DisposeAsync();
        await _stub.DisposeAsync();
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0, 4)]
    public async Task The_exchanges_clock_is_never_taken_to_be_ahead_of_it(int secondsThere, int secondsBack)
    {
        _stub.Answer = async (context, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(secondsThere));
            var stated = _clock.GetUtcNow().AddMinutes(7).ToUnixTimeMilliseconds();
            _clock.Advance(TimeSpan.FromSeconds(secondsBack));
            await context.Response.WriteAsync($$"""{"serverTime":{{stated}}}""");
        };

        await _feed.MeasureClockAsync(CancellationToken.None);

        var behind = _clock.GetUtcNow().AddMinutes(7).ToUnixTimeMilliseconds() - _feed.Now;
        behind.ShouldBe(secondsBack * 1_000);
    }

    [Fact]
    public async Task Symbols_that_trade_on_spot_come_with_their_steps()
    {
        var serverTime = _clock.GetUtcNow().AddSeconds(20).ToUnixTimeMilliseconds();
        AnswerAlways($$$"""
            {
              "timezone": "UTC", "serverTime": {{{serverTime}}},
              "rateLimits": [
                {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61000},
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 1200}],
              "symbols": [
                {"symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "isSpotTradingAllowed": true,
                 "filters": [{"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01000000"},
                             {"stepSize": "0.00001000", "filterType": "LOT_SIZE"}, {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.1"}],
                 "permissionSets": [["SPOT", "MARGIN"]], "unknown": {"symbol": "X"}},
                {"symbol": "HALTUSDT", "status": "BREAK", "baseAsset": "HALT", "quoteAsset": "USDT", "filters": []},
                {"symbol": "MARGINUSDT", "status": "TRADING", "baseAsset": "MARGIN", "quoteAsset": "USDT", "isSpotTradingAllowed": false, "filters": []},
                {"symbol": "FINEUSDT", "status": "TRADING", "baseAsset": "FINE", "quoteAsset": "USDT",
                 "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.000000000001"}]},
                {"symbol": "BAREUSDT", "status": "TRADING", "baseAsset": "BARE", "quoteAsset": "USDT"}],
              "sors": []
            }
            """);

        var symbols = await _feed.GetSymbolsAsync(CancellationToken.None);

        symbols.ShouldBe([
            new("BTC", "BTCUSDT", "USDT", 0.01m, 0.00001m),
            new("BARE", "BAREUSDT", "USDT", 0.00000001m, 0.00000001m)]);
        _feed.Now.ShouldBe(serverTime);
        _feed.RequestWeight.ShouldBe((20, 1200));
        _stub.Requests.Single().Path.ShouldBe("/api/v3/exchangeInfo");
    }

    [Fact]
    public async Task Quote_volumes_are_read_by_pair()
    {
        AnswerAlways("""[{"symbol":"BTCUSDT","volume":"5","quoteVolume":"15.30000000","count":76},{"quoteVolume":7,"symbol":"ETHUSDT"},{"symbol":"X","quoteVolume":null}]""");

        (await _feed.GetQuoteVolumesAsync(CancellationToken.None))
            .ShouldBe(new Dictionary<string, decimal> { ["BTCUSDT"] = 15.3m, ["ETHUSDT"] = 7m }, ignoreOrder: true);
        _stub.Requests.Single().Path.ShouldBe("/api/v3/ticker/24hr");
        _feed.RequestWeight.Used.ShouldBe(80);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(7)]
    public async Task Klines_are_paged_to_the_end_even_where_a_server_caps_its_pages(int cap)
    {
        // Minutes 0 to 2,499, without 100 to 199.
        var from = new DateTimeOffset(2024, 10, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var minutes = Enumerable.Range(0, cap == 7 ? 250 : 2_500).Where(minute => minute is < 100 or >= 200).Select(minute => from + (minute * 60_000L)).ToArray();
        _stub.Answer = (context, _) =>
        {
            var query = context.Request.Query;
            query["symbol"].ToString().ShouldBe("BTCUSDT");
            query["interval"].ToString().ShouldBe("1m");
            var (start, end, limit) = (Number(query["startTime"]), Number(query["endTime"]), Number(query["limit"]));
            limit.ShouldBe(1_000);
            var page = minutes.Where(minute => minute >= start && minute <= end).Take(cap).Select(minute => Row(minute));
            return context.Response.WriteAsync($"[{string.Join(',', page)}]");
        };

        var klines = await _feed.GetKlinesAsync("BTCUSDT", Timeframe.M1, from, minutes[^1] + 60_000, CancellationToken.None);

        klines.Select(kline => kline.OpenTime).ShouldBe(minutes);
        klines[0].ShouldBe(new Kline(Timeframe.M1, from, 0.0163479m, 0.8m, 0.015758m, 0.015771m, 148976.11427815m, 2434.19055334m, 308));
        _stub.Requests.Count.ShouldBe(1 + ((minutes.Length - cap + cap - 2) / (cap - 1)));
    }

    /// <summary>Else the exchange could be believed to state a whole minute without its last trades.</summary>
    [Fact]
    public async Task A_kline_that_was_open_at_the_end_of_one_page_and_over_at_the_next_is_the_later_one()
    {
        const long from = 1_727_740_800_000;
        _stub.Answer = (context, before) => context.Response.WriteAsync(before switch
        {
            0 => $"[{Row(from)},{Row(from + 60_000, trades: 5)}]",
            1 => $"[{Row(from + 60_000, trades: 9)},{Row(from + 180_000, trades: 2)}]",
            _ => $"[{Row(from + 180_000, trades: 3)}]",
        });

        var klines = await _feed.GetKlinesAsync("BTCUSDT", Timeframe.M1, from, from + 300_000, CancellationToken.None);

        klines.Select(kline => ((kline.OpenTime - from) / 60_000, kline.TradeCount)).ShouldBe([(0, 308), (1, 9), (3, 3)]);
        _stub.Requests.Count.ShouldBe(3);
    }

    private static string Row(long time, long trades = 308) =>
        $"""[{time},"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",{time + 59_999},"2434.19055334",{trades},"1756.87402397","28.46694368","0"]""";

    [Fact]
    public async Task No_klines_is_an_empty_answer()
    {
        AnswerAlways("[]");
        (await _feed.GetKlinesAsync("BTCUSDT", Timeframe.D1, 1672531200000, 1675209600000, CancellationToken.None)).ShouldBeEmpty();
        (await _feed.GetKlinesAsync("BTCUSDT", Timeframe.D1, 1675209600000, 1675209600000, CancellationToken.None)).ShouldBeEmpty();
        _stub.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Trades_from_an_id_come_at_scales_that_hold_them_exactly()
    {
        AnswerAlways("""
            [{"a":26128,"p":"1.00","q":"1","f":1,"l":1,"T":1498793709153,"m":true,"M":true},
             {"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27783,"T":1498793709153,"m":true,"M":true,"new":[1]},
             {"a":26130,"p":2.5,"q":"1","f":27784,"l":27784,"T":1498793709154},
             {"a":26131,"p":"3","q":"1","f":27785,"l":27785,"T":1498793709155}]
            """);

        var page = await _feed.GetTradesFromIdAsync(Btc, 26129, 2, CancellationToken.None);

        (page.PriceScale, page.QuantityScale).ShouldBe(((byte)8, (byte)8));
        page.Trades.ShouldBe([
            new(26129, 1498793709153, 1_633_102, 470_443_515, 3),
            new(26130, 1498793709154, 250_000_000, 100_000_000, 1)]);
        var query = _stub.Requests.Single().Query;
        (query["fromId"].ToString(), query["limit"].ToString(), query.Count).ShouldBe(("26129", "2", 3));
    }

    [Fact]
    public async Task Trades_from_a_time_exclude_the_end_that_the_exchange_includes()
    {
        AnswerAlways("""[{"a":1,"p":"1","q":"1","f":1,"l":1,"T":1498793709153},{"a":2,"p":"1","q":"1","f":2,"l":2,"T":1498793710000}]""");

        var page = await _feed.GetTradesFromTimeAsync(Btc, 1498793709000, 1498793710000, CancellationToken.None);

        page.Trades.Select(trade => trade.Id).ShouldBe([1]);
        var query = _stub.Requests.Single().Query;
        (query["startTime"].ToString(), query["endTime"].ToString(), query["limit"].ToString()).ShouldBe(("1498793709000", "1498793709999", "1000"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Service unavailable</html>")]
    [InlineData("{\"code\":-1000,\"msg\":\"An unknown error\"}")]
    [InlineData("""[{"a":1,"p":"1","q":"1","f":1,"l":1,"T":1498793709153}""")]
    [InlineData("""[{"a":1,"p":"1","q":"1","f":1,"l":1,"T":1498793709153}] trailing""")]
    [InlineData("""[{"a":1,"p":"-1","q":"1","f":1,"l":1,"T":1498793709153}]""")]
    [InlineData("""[{"a":1,"p":"1e5","q":"1","f":1,"l":1,"T":1498793709153}]""")]
    [InlineData("""[{"a":2,"p":"1","q":"1","f":1,"l":1,"T":1498793709153},{"a":1,"p":"1","q":"1","f":1,"l":1,"T":1498793709153}]""")]
    [InlineData("""[[]]""")]
    [InlineData("""null""")]
    public async Task An_answer_that_cannot_be_read_is_asked_for_three_times_and_then_refused(string body)
    {
        AnswerAlways(body);
        var exception = await FailsAsync(_feed.GetTradesFromIdAsync(Btc, 0, 1_000, CancellationToken.None));

        exception.RetryAfter.ShouldBeNull();
        exception.Message.ShouldContain(body.Length > 20 ? body[..20] : body);
        _stub.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again()
    {
        _stub.Answer = async (context, before) =>
        {
            var body = """[{"a":1,"p":"1","q":"1","f":1,"l":1,"T":1498793709153}]""";
            context.Response.ContentLength = body.Length;
            await context.Response.WriteAsync(before == 0 ? body[..10] : body);
            await context.Response.Body.FlushAsync();
            if (before == 0)
            {
                context.Abort();
            }
        };
        var page = _feed.GetTradesFromIdAsync(Btc, 0, 1_000, CancellationToken.None);
        await _clock.DriveAsync(page, TimeSpan.FromSeconds(2));
        (await page).Trades.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_larger_than_the_bound_is_refused(bool chunked)
    {
        _stub.Answer = async (context, _) =>
        {
            context.Response.ContentLength = chunked ? null : 1_048_577;
            await context.Response.WriteAsync(new string(' ', 1_048_577));
        };
        (await FailsAsync(_feed.GetTradesFromIdAsync(Btc, 0, 1_000, CancellationToken.None))).Message.ShouldContain("more than the 1048576");
    }

    [Fact]
    public async Task An_error_of_ours_is_told_at_once()
    {
        _stub.Answer = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync("""{"code":-1121,"msg":"Invalid symbol."}""");
        };
        var exception = await Should.ThrowAsync<ExchangeUnavailableException>(_feed.GetTradesFromIdAsync(Btc, 0, 1_000, CancellationToken.None));
        exception.Message.ShouldContain("Invalid symbol.");
        _stub.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Every_call_is_reported_with_what_came_of_it()
    {
        _stub.Answer = (context, before) =>
        {
            context.Response.StatusCode = before == 0 ? 500 : 200;
            return context.Response.WriteAsync(before == 0 ? "out of order" : "[]");
        };
        var page = _feed.GetTradesFromIdAsync(Btc, 5, 10, CancellationToken.None);
        await _clock.DriveAsync(page, TimeSpan.FromSeconds(2));

        _calls.Count.ShouldBe(2);
        var calls = _calls.ToArray();
        (calls[0].Provider, calls[0].Endpoint, calls[0].HttpMethod, calls[0].ResponseStatus, calls[0].ResponseSample)
            .ShouldBe(("binance", "/api/v3/aggTrades", "GET", 500, "out of order"));
        calls[0].Error.ShouldNotBeNull().ShouldContain("500");
        calls[0].RequestParams.ShouldBe(new Dictionary<string, string> { ["symbol"] = "BTCUSDT", ["fromId"] = "5", ["limit"] = "10" });
        (calls[1].ResponseStatus, calls[1].Error, calls[1].ResponseSample).ShouldBe((200, null, "[]"));
    }

    private BinanceFeed Feed(FeedOptions options) => new(options, "binance", _clock, _calls.Enqueue, NullLogger<BinanceFeed>.Instance);

    private void AnswerAlways(string body) => _stub.Answer = (context, _) => context.Response.WriteAsync(body);

    private async Task<ExchangeUnavailableException> FailsAsync(Task call)
    {
        await Should.ThrowAsync<ExchangeUnavailableException>(_clock.DriveAsync(call, TimeSpan.FromSeconds(2)));
        return (ExchangeUnavailableException)call.Exception!.InnerException!;
    }

    private static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);
}
