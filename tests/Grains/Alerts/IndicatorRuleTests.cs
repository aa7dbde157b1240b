using CryptoAI.Grains.Alerts;
using CryptoAI.Grains.Interfaces.Alerts;
using CryptoAI.Grains.Interfaces.Market;
using CryptoAI.Grains.Interfaces.Operations;

namespace CryptoAI.Tests.Grains.Alerts;

public sealed class IndicatorRuleTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("rsi", null, "rsi(14)", "value")]
    [InlineData(" MACD( 12, 26 ) ", "histogram", "macd(12,26,9)", "histogram")]
    [InlineData("obv(2025-06-01)", null, "obv(1748736000000)", "value")]
    [InlineData("beta(60,eth)", null, "beta(60,ETH)", "value")]
    public void An_indicator_is_kept_as_the_catalogue_writes_it(string text, string? output, string kept, string keptOutput) =>
        AlertRules.Check(Request(text, output), Now).Indicator.ShouldBe(new IndicatorValue(kept, keptOutput, Timeframe.H1));

    [Theory]
    [InlineData("obv", "indicator", "running total")]
    [InlineData("ad()", "indicator", "running total")]
    [InlineData("avwap(2010-01-01)", "indicator", "6,000 candles")]
    [InlineData("moonphase", "indicator", "Is not an indicator")]
    [InlineData("rsi(0)", "indicator", "period must be")]
    [InlineData("macd", "output", "line, signal, histogram")]
    public void What_cannot_be_watched_is_refused_with_its_reason(string text, string field, string reason)
    {
        var refused = Should.Throw<RefusedException>(() => AlertRules.Check(Request(text, null), Now));
        refused.Field.ShouldBe(field);
        refused.Message.ShouldContain(reason);
    }

    [Fact]
    public void Conditions_belong_to_their_kinds_of_alerts()
    {
        Refused(Request("rsi", null) with { Condition = AlertCondition.Equals }).ShouldBe("condition");
        Refused(Request("rsi", null) with { TriggerValue = null }).ShouldBe("value");
        Refused(Request("rsi", null) with { Indicator = null }).ShouldBe("indicator");
        Refused(Request("rsi", null) with { Type = AlertType.PriceTarget, Condition = AlertCondition.Above }).ShouldBe("indicator");
        Refused(Request("rsi", null) with { Type = AlertType.PriceTarget, Indicator = null }).ShouldBe("condition");

        static string? Refused(AlertRequest request) => Should.Throw<RefusedException>(() => AlertRules.Check(request, Now)).Field;
    }

    private static AlertRequest Request(string text, string? output) => new(
        AlertType.Indicator, AlertCondition.CrossesBelow, 30, null, null, null, [AlertChannel.Push], null, new IndicatorValue(text, output, Timeframe.H1));
}
