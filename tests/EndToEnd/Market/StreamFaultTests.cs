using CryptoAI.Exchange.Simulation;

namespace CryptoAI.Tests.EndToEnd.Market;

/// <summary>Whatever the stream does to frames and sockets, the stored candles are the exchange's.</summary>
public sealed class StreamFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Candles_are_exact_after_dropped_sockets_and_refused_connections()
    {
        var figures = await Scenario.RunAsync(
            output,
            [
                new Fault(FaultKind.RefuseConnections) { Count = 3 },
                new Fault(FaultKind.DropConnections),
            ]);

        figures.Feed.Reconnects.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Candles_are_exact_after_sockets_that_stay_open_and_say_nothing()
    {
        var figures = await Scenario.RunAsync(output, [new Fault(FaultKind.Stall) { Duration = TimeSpan.FromSeconds(70) }]);

        figures.Feed.Reconnects.ShouldBeGreaterThan(0);
        figures.GapsRepaired.ShouldBe(figures.GapsFound);
    }

    [Fact]
    public async Task Candles_are_exact_when_one_symbol_falls_silent() =>
        await Scenario.RunAsync(output, [new Fault(FaultKind.Stall) { Symbol = "ETHUSDT", Duration = TimeSpan.FromSeconds(90) }]);

    [Fact]
    public async Task Candles_are_exact_when_frames_come_twice()
    {
        var figures = await Scenario.RunAsync(output, [new Fault(FaultKind.Duplicate) { Probability = 0.5 }]);

        figures.Duplicates.ShouldBeGreaterThan(0);
        figures.Differing.ShouldBe(0);
    }

    [Fact]
    public async Task Candles_are_exact_when_frames_overtake_each_other() =>
        await Scenario.RunAsync(output, [new Fault(FaultKind.Reorder) { Probability = 0.5 }]);

    [Fact]
    public async Task Candles_are_exact_when_trades_are_left_out()
    {
        var figures = await Scenario.RunAsync(output, [new Fault(FaultKind.Hole) { Probability = 0.1 }]);

        figures.GapsFound.ShouldBeGreaterThan(0);
        figures.GapsRepaired.ShouldBe(figures.GapsFound);
    }

    [Fact]
    public async Task Candles_are_exact_without_the_streams_final_klines() =>
        await Scenario.RunAsync(output, [new Fault(FaultKind.OmitKlineClose)]);

    [Fact]
    public async Task Candles_are_exact_when_final_klines_on_the_stream_lie()
    {
        var figures = await Scenario.RunAsync(output, [new Fault(FaultKind.LyingKline)]);

        figures.Differing.ShouldBe(0, "the trades were right, and so is the exchange's history");
    }

    [Fact]
    public async Task Candles_are_exact_between_malformed_oversized_and_unknown_frames()
    {
        var figures = await Scenario.RunAsync(
            output,
            [
                new Fault(FaultKind.Malformed) { Probability = 0.1 },
                new Fault(FaultKind.Oversized) { Probability = 0.02 },
                new Fault(FaultKind.UnknownEvent) { Probability = 0.1 },
            ]);

        figures.Feed.MalformedFrames.ShouldBeGreaterThan(0);
        figures.Feed.OversizedFrames.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Candles_are_exact_when_frames_come_late() =>
        await Scenario.RunAsync(
            output,
            [
                new Fault(FaultKind.Delay) { Probability = 0.2 },
                new Fault(FaultKind.Delay) { Probability = 0.05, Amount = TimeSpan.FromSeconds(15) },
            ]);

    [Fact]
    public async Task Candles_are_exact_after_the_exchange_announces_its_shutdown() =>
        await Scenario.RunAsync(output, [new Fault(FaultKind.ServerShutdown)]);
}
