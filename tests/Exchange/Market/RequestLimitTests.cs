using CryptoAI.Exchange.Market;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CryptoAI.Tests.Exchange.Market;

/// <summary>What the exchange asks of its callers: weights, Retry-After, bans; and what we ask of ourselves: bounds and order.</summary>
public sealed class RequestLimitTests : IAsyncLifetime
{
    private static readonly SymbolInfo Btc = Frames.Symbols[0];
    private static readonly TimeSpan Reach = TimeSpan.FromSeconds(2);

    private readonly ManualClock _clock = new();
    private RestStub _stub = null!;
    private BinanceFeed _feed = null!;
    private int _reported;

    public async Task InitializeAsync()
    {
        _stub = await RestStub.StartAsync(_clock);
        _stub.Answer = (context, _) => context.Response.WriteAsync("[]");
        _feed = Feed(new() { RestUrl = _stub.Url, WeightLimitPerMinute = 100 });
    }

    public async Task DisposeAsync()
    {
        await _feed.DisposeAsync();
        await _stub.DisposeAsync();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(418)]
    public async Task No_call_leaves_before_a_retry_after_is_over(int status)
    {
        _stub.Answer = (context, before) => Refuse(context, before == 0 ? status : 200, "30");
        var first = TradesAsync();
        await Eventually.TrueAsync(() => _reported == 1);
        var others = Enumerable.Range(0, 3).Select(_ => TradesAsync()).ToArray();

        _clock.Advance(TimeSpan.FromSeconds(29.9));
        _stub.Requests.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        await Task.WhenAll([first, .. others]);

        var refusedAt = _stub.Requests[0].At;
        _stub.Requests.Count.ShouldBe(5);
        _stub.Requests.Skip(1).ShouldAllBe(request => request.At >= refusedAt.AddSeconds(30));
    }

