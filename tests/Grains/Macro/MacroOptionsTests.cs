using System.ComponentModel.DataAnnotations;
using System.Text;
using CryptoAI.Exchange.Providers;
using CryptoAI.Grains.Macro;
using CryptoAI.Tests.Shared;
using Microsoft.Extensions.Configuration;

namespace CryptoAI.Tests.Grains.Macro;

/// <summary>docs/PROVIDERS.md held to the code.</summary>
public sealed class MacroOptionsTests
{
    [Fact]
    public void The_sample_of_providers_is_valid_and_names_the_daily_series_that_the_market_is_told_from()
    {
        var page = Repository.Read("docs/PROVIDERS.md");
        var sample = page.Split("```json")[1].Split("```")[0];
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(sample));
        var providers = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection(ProvidersOptions.Section).Get<ProvidersOptions>()!;
        providers.Validate(new ValidationContext(providers)).ShouldBeEmpty();

        var daily = providers.Sources.Values.SelectMany(static source => source.Series).Where(static series => series.Value.Timeframe == "1d").Select(static series => series.Key).ToArray();
        var macro = new MacroOptions();
        daily.ShouldContain(macro.StablecoinSeries);
        daily.ShouldContain(macro.DominanceSeries);
        macro.ExternalIndexes.ShouldNotBeEmpty();
        macro.ExternalIndexes.ShouldBeSubsetOf(daily);
    }
}
