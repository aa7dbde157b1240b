using CryptoAI.Exchange;
using CryptoAI.Exchange.Market;
using CryptoAI.Exchange.Simulation;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Tests.Shared;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CryptoAI.Tests.Exchange.Market;

public sealed class MarketFeedSelectorTests
{
    [Theory]
    [InlineData("/api/v3/ping", "{}")]
    [InlineData("/api/v3/time", """{"serverTime":1672515782136}""")]
    public async Task Auto_takes_an_exchange_that_answers(string path, string body)
    {
        // However long the answer takes here, it comes in time.
        var clock = new ManualClock();
        await using var stub = await RestStub.StartAsync(clock);
        stub.Answer = (context, _) =>
        {
            context.Response.StatusCode = context.Request.Path == path ? 200 : 404;
            return context.Response.WriteAsync(body);
        };
        await using var selector = Selector(new() { RestUrl = stub.Url }, clock);
        (await selector.GetAsync(CancellationToken.None)).Source.ShouldBe("binance");
        (await selector.GetAsync(CancellationToken.None)).ShouldBeSameAs(await selector.GetAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Auto_simulates_when_nobody_answers_and_binance_never_does()
    {
        var clock = new ManualClock();
        await using var automatic = Selector(new() { RestUrl = "http://127.0.0.1:1" }, clock);
        var selecting = automatic.GetAsync(CancellationToken.None);
        await clock.DriveAsync(selecting, TimeSpan.FromSeconds(3));
        (await selecting).Source.ShouldBe("simulated");
        await using var fixedly = Selector(new() { RestUrl = "http://127.0.0.1:1", Source = FeedSource.Binance });
        (await fixedly.GetAsync(CancellationToken.None)).Source.ShouldBe("binance");
    }

    [Fact]
    public async Task The_simulated_exchange_is_spoken_to_like_any_other()
    {
        await using var selector = Selector(new()
        {
            Source = FeedSource.Simulated,
            RequestTimeout = TimeSpan.FromMinutes(1),
            ConnectTimeout = TimeSpan.FromMinutes(1),
            AckTimeout = TimeSpan.FromMinutes(1),
            ConnectionStaleAfter = TimeSpan.FromMinutes(10),
        });
        var feed = await selector.GetAsync(CancellationToken.None);
        feed.Source.ShouldBe("simulated");

        var symbols = await feed.GetSymbolsAsync(CancellationToken.None);
        var btc = symbols.Single(symbol => symbol.Pair == "BTCUSDT");
        (await feed.GetQuoteVolumesAsync(CancellationToken.None))["BTCUSDT"].ShouldBeGreaterThan(0);
        var to = Timeframe.M1.Floor(feed.Now);
        var from = to - (1_500 * 60_000);
        var klines = await feed.GetKlinesAsync("BTCUSDT", Timeframe.M1, from, to, CancellationToken.None);
        klines.Select(kline => kline.OpenTime).ShouldBe(Enumerable.Range(0, 1_500).Select(i => from + (i * 60_000L)));

        var page = await feed.GetTradesFromTimeAsync(btc, to - 60_000, to, CancellationToken.None);
        page.Trades.Length.ShouldBeGreaterThan(0);
        (await feed.GetTradesFromIdAsync(btc, page.Trades[0].Id, 2, CancellationToken.None)).Trades.ShouldBe(page.Trades[..2]);

        await using var stream = feed.OpenStream([.. symbols.Take(20)]);
        var decoder = new FrameDecoder([.. symbols.Take(20)]);
        var last = new Dictionary<int, long>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (last.Count < 2)
        {
            var chunk = await stream.ReadAsync(patience.Token);
            var start = 0;
            foreach (var end in chunk.Ends.ToArray())
            {
                var kind = decoder.Decode(chunk.Buffer.Span[start..end], out var decoded);
                kind.ShouldNotBe(FrameKind.Malformed);
                start = end;
                if (kind == FrameKind.Trade)
                {
                    decoded.Trade.Id.ShouldBe(last.GetValueOrDefault(decoded.SymbolIndex, decoded.Trade.Id - 1) + 1);
                    last[decoded.SymbolIndex] = decoded.Trade.Id;
                }
            }
        }
    }

    [Theory]
    [InlineData("Feed:Symbols", "top:", false)]
    [InlineData("Feed:Symbols", "top:20", true)]
    [InlineData("Feed:Symbols", "BTCUSDT, ETHUSDT", true)]
    [InlineData("Feed:Symbols", "BTCUSDT,,ETHUSDT", false)]
    [InlineData("Feed:RestUrl", "ftp://example.org", false)]
    [InlineData("Feed:RestUrl", "http://127.0.0.1:5000/", true)]
    [InlineData("Feed:StreamUrl", "nonsense", false)]
    [InlineData("Feed:StreamUrl", "ws://127.0.0.1:5000", true)]
    [InlineData("Feed:MaxFrameBytes", "0", false)]
    [InlineData("Feed:ControlMessagesPerSecond", "5", false)]
    [InlineData("Feed:RotateAfter", "24:00:00", false)]
    [InlineData("Feed:ConnectionStaleAfter", "00:00:05", true)]
    [InlineData("Feed:ReconnectBackoffMax", "00:00:00.1", false)]
    [InlineData("Feed:Source", "Binance", true)]
    public void Options_out_of_range_are_refused(string key, string value, bool isGood)
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build())
            .AddLogging()
            .AddExchange()
            .BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<FeedOptions>>();
        if (isGood)
        {
            options.Value.ShouldNotBeNull();
        }
        else
        {
            Should.Throw<OptionsValidationException>(() => options.Value);
        }
    }

    private static MarketFeedSelector Selector(FeedOptions options, TimeProvider? time = null) => new(
        Options.Create(options), Options.Create(new SimulationOptions { HistoryDays = 2 }), time ?? TimeProvider.System, static _ => { }, NullLoggerFactory.Instance);
}
