using System.Globalization;
using CryptoAI.Analysis.Indicators.Catalogue;
using CryptoAI.Tests.Shared;

namespace CryptoAI.Tests.Analysis.Indicators.Catalogue;

/// <summary>How indicators are written, and what is written about them.</summary>
public sealed class CatalogueTextTests
{
    [Theory]
    [InlineData("rsi", "rsi(14)")]
    [InlineData(" RSI ( 7 ) ", "rsi(7)")]
    [InlineData("macd(12,26,9)", "macd(12,26,9)")]
    [InlineData("macd(5)", "macd(5,26,9)")]
    [InlineData("supertrend(10,3)", "supertrend(10,3)")]
    [InlineData("bollinger(020,2.50)", "bollinger(20,2.5)")]
    [InlineData("vwap()", "vwap()")]
    [InlineData("avwap(2024-01-01)", "avwap(1704067200000)")]
    [InlineData("avwap(2024-01-01T01:00+01:00)", "avwap(1704067200000)")]
    [InlineData("beta(30,eth)", "beta(30,ETH)")]
    [InlineData("pivots(Fibonacci,WEEK)", "pivots(fibonacci,week)")]
    public void An_indicator_is_read_from_its_text_and_written_with_every_argument(string text, string canonical)
    {
        CatalogueTests.Parse(text).Text.ShouldBe(canonical);
        CatalogueTests.Parse(canonical).Text.ShouldBe(canonical);
    }

    [Theory]
    [InlineData("", "not an indicator")]
    [InlineData("magic(3)", "not an indicator")]
    [InlineData("rsi(", "rsi(period)")]
    [InlineData("rsi)", "not an indicator")]
    [InlineData("rsi(14", "rsi(period)")]
    [InlineData("rsi(0)", "period must be 1 to 200")]
    [InlineData("rsi(201)", "period must be 1 to 200")]
    [InlineData("rsi(-14)", "period must be")]
    [InlineData("rsi(1e2)", "period must be")]
    [InlineData("rsi(14.5)", "period must be")]
    [InlineData("rsi(99999999999999999999)", "period must be")]
    [InlineData("rsi(14,2)", "at most 1")]
    [InlineData("rsi(,)", "at most 1")]
    [InlineData("sma(NaN)", "period must be")]
    [InlineData("bollinger(20,NaN)", "width must be 0.1 to 10")]
    [InlineData("bollinger(20,Infinity)", "width must be")]
    [InlineData("bollinger(20,11)", "width must be")]
    [InlineData("macd(26,12,9)", "rising order")]
    [InlineData("psar(0.3,0.2)", "step must not be above")]
    [InlineData("avwap", "Needs anchor")]
    [InlineData("avwap()", "Needs anchor")]
    [InlineData("avwap(yesterday)", "anchor must be a moment")]
    [InlineData("avwap(999999999999999999)", "anchor must be a moment")]
    [InlineData("beta(60,B;C)", "benchmark must be an asset")]
    [InlineData("beta(60,)", "benchmark must be an asset")]
    [InlineData("pivots(woodie)", "classic or fibonacci or camarilla")]
    public void What_is_no_indicator_is_refused_with_the_reason(string text, string reason)
    {
        IndicatorCatalogue.TryParse(text, out var spec, out var said).ShouldBeFalse(text);
        spec.ShouldBeNull();
        said!.ShouldContain(reason);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_none_fails()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] pieces = ["rsi", "macd", "avwap", "beta", "(", ")", ",", "14", "-", ".", "1e9", " ", "BTC", "2024-01-01", "\0", "é", "((", "0x1"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (IndicatorCatalogue.TryParse(text, out var spec, out var reason))
            {
                CatalogueTests.Parse(spec!.Text).Text.ShouldBe(spec.Text, $"seed {seed}");
            }
            else
            {
                reason.ShouldNotBeNullOrEmpty($"'{text}', seed {seed}");
            }
        }
    }

    [Fact]
    public void An_anchor_asks_for_the_candles_since_it_and_a_week_for_two()
    {
        const long minute = 60_000, start = 1_704_067_200_000;
        CatalogueTests.Parse("avwap(2024-01-01)").CandlesBefore(start + (90 * minute), minute).ShouldBe(90);
        CatalogueTests.Parse("avwap(2024-01-01)").CandlesBefore(start - minute, minute).ShouldBe(0);
        CatalogueTests.Parse("obv").CandlesBefore(start, minute).ShouldBe(0);
        CatalogueTests.Parse("pivots(classic,week)").CandlesBefore(start, 60 * minute).ShouldBe(14 * 24);
        CatalogueTests.Parse("vwap").CandlesBefore(start, 5 * minute).ShouldBe(288);
    }

    /// <summary>Run once with CRYPTOAI_ACCEPT_INDICATORS=1, the test writes the table.</summary>
    [Fact]
    public void The_documentation_lists_the_catalogue()
    {
        const string file = "docs/INDICATORS.md", mark = "<!-- catalogue -->\n";
        var table = "| name | what | parameters | outputs | source and convention | warm-up |\n|---|---|---|---|---|---|\n"
            + string.Concat(IndicatorCatalogue.Entries.Select(Row));
        var text = Repository.Read(file);
        var before = text[..(text.IndexOf(mark, StringComparison.Ordinal) + mark.Length)];
        if (Environment.GetEnvironmentVariable("CRYPTOAI_ACCEPT_INDICATORS") == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, file), before + table);
            return;
        }

        text.ShouldBe(before + table);
    }

    private static string Row(IndicatorEntry entry)
    {
        var parameters = entry.Parameters.Select(parameter => parameter.Standard is null
            ? $"{parameter.Name} ({parameter.Range})"
            : $"{parameter.Name} = {parameter.Standard} ({parameter.Range})");
        var known = IndicatorCatalogue.TryParse(entry.Name, out var spec, out _) ? spec!.WarmUp.ToString(CultureInfo.InvariantCulture) : "1";
        var warmUp = entry.Name switch { "pivots" => "1 whole span", "vwap" => "a day's first candle", _ => known };
        return $"| `{entry.Name}` | {entry.Title} | {string.Join("; ", parameters)} | {string.Join(", ", entry.Outputs)} | {entry.Source} | {warmUp} |\n";
    }
}
