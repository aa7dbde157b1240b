using CryptoAI.Exchange.Simulation;

namespace CryptoAI.Tests.EndToEnd.Market;

/// <summary>The exchange's history fails just when holes of the stream make it needed.</summary>
public sealed class RestFaultTests(ITestOutputHelper output)
{
    [Fact]
    public Task Candles_are_exact_after_answers_429() => RunAsync(new Fault(FaultKind.RestTooManyRequests) { Probability = 0.5 });

    [Fact]
    public Task Candles_are_exact_after_a_ban() => RunAsync(new Fault(FaultKind.RestBanned) { Amount = TimeSpan.FromSeconds(20), Count = 2 });

    [Fact]
    public Task Candles_are_exact_after_answers_500() => RunAsync(new Fault(FaultKind.RestError) { Probability = 0.7 });

    [Fact]
    public Task Candles_are_exact_after_slow_truncated_and_refused_answers() => RunAsync(
        new Fault(FaultKind.RestSlow) { Probability = 0.5, Amount = TimeSpan.FromSeconds(5) },
        new Fault(FaultKind.RestTruncated) { Probability = 0.3 },
        new Fault(FaultKind.RestRefuse) { Probability = 0.3 });

    /// <summary>Its clock stays right, so that a minute's end is no proof that its trades are all in the history.</summary>
    [Fact]
    public async Task Candles_are_exact_though_the_history_lags_its_clock_from_the_start_on()
    {
        var behind = new Fault(FaultKind.RestBehind) { Amount = TimeSpan.FromSeconds(45) };
        var found = await Scenario.RunAsync(output, [new Fault(FaultKind.OmitKlineClose) { Probability = 0.5 }, behind], atStart: behind);
        found.Differing.ShouldBe(0, "what the history lacked at first is no difference");
    }

    [Fact]
    public Task Candles_are_exact_though_the_history_lags_its_clock_by_more_than_a_minute() => Scenario.RunAsync(
        output,
        [new Fault(FaultKind.OmitKlineClose) { Probability = 0.5 }, new Fault(FaultKind.RestBehind) { Amount = TimeSpan.FromSeconds(100) }]);

    private Task RunAsync(params Fault[] faults) => Scenario.RunAsync(
        output,
        [
            new Fault(FaultKind.Hole) { Probability = 0.05 },
            new Fault(FaultKind.OmitKlineClose) { Probability = 0.5 },
            .. faults,
        ]);
}
