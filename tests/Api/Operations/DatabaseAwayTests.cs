using System.Text.Json;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Operations;

/// <summary>The database goes away under the running product.</summary>
public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task Without_its_database_the_product_says_so_and_prices_flow_on()
    {
        await using var rig = await ApiRig.StartAsync("--Feed:Symbols", "BTCUSDT");
        await rig.LiveAsync();
        await using var client = await rig.ConnectAsync();
        await client.InvokeAsync("Subscribe", (string[])["BTC"], (string[])["1m"]);
        await client.NextAsync("price");

        await rig.DropDatabaseAsync();

        foreach (var path in (string[])["cryptocurrencies", "cryptocurrencies/BTC", "cryptocurrencies/BTC/candles?timeframe=1m", "cryptocurrencies/BTC/signals"])
        {
            var problem = await rig.RefusedAsync("/api/v1/" + path, 503);
            problem.GetProperty("detail").GetString()!.ShouldContain("database");
            problem.ToString().ShouldNotContain("Npgsql");
        }

        // On a busy machine a check may at first not answer in time.
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await rig.Http.GetAsync("/health/ready");
            ((int)answer.StatusCode).ShouldBe(503);
            var failed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("checks").EnumerateArray()
                .Where(static check => !check.GetProperty("isOk").GetBoolean()).ToArray();
            return failed is [var only]
                && only.GetProperty("name").GetString() == "database"
                && only.GetProperty("reason").GetString()!.Contains("database", StringComparison.OrdinalIgnoreCase);
        });

        (await rig.GetAsync("/health/live")).GetProperty("status").GetString().ShouldBe("live");
        (await rig.GetAsync("/api/v1/market/feed")).GetProperty("isSimulated").GetBoolean().ShouldBeTrue();
        while (client.Events.TryRead(out _))
        {
            // Prices from before.
        }

        await client.NextAsync("price");
    }
}