    [Fact]
    public async Task A_long_ban_is_told_instead_of_waited_for_and_no_call_leaves_meanwhile()
    {
        _stub.Answer = (context, before) => Refuse(context, before == 0 ? 418 : 200, "300");
        (await Should.ThrowAsync<ExchangeUnavailableException>(TradesAsync())).RetryAfter.ShouldBe(TimeSpan.FromSeconds(300));
        _clock.Advance(TimeSpan.FromSeconds(100));
        (await Should.ThrowAsync<ExchangeUnavailableException>(TradesAsync())).RetryAfter.ShouldBe(TimeSpan.FromSeconds(200));
        _stub.Requests.Count.ShouldBe(1);

        _clock.Advance(TimeSpan.FromSeconds(200));
        (await TradesAsync()).Trades.ShouldBeEmpty();
        _stub.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_exchange_that_refuses_forever_is_given_up()
    {
        _stub.Answer = (context, _) => Refuse(context, 429, "1");
        var call = TradesAsync();
        await Should.ThrowAsync<ExchangeUnavailableException>(_clock.DriveAsync(call, Reach));
        _stub.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task The_weight_of_a_minute_is_never_exceeded()
    {
        // 60 calls of weight 4, with 90 of 100 a minute allowed: 22 in the first minute, 22 in the second, 16 in the third.
        var calls = Enumerable.Range(0, 60).Select(_ => TradesAsync()).ToArray();
        foreach (var (sofar, waiting) in ((int, int)[])[(22, 38), (44, 16), (60, 0)])
        {
            await Eventually.TrueAsync(() => calls.Count(call => !call.IsCompleted) == waiting);
            _stub.Requests.Count.ShouldBe(sofar);
            _clock.Advance(TimeSpan.FromSeconds(61));
        }

        _stub.Requests.GroupBy(request => request.At.Minute).Select(minute => minute.Count()).ShouldBe([22, 22, 16]);
    }

    [Fact]
    public async Task The_weight_that_the_exchange_says_is_used_counts()
    {
        _stub.Answer = (context, _) =>
        {
            context.Response.Headers["X-MBX-USED-WEIGHT-1M"] = "88";
            return context.Response.WriteAsync("[]");
        };
        await TradesAsync();
        var second = TradesAsync();
        _clock.Advance(TimeSpan.FromSeconds(61));
        await second;

        (_stub.Requests[1].At.Minute - _stub.Requests[0].At.Minute).ShouldBe(1);
    }

    [Fact]
    public async Task A_repair_goes_before_a_backfill_that_was_waiting_longer()
    {
        await using var feed = Feed(new() { RestUrl = _stub.Url, MaxConcurrentRequests = 1 });
        var busy = new TaskCompletionSource();
        _stub.Answer = async (context, before) =>
        {
            await (before == 0 ? busy.Task : Task.CompletedTask);
            await context.Response.WriteAsync("[]");
        };
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var first = feed.GetQuoteVolumesAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => _stub.Requests.Count == 1);
        var backfill = feed.GetKlinesAsync("BTCUSDT", Timeframe.M1, now - (2_000 * 60_000), now, CancellationToken.None);
        var repair = feed.GetTradesFromIdAsync(Btc, 1, 10, CancellationToken.None);
        busy.SetResult();
        await Task.WhenAll(first, backfill, repair);

        _stub.Requests.Select(request => request.Path).ShouldBe(["/api/v3/ticker/24hr", "/api/v3/aggTrades", "/api/v3/klines"]);
    }

    [Fact]
    public async Task No_more_than_eight_requests_are_under_way()
    {
        var full = new TaskCompletionSource();
        _stub.Answer = async (context, before) =>
        {
            if (before == 7)
            {
                full.SetResult();
            }

            await full.Task;
            await context.Response.WriteAsync("[]");
        };
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TradesAsync())).WaitAsync(TimeSpan.FromSeconds(60));
        _stub.MostInFlight.ShouldBe(8);
    }

    [Fact]
    public async Task A_server_error_is_tried_three_times_with_growing_pauses()
    {
        _stub.Answer = (context, _) => Refuse(context, 503, null);
        await Should.ThrowAsync<ExchangeUnavailableException>(_clock.DriveAsync(TradesAsync(), Reach));

        var times = _stub.Requests.Select(request => request.At).ToArray();
        times.Length.ShouldBe(3);
        (times[1] - times[0]).ShouldBeInRange(TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500));
        (times[2] - times[1]).ShouldBeInRange(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1_000));
    }

    [Fact]
    public async Task A_call_that_gets_no_answer_ends()
    {
        var never = new TaskCompletionSource();
        _stub.Answer = (_, _) => never.Task;
        var call = TradesAsync();
        for (var tries = 1; tries <= 3; tries++)
        {
            await Eventually.TrueAsync(() => _stub.Requests.Count == tries);
            _clock.Advance(TimeSpan.FromSeconds(10));
            await Eventually.TrueAsync(() => _reported == tries);
            // The pause before the next try.
            await Eventually.TrueAsync(() => call.IsCompleted || _clock.NextTimer < Reach);
            _clock.Advance(Reach);
        }

        never.SetResult();
        (await Should.ThrowAsync<ExchangeUnavailableException>(call)).Message.ShouldContain("no answer within 10 s");
        _stub.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_cancelled_call_says_so_whether_it_waits_or_is_under_way()
    {
        var never = new TaskCompletionSource();
        _stub.Answer = (_, _) => never.Task;
        using var cancellation = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 12).Select(_ => _feed.GetTradesFromIdAsync(Btc, 0, 1, cancellation.Token)).ToArray();
        await Eventually.TrueAsync(() => _stub.Requests.Count == 8);
        await cancellation.CancelAsync();
        foreach (var call in calls)
        {
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        never.SetResult();
        _stub.Answer = (context, _) => context.Response.WriteAsync("[]");
        await TradesAsync();
    }

    [Fact]
    public async Task An_exchange_that_is_not_there_is_unavailable()
    {
        await using var feed = Feed(new() { RestUrl = "http://127.0.0.1:1" });
        await Should.ThrowAsync<ExchangeUnavailableException>(_clock.DriveAsync(feed.GetSymbolsAsync(CancellationToken.None), Reach));
    }

    private Task<TradePage> TradesAsync() => _feed.GetTradesFromIdAsync(Btc, 0, 1, CancellationToken.None);

    private BinanceFeed Feed(FeedOptions options) => new(options, "binance", _clock, _ => Interlocked.Increment(ref _reported), NullLogger<BinanceFeed>.Instance);

    private static Task Refuse(HttpContext context, int status, string? retryAfter)
    {
        context.Response.StatusCode = status;
        if (status >= 400)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        return context.Response.WriteAsync("[]");
    }
}
