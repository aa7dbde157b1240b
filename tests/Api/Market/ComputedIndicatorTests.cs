using System.Text.Json;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Market;

/// <summary>Indicators that are computed for a request, over the running product.</summary>
[Collection(nameof(ProductFixture))]
public sealed class ComputedIndicatorTests(ProductFixture product)
{
    private const string Candles = "/api/v1/cryptocurrencies/BTC/candles?timeframe=1m";
    private readonly ApiRig _rig = product.Rig;

    [Fact]
    public async Task A_computed_value_is_the_one_that_is_stored()
    {
        JsonElement[] closed = [];
        await Eventually.TrueAsync(async () =>
        {
            closed = await ClosedAsync("&limit=50&indicators=sma20,rsi,macd,bollinger,atr,adx,sma(20),rsi(14),macd(12,26,9),bollinger(20,2),atr(14),adx(14)");
            return closed.All(candle => candle.TryGetProperty("indicators", out var stored) && stored.TryGetProperty("macdSignal", out _));
        });
        foreach (var candle in closed)
        {
            var (stored, computed) = (candle.GetProperty("indicators"), candle.GetProperty("computed"));
            foreach (var (name, indicator, output) in ((string, string, string)[])
            [
                ("sma20", "sma(20)", "value"), ("rsi14", "rsi(14)", "value"), ("macdSignal", "macd(12,26,9)", "signal"),
                ("bollingerUpper", "bollinger(20,2)", "upper"), ("atr14", "atr(14)", "value"), ("minusDi14", "adx(14)", "minusDi"),
            ])
            {
                var expected = stored.GetProperty(name).GetDouble();
                computed.GetProperty(indicator).GetProperty(output).GetDouble().ShouldBe(expected, 1e-6 * Math.Max(1, Math.Abs(expected)), name);
            }
        }
    }

    [Fact]
    public async Task Every_indicator_of_the_catalogue_can_be_asked_for()
    {
        var catalogue = (await _rig.GetAsync("/api/v1/indicators")).EnumerateArray().ToArray();
        catalogue.Length.ShouldBeGreaterThan(35);
        foreach (var few in catalogue.Chunk(10))
        {
            var asked = string.Join(',', few.Select(entry => Name(entry) + (Name(entry) == "avwap" ? $"({DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds()})" : "()")));
            var last = (await ClosedAsync($"&limit=3&to={DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeMilliseconds()}&indicators={asked}"))[^1].GetProperty("computed");
            foreach (var entry in few)
            {
                var value = last.EnumerateObject().Single(value => value.Name.Split('(')[0] == Name(entry)).Value;

                // A day of history has no whole day before today; nothing moves against itself.
                if (Name(entry) is not ("pivots" or "vwap" or "beta" or "correlation"))
                {
                    value.EnumerateObject().Select(output => output.Name).ShouldBe(entry.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()!), Name(entry));
                }
            }
        }
    }

    [Fact]
    public async Task A_value_does_not_depend_on_the_page_it_stands_on()
    {
        var to = DateTimeOffset.UtcNow.AddMinutes(-3).ToUnixTimeMilliseconds();
        const string asked = "ema(50),kama,stochrsi,keltner,ichimoku,hurst(64)";
        var wide = await ClosedAsync($"&limit=300&to={to}&indicators={asked}");
        var narrow = await ClosedAsync($"&limit=2&to={to}&indicators={asked}");
        foreach (var output in narrow[^1].GetProperty("computed").EnumerateObject().SelectMany(indicator => indicator.Value.EnumerateObject(), (indicator, value) => (indicator.Name, value)))
        {
            var same = wide[^1].GetProperty("computed").GetProperty(output.Name).GetProperty(output.value.Name).GetDouble();
            output.value.Value.GetDouble().ShouldBe(same, 1e-6 * Math.Max(1, Math.Abs(same)), $"{output.Name} {output.value.Name}");
        }
    }

    [Fact]
    public async Task Beta_of_the_benchmark_itself_is_one()
    {
        var last = (await ClosedAsync($"&limit=2&to={DateTimeOffset.UtcNow.AddMinutes(-3).ToUnixTimeMilliseconds()}&indicators=beta(30,BTC),correlation(30,btc)"))[^1].GetProperty("computed");
        last.GetProperty("beta(30,BTC)").GetProperty("value").GetDouble().ShouldBe(1, 1e-9);
        last.GetProperty("correlation(30,BTC)").GetProperty("value").GetDouble().ShouldBe(1, 1e-9);
    }

    [Theory]
    [InlineData("magic(3)", "not an indicator")]
    [InlineData("rsi(0)", "period must be 1 to 200")]
    [InlineData("rsi(14", "Must be written")]
    [InlineData("macd(26,12,9)", "rising order")]
    [InlineData("avwap", "Needs anchor")]
    [InlineData("avwap(2020-01-01)", "at most 6000")]
    [InlineData("pivots(classic,week)", "at most 6000")]
    [InlineData("beta(30,NOPE)", "not a followed asset")]
    [InlineData("beta(30,'%20or%201=1)", "benchmark must be an asset")]
    [InlineData("sma(1),sma(2),sma(3),sma(4),sma(5),sma(6),sma(7),sma(8),sma(9),sma(10),sma(11)", "At most 10")]
    public async Task What_cannot_be_computed_is_refused_with_field_and_reason(string asked, string reason)
    {
        var error = (await _rig.RefusedAsync($"{Candles}&limit=3&indicators={asked}", 400)).GetProperty("errors").EnumerateObject().ShouldHaveSingleItem();
        error.Name.ShouldBe("indicators");
        error.Value[0].GetString()!.ShouldContain(reason);
    }

    private static string Name(JsonElement entry) => entry.GetProperty("name").GetString()!;

    private async Task<JsonElement[]> ClosedAsync(string query) =>
        [.. (await _rig.GetAsync(Candles + query)).GetProperty("items").EnumerateArray().Where(candle => candle.GetProperty("isClosed").GetBoolean())];
}
