using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CryptoAI.Tests.Api.Market;
using CryptoAI.Tests.Api.Users;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Alerts;

/// <summary>Alerts on indicators, over the running product.</summary>
[Collection(nameof(ProductFixture))]
public sealed class IndicatorAlertApiTests(ProductFixture product)
{
    private const string Alerts = "/api/v1/alerts";

    [Fact]
    public async Task Every_indicator_of_the_catalogue_can_be_asked_for_in_an_alert()
    {
        using var ada = await product.Rig.SignInAsync(plan: "enterprise");
        var catalogue = (await product.Rig.GetAsync("/api/v1/indicators")).EnumerateArray().ToArray();
        catalogue.Length.ShouldBeGreaterThan(35);
        foreach (var entry in catalogue)
        {
            var name = entry.GetProperty("name").GetString()!;
            var text = name is "avwap" or "obv" or "ad" ? $"{name}({DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds()})" : name;
            var output = entry.GetProperty("outputs").EnumerateArray().Last().GetString()!;
            using var answer = await ada.Http.PostAsJsonAsync(
                Alerts, new { symbol = "ETH", type = "indicator", indicator = text, output, timeframe = "5m", condition = "crosses_above", value = 1e11 });
            answer.StatusCode.ShouldBe(HttpStatusCode.Created, $"{text}: {await answer.Content.ReadAsStringAsync()}");
            var made = await answer.Content.ReadFromJsonAsync<JsonElement>();
            var read = await ada.Http.GetFromJsonAsync<JsonElement>($"{Alerts}/{made.GetProperty("id").GetInt64()}");
            read.GetProperty("indicator").GetString()!.Split('(')[0].ShouldBe(name);
            read.GetProperty("output").GetString().ShouldBe(output);
            read.GetProperty("timeframe").GetString().ShouldBe("5m");
            read.GetProperty("status").GetString().ShouldBe("active");
        }
    }

    [Theory]
    [InlineData("""{"symbol":"BTC","type":"indicator","timeframe":"1h","condition":"above","value":1}""", "indicator", "Required")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"magic(3)","timeframe":"1h","condition":"above","value":1}""", "indicator", "not an indicator")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"beta(60,NOPE)","timeframe":"1h","condition":"above","value":1}""", "indicator", "not a followed asset")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"obv","timeframe":"1h","condition":"above","value":1}""", "indicator", "running total")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"macd","timeframe":"1h","condition":"above","value":1}""", "output", "line, signal, histogram")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"rsi","timeframe":"7m","condition":"above","value":1}""", "timeframe", "expected here")]
    [InlineData("""{"symbol":"BTC","type":"indicator","indicator":"rsi","timeframe":"1h","condition":"equals","value":1}""", "condition", "crosses_above")]
    public async Task What_is_wrong_with_an_alert_on_an_indicator_is_named(string body, string field, string reason)
    {
        using var ada = await product.Rig.SignInAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await ada.Http.PostAsync(Alerts, content);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().ShouldHaveSingleItem();
        (error.Name, error.Value[0].GetString()!.Contains(reason, StringComparison.Ordinal)).ShouldBe((field, true), error.ToString());
    }
}
