using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Api.Operations;

public sealed class StartPageTests
{
    [BrowserFact]
    public async Task The_page_says_that_the_market_is_simulated_and_shows_prices_as_they_come()
    {
        await using var rig = await ApiRig.StartAsync();
        await rig.LiveAsync();
        await using var browser = await Browser.OpenAsync(rig.Address);
        async Task<string> TextAsync(string expression) => (await browser.EvaluateAsync(expression)).GetString()!;

        await Eventually.TrueAsync(async () => (await TextAsync("document.getElementById('connection')?.textContent ?? ''")).StartsWith("Connected: 1", StringComparison.Ordinal));
        (await TextAsync("document.getElementById('source').textContent")).ShouldContain("SIMULATED");

        const string FirstRow = "document.getElementById('prices')?.rows[0]?.innerText ?? ''";
        var first = await TextAsync(FirstRow);
        first.ShouldContain("BTC");
        await Eventually.TrueAsync(async () => await TextAsync(FirstRow) != first);
        browser.Errors.ShouldBeEmpty();
    }
}
